package web

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"filodiretto/channels/pec"
	"filodiretto/channels/webpage"
	"filodiretto/inbox"
	"filodiretto/internal/likeness"
	"filodiretto/web/page"
)

// timeline is the story of the case: messages, what happened, and what did not
// arrive, in the order of time.
func (f *filling) timeline() (page.Timeline, error) {
	t := page.Timeline{Number: f.k.Ref()}
	if f.cv.Older != "" {
		q := url.Values{"case": {f.k.Ref()}, "older": {f.cv.Older}}
		if f.view != "" {
			q.Set("view", string(f.view))
		}
		t.OlderURL, t.OlderGet = "/cases?"+q.Encode(), "/cases/"+f.k.Ref()+"/earlier?"+url.Values{"older": {f.cv.Older}, "view": {string(f.view)}}.Encode()
	}
	if f.earlier {
		t.NewestURL = caseURL(f.view, f.k.Ref())
	}
	for i := range f.cv.Entries {
		e := &f.cv.Entries[i]
		if e.Message == nil {
			if line := f.c.eventLine(e.Event, f.caseRef); line != nil {
				t.Entries = append(t.Entries, *line)
			}
			continue
		}
		t.Last = max(t.Last, e.Message.ID)
		if e.Message.Direction == inbox.Out && e.Message.ErasedAt > 0 && !e.Message.Erased() {
			continue // taken back before it left: nobody read it
		}
		t.Entries = append(t.Entries, f.message(e))
		for _, d := range e.Deliveries {
			if x, ok := f.failure(e.Message, d); ok {
				t.Entries = append(t.Entries, x)
			}
		}
	}
	if err := f.registerMarks(t.Entries); err != nil {
		return t, err
	}
	slices.SortStableFunc(t.Entries, func(a, b page.Entry) int { return cmp.Compare(a.At, b.At) })
	return t, f.offerOthers(t.Entries)
}

// caseRef is the number of a case that was put into this one, or that this one
// was put into.
func (f *filling) caseRef(id int64) string {
	if p := f.cv.Parent; p != nil && p.ID == id {
		return p.Ref()
	}
	for _, m := range f.cv.Merged {
		if m.ID == id {
			return m.Ref()
		}
	}
	return ""
}

// message is one message with its files and deliveries.
func (f *filling) message(e *inbox.Entry) page.Entry {
	m := e.Message
	x := page.Entry{
		ID: m.ID, Version: entryVersion(e) + f.trustVersion(m), Kind: entryKind(m), Channel: page.Channel(m.ShownChannel()), At: m.At,
		By: f.c.writer(m), Via: f.via(m), Address: mailAddress(m), Automatic: m.Origin == inbox.FromAutomation || m.Auto != "",
		Unread: f.k.Unread && m.ID == f.k.LastInID, Warnings: f.warnings(m), Also: f.also(m), Certified: certified(m), Signatures: signatures(m.SignedBy(), senderOf(m)),
		Sender: senderCheck(f.cv, m), Alikes: f.alikes(m),
		EvidenceURL: evidenceURL(m),
	}
	if m.Direction == inbox.In && m.RawID > 0 && m.ErasedAt == 0 {
		x.RawURL = "/messages/" + formatID(m.ID) + "/raw"
	}
	if e.TakenBack || m.ErasedAt > 0 {
		x.Erased = f.erased(m)
		if x.Erased != nil {
			for _, d := range e.Deliveries {
				x.Deliveries = append(x.Deliveries, f.c.delivery(d, f.s.clock.Now()))
			}
		}
		x.Deleted, x.DeletedAt, x.RawURL, x.EvidenceURL, x.Warnings, x.Certified, x.Sender, x.Alikes, x.Also = true, m.ErasedAt, "", "", nil, nil, nil, nil, nil
		return x
	}
	if f.c.heads(f.k.OfficeID) {
		x.EraseURL = eraseURL(m.ID)
	}
	x.Body, x.Files = f.body(m, e.Parts)
	for _, d := range e.Deliveries {
		line := f.c.delivery(d, f.s.clock.Now())
		f.s.certifiedDelivery(f.c.say, &line, d, f.cv.Receipts[m.ID])
		x.Deliveries = append(x.Deliveries, line)
	}
	x.Receipts = strayReceipts(f.cv.Receipts[m.ID])
	x.Version += receiptsVersion(f.cv.Receipts[m.ID])
	f.versions(&x, e)
	return x
}

// versions are what an edited message said before, newest first, each with the files that
// it was the last to have.
func (f *filling) versions(x *page.Entry, e *inbox.Entry) {
	for _, v := range slices.Backward(f.cv.Versions[e.Message.ID]) {
		was := page.Version{At: v.At, Text: v.Text}
		for _, p := range e.Former {
			if p.Former == v.Version {
				was.Files = append(was.Files, f.s.file(f.c, p))
			}
		}
		x.EditedAt = max(x.EditedAt, v.At)
		x.Versions = append(x.Versions, was)
		x.Replaced = x.Replaced || len(was.Files) > 0
	}
}

// entryVersion grows with every change of what an entry shows: of the text, of a
// file that was fetched, of a delivery.
func entryVersion(e *inbox.Entry) int64 {
	v, newest := int64(e.Message.Version), int64(0)
	for _, p := range slices.Concat(e.Parts, e.Former) {
		if p.State != "pending" {
			v++
		}
		if p.Scan != nil {
			newest = max(newest, int64(p.Scan.At), int64(p.Scan.AskedAt))
		}
	}
	for _, d := range e.Deliveries {
		newest = max(newest, int64(d.UpdatedAt))
	}
	for _, a := range e.Message.Also {
		newest = max(newest, int64(a.At))
	}
	if e.TakenBack || e.Message.ErasedAt > 0 {
		v += 1000
	}
	return v + newest
}

// receiptsVersion grows with every receipt, whether it changes anything or not.
func receiptsVersion(list []*inbox.CertifiedReceipt) (v int64) {
	for _, r := range list {
		v++
		if r.Proven {
			v++ // which it may become, when it is read again
		}
	}
	return v
}

func entryKind(m *inbox.Message) page.EntryKind {
	switch {
	case m.Direction == inbox.Note:
		return page.EntryNote
	case m.Direction == inbox.Out:
		return page.EntryOut
	case m.Kind == "visit" || m.Channel == "counter":
		return page.EntryVisit
	case m.Kind == "call" || m.Channel == "phone":
		return page.EntryPhone
	}
	return page.EntryIn
}

// writer is who wrote, in words.
func (c *caller) writer(m *inbox.Message) string {
	if m.OperatorID > 0 && m.Direction != inbox.In {
		if name := c.operator(m.OperatorID); name != "" {
			return name
		}
	}
	if m.Origin == inbox.FromAutomation {
		return "Filo Diretto"
	}
	if m.Direction == inbox.In {
		return c.known(senderName(m.Sender))
	}
	return senderName(m.Sender)
}

// senderName is the name in "Lucia Ferrante <lucia@posta.example>", or the
// address where there is no name, or one that holds an address: that would be taken
// for the true one.
func senderName(s string) string {
	name, address := partSender(s)
	return cmp.Or(likeness.Name(name), address)
}

// partSender parts the name from the address, at the last bracket: a name may hold
// one too. The name is as it was written.
func partSender(s string) (name, address string) {
	if i := strings.LastIndex(s, " <"); i > 0 && strings.HasSuffix(s, ">") {
		return strings.Trim(s[:i], `" `), s[i+2 : len(s)-1]
	}
	return "", strings.Trim(s, "<> ")
}

// mailAddress is the address that a mail came from, or the one that it went to,
// where a name stands in its place.
func mailAddress(m *inbox.Message) string {
	who := m.Sender
	if m.Direction == inbox.Out {
		who = m.Recipients
	}
	if m.Channel != "mail" && m.Channel != "pec" || m.Direction == inbox.Note || m.Direction == inbox.Out && strings.Contains(who, ",") {
		return ""
	}
	if name, address := partSender(who); name != "" && likeness.Name(name) != "" {
		return address
	}
	return ""
}

// via is where a message came in, or whom it went to.
func (f *filling) via(m *inbox.Message) string {
	switch m.Direction {
	case inbox.In:
		if _, acc, ok := f.s.Accounts.Channel(m.AccountID); ok {
			return acc.Name
		}
	case inbox.Out:
		if !strings.Contains(m.Recipients, ",") {
			return senderName(m.Recipients)
		}
	}
	return ""
}

// also are the further mailboxes that a mail came by.
func (f *filling) also(m *inbox.Message) (out []page.Also) {
	for _, a := range m.Also {
		out = append(out, page.Also{Mailbox: cmp.Or(a.Account, f.c.office(a.OfficeID)), Office: f.c.office(a.OfficeID), At: a.At, Blind: a.Blind})
	}
	return out
}

// shownWarnings are the remarks of the parser that matter to who answers, and
// how pages call them.
var shownWarnings = map[string]string{
	"unsupported": "unsupported", "text_cut": "text_cut", "spoof_suspected": "spoof_suspected",
	"charset_not_as_declared": "charset", "charset_invalid_bytes": "charset", "no_final_boundary": "no_final_boundary",
	"pec_sender_differs": "pec_sender_differs", "pec_time_differs": "pec_time_differs",
	"pec_rewrapped": "pec_rewrapped", "pec_signing_time_differs": "pec_signing_time_differs", "pec_uncovered": "pec_uncovered", "pec_claims": "pec_claims", pec.NoteOrdinaryMailbox: "pec_ordinary_mailbox",
	"pec_not_to_us":    "pec_not_to_us",
	webpage.NoteSecret: "proof_secret",
	"calendar:cancel":  "calendar_cancel", "calendar:update": "calendar_update", "calendar:add": "calendar_add",
	"calendar:reply": "calendar_reply", "calendar:accepted": "calendar_accepted", "calendar:declined": "calendar_declined",
	"calendar:tentative": "calendar_tentative", "calendar:delegated": "calendar_delegated",
	"calendar:counter": "calendar_counter", "calendar:declinecounter": "calendar_declinecounter", "calendar:refresh": "calendar_refresh",
}

// twin tells of a mail whose very words are in the case as certified mail too, and of
// that one: staff see one matter, of which the certified mail is the proof.
func (f *filling) twin(m *inbox.Message) string {
	if m.Direction != inbox.In || m.ExternalID == "" || m.BodyHash == "" {
		return ""
	}
	for i := range f.cv.Entries {
		o := f.cv.Entries[i].Message
		if o == nil || o.ID == m.ID || o.Direction != inbox.In || o.ExternalID != m.ExternalID || o.BodyHash != m.BodyHash || (o.Certified == "") == (m.Certified == "") {
			continue
		}
		if m.Certified == "" {
			return "also_certified"
		}
		return "also_plain"
	}
	return ""
}

// warnings are the remarks on a message, each once.
func (f *filling) warnings(m *inbox.Message) []page.Warning {
	var out []page.Warning
	add := func(w page.Warning) {
		if !slices.ContainsFunc(out, func(x page.Warning) bool { return x.Key == w.Key }) {
			out = append(out, w)
		}
	}
	if key := f.twin(m); key != "" {
		add(page.Warning{Key: key})
	}
	if m.SameID != nil {
		add(page.Warning{Key: inbox.SameIDNote, Value: m.SameID.Ref(), URL: caseURL(f.view, m.SameID.Ref()) + "#e-" + formatID(m.SameID.MessageID)})
	}
	if m.Kind == "unsupported" {
		add(page.Warning{Key: "unsupported"})
	}
	if m.Origin == inbox.FromExternal {
		add(page.Warning{Key: "external"})
	}
	for note := range strings.FieldsSeq(m.Notes) {
		code, _, _ := strings.Cut(note, ":")
		switch shown := cmp.Or(shownWarnings[note], shownWarnings[code]); code {
		case "reply_to_differs", "several_from", "twice", "name_is_another_address":
			if code != "name_is_another_address" || !f.alarmed(m, "address") { // the box says it
				add(f.senderWarning(code, m))
			}
		default:
			if shown != "" {
				add(page.Warning{Key: shown})
			}
		}
	}
	return out
}
