package web

import (
	"cmp"
	"strings"

	"filodiretto/channels"
	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/web/page"
)

// delivery is one recipient's line under a message.
func (c *caller) delivery(d *inbox.Delivery, now clock.Instant) page.Delivery {
	x := page.Delivery{ID: d.ID, Recipient: reached(d), Copy: d.Role == "cc", State: page.DeliveryState(d.State), Delayed: d.Delayed, At: d.UpdatedAt}
	switch {
	case d.State == inbox.Queued && d.Attempts == 0 && d.NextAt > now:
		x.State = page.DeliveryHeld
	case d.State == inbox.Queued && d.Attempts > 0:
		x.Next = d.NextAt
		x.Reason = c.reason(d)
	case lost(d):
		x.Reason = c.reason(d)
	}
	return x
}

// reason is why a delivery failed or waits: our words for the class, else the
// other side's own.
func (c *caller) reason(d *inbox.Delivery) string {
	switch {
	case d.Class == "":
	case lost(d) && c.say.Known("failure."+d.Class):
		return c.say.Text("failure."+d.Class, "who", reached(d))
	case c.say.Known("channel_error." + d.Class):
		return c.say.Text("channel_error." + d.Class)
	}
	return cmp.Or(d.Text, d.Code)
}

// serverSaid is the other side's answer, for who asks their administrator: its
// code, with its words where we have none of our own. What we decided ourselves
// is no answer of a server.
func (c *caller) serverSaid(class string, d *inbox.Delivery) string {
	switch {
	case class == inbox.NoAcceptance, class == inbox.NoDelivery: // the code is of when it was taken
		return ""
	case class == string(channels.Unconfirmed):
		return "" // it is not known which server it was, if one
	case d.Code == "" || d.Code[0] < '0' || d.Code[0] > '9':
		return ""
	case d.Kind == "pec" && reported(d.Code) && d.Text != "":
		return d.Text // the provider's own words, in Italian
	case c.say.Known("failure." + class):
		return d.Code
	}
	return strings.TrimSpace(d.Code + " " + d.Text)
}

func lost(d *inbox.Delivery) bool {
	switch d.State {
	case inbox.Failed, inbox.Blocked, inbox.Expired, inbox.Unknown:
		return true
	}
	return false
}

// failure is the entry that an answer which did not arrive gets, with the next
// step in it. What a robot sent gets none: nobody waits for it.
func (f *filling) failure(m *inbox.Message, d *inbox.Delivery) (page.Entry, bool) {
	if !lost(d) && d.Alarm == "" || m.Origin != inbox.FromOperator {
		return page.Entry{}, false
	}
	class := d.Class
	switch {
	case !lost(d):
		class = d.Alarm
	case d.State == inbox.Expired:
		class = "expired"
	case d.Class == string(channels.Unconfirmed):
	case d.State == inbox.Unknown:
		class = string(channels.UnknownOutcome)
	case d.Code == mailboxFull:
		class = "mailbox_full"
	case class == string(channels.RecipientGone) && strings.HasSuffix(d.Code, noDomain):
		class = "domain_gone"
	default:
		class = cmp.Or(certifiedClass(d, f.cv.Receipts[m.ID]), class)
	}
	x := &page.Failure{
		Number: f.k.Ref(), DeliveryID: d.ID, Recipient: reached(d), Class: class, Reason: f.c.serverSaid(class, d),
		MayRetry: f.c.mayWork(f.k) && lost(d) && inbox.MayRetry(m, d), MayDeal: f.c.mayWork(f.k), Done: d.DealtAt > 0, After: f.s.missingFor(f.c.say, class),
	}
	if class == "domain_gone" {
		_, x.After, _ = strings.Cut(d.Address, "@")
	}
	if lost(d) && d.Class == string(channels.RecipientGone) && d.IdentityID > 0 && d.Role != "cc" && f.c.may().People && f.k.CitizenID > 0 {
		x.CorrectURL = "/people/" + formatID(f.k.CitizenID) + "#identities"
	}
	return page.Entry{ID: d.ID, Version: int64(d.UpdatedAt) + int64(d.DealtAt), Kind: page.EntryFail, Channel: page.Channel(m.Channel), At: f.s.Inbox.FailedAt(d, f.cv.Receipts[m.ID]), Failure: x}, true
}

// noDomain is the code of an address whose domain does not exist (RFC 3463): more often
// misspelt than gone.
const noDomain = "5.1.2"

// mailboxFull is the code of a mailbox that takes nothing more (RFC 3463); the
// address itself is good (mail rule 60).
const mailboxFull = "5.2.2"

// ways are the ways in which the citizen can be answered.
func (f *filling) ways() (*inbox.Options, error) {
	if f.compose != nil && f.compose.Ways != nil {
		return f.compose.Ways, nil
	}
	return f.s.Inbox.Options(f.r.Context(), f.c.Viewer, f.k.ID)
}

// offerOthers adds to the failures that nobody dealt with the other ways in which
// the citizen can be reached.
func (f *filling) offerOthers(entries []page.Entry) error {
	var open []*page.Entry
	for i := range entries {
		if x := entries[i].Failure; x != nil && !x.Done {
			open = append(open, &entries[i])
		}
	}
	if len(open) == 0 || !f.c.mayWork(f.k) {
		return nil
	}
	o, err := f.ways()
	if err != nil {
		return err
	}
	for _, e := range open {
		tried := f.triedAt(e.Failure.DeliveryID)
		for i := range o.List {
			if opt := &o.List[i]; opt.Barred == "" && !opt.Failed && opt.Identity.Value != tried && len(e.Failure.OtherChannels) < mostOthers {
				e.Failure.OtherChannels = append(e.Failure.OtherChannels, page.Choice{Value: optionValue(opt), Label: f.wayWords(opt, e.Channel)})
			}
		}
	}
	return f.offerLast(open, o)
}

// triedAt is the address of a delivery: to send the same there again is no other way,
// and where only a receipt is missing it would arrive twice.
func (f *filling) triedAt(delivery int64) string {
	for i := range f.cv.Entries {
		for _, d := range f.cv.Entries[i].Deliveries {
			if d.ID == delivery {
				return d.Address
			}
		}
	}
	return ""
}

// offerLast adds to the failures for which no other channel is left how to go on:
// the person's telephone, else where a letter goes, else where one is added. A
// receipt that is only missing may come yet.
func (f *filling) offerLast(open []*page.Entry, o *inbox.Options) error {
	var last *page.LastMeans
	for _, e := range open {
		if len(e.Failure.OtherChannels) > 0 || e.Failure.Class == inbox.NoAcceptance {
			continue
		}
		if last == nil {
			m, err := f.s.Inbox.OtherMeans(f.r.Context(), f.c.Viewer, f.k.ID)
			if err != nil {
				return err
			}
			last = f.lastMeans(m)
			if last.Elsewhere, err = f.elsewhere(o, f.triedAt(e.Failure.DeliveryID)); err != nil {
				return err
			}
		}
		e.Failure.Last = last
	}
	return nil
}

func (f *filling) lastMeans(m *inbox.Means) *page.LastMeans {
	x := &page.LastMeans{NoteURL: caseURL(f.view, f.k.Ref()) + "&compose=note"}
	if f.c.may().People {
		x.PersonURL = "/people/" + formatID(m.PersonID) + "#identities"
	}
	for i := range m.Phones {
		if len(x.Phones) < mostOthers {
			x.Phones = append(x.Phones, page.Choice{Value: m.Phones[i].Value, Label: m.Phones[i].Shown()})
		}
	}
	if len(m.Addresses) > 0 {
		x.Address = m.Addresses[0].Shown()
	}
	return x
}

// mostOthers is how many other ways stand under a failure; the composer has all.
const mostOthers = 3

// wayWords is a way to answer in words: the channel, and the address where the
// failed one was of that channel too.
func (f *filling) wayWords(o *inbox.Option, failed page.Channel) string {
	name := f.c.say.Either("channel.name_", o.Account.Kind, o.Account.Kind)
	if page.Channel(o.Account.Kind) == failed {
		return name + " (" + o.Identity.Shown() + ")"
	}
	return name
}

// again is the text of an answer of this case that did not arrive, for who writes
// it once more on another way (mail rule 63).
func (f *filling) again(delivery int64) string {
	for i := range f.cv.Entries {
		e := &f.cv.Entries[i]
		for _, d := range e.Deliveries {
			if d.ID == delivery && e.Message.Direction == inbox.Out && e.Message.ErasedAt == 0 {
				return e.Message.Written()
			}
		}
	}
	return ""
}
