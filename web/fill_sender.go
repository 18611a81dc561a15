package web

import (
	"net/url"
	"slices"
	"strings"

	"filodiretto/inbox"
	"filodiretto/internal/likeness"
	"filodiretto/web/page"
)

// senderWarning puts into words what is odd about who wrote a mail, with the
// addresses that it is about and the one that answers go to (mail rules 51, 52).
func (f *filling) senderWarning(code string, m *inbox.Message) page.Warning {
	name, address := partSender(m.Sender)
	w := page.Warning{Key: code, Other: address}
	switch code {
	case "reply_to_differs":
		wished := notesOf(m, "reply_to:")
		w.Value = strings.Join(wished, ", ")
		if w.Value == "" { // nothing that can be written to
			w.Key = "reply_to_none"
		} else if w.Value == address { // a person let it in as theirs
			w.Key = "reply_to_sender"
		} else if f.c.mayWork(f.k) && f.k.MergedInto == 0 {
			w.URL = composeURL(f.view, f.k.Ref(), page.ModeReply) + "&cc=" + url.QueryEscape(strings.Join(wished, ","))
		}
	case "several_from":
		w.Value = strings.Join(notesOf(m, "also_from:"), ", ")
		if w.Value == "" {
			w.Key = "several_from_unnamed"
		}
	case "twice":
		var fields []string
		for _, field := range notesOf(m, "twice:") {
			fields = append(fields, f.c.say.Either("field_name.", strings.ReplaceAll(field, "-", "_"), field))
		}
		w.Value = strings.Join(fields, ", ")
	case "name_is_another_address":
		w.Key, w.Value = "name_is_address", name
		if list := likeness.Addresses(name); len(list) > 0 {
			w.Value = list[0]
		}
	}
	return w
}

// notesOf are the values of a message's remarks of one kind.
func notesOf(m *inbox.Message, prefix string) (out []string) {
	for note := range strings.FieldsSeq(m.Notes) {
		if v, ok := strings.CutPrefix(note, prefix); ok {
			out = append(out, v)
		}
	}
	return out
}

// wished keeps of a list those addresses at which somebody on the case asked to be
// answered, to be put into copy on purpose; no others, so that no link from outside
// writes into the form.
func (f *filling) wished(list string) string {
	var out []string
	for _, address := range splitAddresses(list) {
		if slices.ContainsFunc(f.cv.Entries, func(e inbox.Entry) bool {
			return e.Message != nil && slices.Contains(notesOf(e.Message, "reply_to:"), address)
		}) {
			out = append(out, address)
		}
	}
	return strings.Join(out, ", ")
}

// alarmed reports whether a box about the sender of a message stands open.
func (f *filling) alarmed(m *inbox.Message, kind string) bool {
	return slices.ContainsFunc(f.cv.Lookalikes[m.ID], func(l inbox.Lookalike) bool { return l.Kind == kind && l.Alarm && l.Decision == "" })
}

// reached is whom a delivery goes to, in words: the name, or the address where the
// name holds one.
func reached(d *inbox.Delivery) string {
	if name := likeness.Name(d.Display); name != "" {
		return name
	}
	return d.Address
}
