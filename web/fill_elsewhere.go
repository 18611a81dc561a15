package web

import (
	"filodiretto/inbox"
	"filodiretto/web/page"
)

// elsewhere is the way to write to the person that is barred for no other reason than
// that its mailbox is another office's; nil where there is none, or where the case may
// not be offered to that office now.
func (f *filling) elsewhere(o *inbox.Options, tried string) *page.Elsewhere {
	for i := range o.List {
		opt := &o.List[i]
		if opt.Barred != "other_office" || opt.Failed || opt.Identity.Value == tried || opt.Account.OfficeID == f.k.OfficeID {
			continue
		}
		if to := f.c.dir.Office(opt.Account.OfficeID); to == nil || to.Reserved {
			continue
		}
		return &page.Elsewhere{Channel: optionChannel(opt), Address: opt.Identity.Shown(), OfficeID: opt.Account.OfficeID, Office: f.c.office(opt.Account.OfficeID)}
	}
	return nil
}
