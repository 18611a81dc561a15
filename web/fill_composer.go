package web

import (
	"cmp"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/textfold"
	"filodiretto/web/page"
)

// asked says how the composer is wanted, and what came back with it.
type asked struct {
	view    page.ViewID
	mode    page.Mode // empty: as the caller may
	channel string    // "account:identity", empty: as in the draft, else where the citizen wrote last
	seen    int64
	fault   *page.FieldFault
	unsure  []string
	stop    *page.Stop       // found while sending
	text    string           // to begin with, where there is no draft
	cc      string           // likewise, an address in copy
	form    *written         // what was typed, when it was not kept as a draft
	compose *inbox.Composing // what the form needs to know, when it was read with the page
}

// composer makes the form under the timeline; nil for who may only read.
func (s *Server) composer(r *http.Request, c *caller, k *inbox.Case, a asked) (*page.Composer, error) {
	if !c.worksWithCitizens() || k.MergedInto > 0 {
		return nil, nil
	}
	known := a.compose
	if known == nil {
		var err error
		if known, err = s.Inbox.Compose(r.Context(), c.Viewer, k.ID); err != nil {
			return nil, err
		}
	}
	noteOnly := !c.mayWork(k)
	ways := known.Ways
	if noteOnly || a.mode == page.ModeNote {
		ways = nil
	}
	if ways == nil || a.mode == "" && ways.Default < 0 { // nobody can be answered here, but something can be noted
		a.mode = page.ModeNote
	} else {
		a.mode = page.ModeReply
	}
	out := &page.Composer{
		Number: k.Ref(), View: a.view, Mode: a.mode, NoteOnly: noteOnly, Seen: a.seen, Fault: a.fault, Unsure: unsure(a),
		Closed: k.Status == inbox.Closed, Most: s.mostFiles(), State: page.ComposerState{Number: k.Ref(), Mode: a.mode, Stop: a.stop},
	}
	if o := c.dir.Office(k.OfficeID); noteOnly && o != nil {
		out.Answers = o.Name
	}
	d := known.Draft(draftKind(a.mode))
	out.Text, out.Files, out.State.Base = d.Body, draftFiles(d), draftBase(d)
	if d.Version > 0 {
		out.State.SavedAt = d.UpdatedAt
	}
	if a.form != nil {
		out.Text = a.form.text
		if a.stop != nil && a.stop.Kind == page.StopDraft {
			out.State.Base = a.form.base
		}
	}
	if a.mode == page.ModeNote {
		return out, nil
	}
	if out.Text == "" {
		out.Text = a.text
	}
	out.State.Meter = meter(out.Text)
	if out.State.Stop == nil {
		var err error
		if out.State.Stop, err = s.stop(r, c, k, a.seen); err != nil {
			return nil, err
		}
	}
	fillChannels(k, out, ways, d, a)
	if known.Undo != nil {
		out.Undo = undoBar(k, known.Undo, s.clock.Now())
	}
	return out, nil
}

// mostFiles is how many bytes one file of an answer may have, and all together.
func (s *Server) mostFiles() int64 {
	return min(int64(s.Config.Server.MaxUploadMB)<<20, inbox.MaxUpload, inbox.MaxFiles)
}

// unsure are the addresses to confirm, with those that were confirmed before
// something else stopped the answer.
func unsure(a asked) []page.Unsure {
	var out []page.Unsure
	var sure []string
	if a.form != nil {
		sure = a.form.sureTo
	}
	for _, addr := range a.unsure {
		out = append(out, page.Unsure{Address: addr, Sure: slices.Contains(sure, addr)})
	}
	for _, addr := range sure {
		if !slices.Contains(a.unsure, addr) {
			out = append(out, page.Unsure{Address: addr, Sure: true})
		}
	}
	return out
}

// fillChannels offers the ways to answer, those barred with the reason, and says
// to whom the chosen one goes.
func fillChannels(k *inbox.Case, out *page.Composer, o *inbox.Options, d *inbox.Draft, a asked) {
	chosen := chooseOption(o, d, a.channel)
	for i := range o.List {
		opt := &o.List[i]
		out.Channels = append(out.Channels, page.ChannelChoice{Value: optionValue(opt), Channel: optionChannel(opt), To: opt.Identity.Shown(), Chosen: i == chosen, Barred: opt.Barred})
		if i != chosen {
			continue
		}
		out.MostHere = opt.MostFiles
		out.MayCc = opt.Account.Kind == "mail" || opt.Account.Kind == "pec"
		out.Recipients = append(out.Recipients, page.Recipient{Name: k.Person, Address: opt.Identity.Shown()})
	}
	if !out.MayCc {
		return
	}
	out.Cc = ccText(d.Choice.Cc)
	if out.Cc == "" {
		out.Cc = a.cc
	}
	if a.form != nil {
		out.Cc = a.form.cc
	}
	out.ShowCc = out.Cc != ""
	for _, addr := range splitAddresses(out.Cc) {
		out.Recipients = append(out.Recipients, page.Recipient{Address: addr, Copy: true})
	}
}

// chooseOption is the way that was asked for, else the draft's, else where the
// citizen wrote last; -1 when none can be used.
func chooseOption(o *inbox.Options, d *inbox.Draft, channel string) int {
	want := []string{channel}
	if d.Choice.AccountID > 0 && len(d.Choice.To) > 0 {
		want = append(want, fmt.Sprintf("%d:%d", d.Choice.AccountID, d.Choice.To[0].IdentityID))
	}
	for _, v := range want {
		for i := range o.List {
			if o.List[i].Barred == "" && optionValue(&o.List[i]) == v {
				return i
			}
		}
	}
	return o.Default
}

func optionValue(o *inbox.Option) string { return fmt.Sprintf("%d:%d", o.Account.ID, o.Identity.ID) }

// readOption reads what optionValue writes.
func readOption(s string) (account, identity int64) {
	a, i, _ := strings.Cut(s, ":")
	return parseID(a), parseID(i)
}

var channelOfIdentity = map[string]page.Channel{"email": page.ChannelMail, "pec": page.ChannelPEC, "phone": page.ChannelPhone}

func optionChannel(o *inbox.Option) page.Channel {
	if o.Account.Kind != "" {
		return page.Channel(o.Account.Kind)
	}
	return cmp.Or(channelOfIdentity[o.Identity.Kind], page.Channel(o.Identity.Kind))
}

func undoBar(k *inbox.Case, u *inbox.Reply, now clock.Instant) *page.Undo {
	d := u.Deliveries[0]
	left := int(math.Ceil(u.UndoUntil.Sub(now).Seconds()))
	return &page.Undo{
		Number: k.Ref(), ID: u.Message.ID, Seconds: max(1, left), Until: u.UndoUntil, Channel: optionChannel(&inbox.Option{Identity: inbox.Identity{Kind: d.Kind}}),
		To: reached(d),
	}
}

func draftFiles(d *inbox.Draft) []page.DraftFile {
	var out []page.DraftFile
	for _, f := range d.Choice.Files {
		out = append(out, page.DraftFile{ID: fileID(f.SHA256), Name: f.Name, Size: f.Size})
	}
	return out
}

// fileID is a number for a file of a draft, from the first 48 bits of its hash.
func fileID(sha256 string) int64 {
	var n int64
	if len(sha256) < 12 {
		return 0
	}
	if _, err := fmt.Sscanf(sha256[:12], "%x", &n); err != nil {
		return 0
	}
	return n
}

func ccText(list []inbox.Recipient) string {
	var out []string
	for _, x := range list {
		if x.Address != "" {
			out = append(out, x.Address)
		}
	}
	return strings.Join(out, ", ")
}

// splitAddresses parts what was typed into the field of copies.
func splitAddresses(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(",; \t\n", r) })
}

// fewWords is below how many words the index of readability says nothing.
const fewWords = 15

func meter(text string) *page.Meter {
	index, words := textfold.Gulpease(text)
	if words < fewWords {
		return nil
	}
	return &page.Meter{Index: index}
}
