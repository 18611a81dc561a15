package web

import (
	"filodiretto/inbox"
	"filodiretto/web/page"
)

// elsewhere is the way to write to the person that is barred for no other reason than
// that its mailbox is another office's; nil where there is none. While an offer of the
// case waits for its answer it says whose the mailbox is and offers nothing.
func (f *filling) elsewhere(o *inbox.Options, tried string) (*page.Elsewhere, error) {
	for i := range o.List {
		opt := &o.List[i]
		if opt.Barred != "other_office" || opt.Failed || opt.Identity.Value == tried || opt.Account.OfficeID == f.k.OfficeID {
			continue
		}
		if to := f.c.dir.Office(opt.Account.OfficeID); to == nil || to.Reserved {
			continue
		}
		out := &page.Elsewhere{Channel: optionChannel(opt), Address: opt.Identity.Shown(), Office: f.c.office(opt.Account.OfficeID)}
		waits, err := f.handover()
		if waits == nil {
			out.OfficeID = opt.Account.OfficeID
		}
		return out, err
	}
	return nil, nil
}
