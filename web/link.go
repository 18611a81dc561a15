package web

import (
	"context"
	"net/http"
	"strings"

	"filodiretto/channels"
	"filodiretto/inbox"
	"filodiretto/web/page"
)

// chatLink is an address that opens a chat with one of the municipality's bots.
type chatLink struct {
	account inbox.Account
	url     string
}

// chatLinks are the addresses at which a citizen gives a word back, one for each
// account that runs and whose public name is known.
func (s *Server) chatLinks(ctx context.Context, word string) ([]chatLink, error) {
	accounts, err := s.Inbox.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	drivers := map[string]channels.Driver{}
	for _, d := range s.Drivers {
		drivers[d.Kind] = d
	}
	var out []chatLink
	for _, a := range accounts {
		d := drivers[a.Kind]
		if d.Link == nil || !a.Enabled || a.StoppedAt > 0 {
			continue
		}
		if url := d.Link(a.Handle, word); url != "" {
			out = append(out, chatLink{a, url})
		}
	}
	return out, nil
}

// mayLink reports whether there is a bot to link with.
func (s *Server) mayLink(ctx context.Context) (bool, error) {
	list, err := s.chatLinks(ctx, "word")
	return len(list) > 0, err
}

// makeLink makes a word for the person and shows it on a sheet, in the answer
// itself: only its hash is kept, so that nothing could show it again.
func (s *Server) makeLink(w http.ResponseWriter, r *http.Request, c *caller) error {
	p, err := s.Inbox.Person(r.Context(), c.Viewer, pathID(r, "id"))
	if err != nil {
		return err
	}
	if may, err := s.mayLink(r.Context()); err != nil || !may {
		return s.done(w, r, c, personURL(p.ID)+"#link", orRefused(err, "link", "no_bot"), "")
	}
	l, err := s.Inbox.MakeLink(r.Context(), c.Viewer, p.ID, 0)
	if err != nil {
		return err
	}
	chats, err := s.chatLinks(r.Context(), l.Word)
	if err != nil {
		return err
	}
	state, err := s.Inbox.LinkOf(r.Context(), c.Viewer, p.ID)
	if err != nil {
		return err
	}
	out := page.PersonLink{Head: page.PersonHead{ID: p.ID, Name: p.Name}, State: s.linkState(p.ID, state), Sheet: s.linkSheet(p.Lang, l)}
	out.State.Watch = true
	for _, x := range chats {
		out.Chats = append(out.Chats, page.LinkChat{Channel: page.Channel(x.account.Kind), Handle: "@" + x.account.Handle, URL: x.url})
	}
	if out.Shell, err = s.shell(r, c, page.SectionPeople); err != nil {
		return err
	}
	out.Shell.Back, out.Shell.Title = personURL(p.ID), c.say.Text("link.title")
	s.show(w, r, http.StatusOK, c.lang, out)
	return nil
}

func orRefused(err error, field, code string) error {
	if err != nil {
		return err
	}
	return &inbox.InvalidError{Field: field, Code: code}
}

// linkSheet is the words of the sheet, in the citizen's language where we have
// it, else the municipality's. The end is a day and an hour: on paper "tomorrow"
// means nothing.
func (s *Server) linkSheet(lang string, l *inbox.Link) page.LinkSheet {
	out := page.LinkSheet{Lang: page.Lang(s.Config.Municipality.Language)}
	for _, known := range page.AllLangs {
		if strings.HasPrefix(strings.ToLower(lang), string(known)) {
			out.Lang = known
		}
	}
	say := s.render.Say(out.Lang)
	out.Town = s.Config.Municipality.Name
	out.Title, out.Intro, out.Code, out.Alone = say.Text("said.link_title"), say.Text("said.link_intro"), say.Text("said.link_code"), say.Text("said.link_alone")
	out.Steps = []string{say.Text("said.link_step1"), say.Text("said.link_step2"), say.Text("said.link_step3")}
	out.Until = say.Text("said.link_until", "when", say.DayAndHour(l.ExpiresAt))
	return out
}

// linkState is how the newest link of a person stands.
func (s *Server) linkState(id int64, l *inbox.LinkState) page.LinkState {
	out := page.LinkState{PersonID: id}
	if l == nil {
		return out
	}
	out.MadeAt, out.ExpiresAt, out.UsedAt, out.By, out.With = l.MadeAt, l.ExpiresAt, l.UsedAt, l.ByName, l.With
	switch {
	case l.UsedAt > 0:
		out.Stage = page.LinkUsed
	case l.ExpiresAt <= s.clock.Now():
		out.Stage = page.LinkExpired
	default:
		out.Stage = page.LinkWaiting
	}
	return out
}

// linkFragment answers how the link stands, or nothing while it stands as the
// page knows: what is read aloud must not be said again and again.
func (s *Server) linkFragment(w http.ResponseWriter, r *http.Request, c *caller) error {
	id := pathID(r, "id")
	l, err := s.Inbox.LinkOf(r.Context(), c.Viewer, id)
	if err != nil {
		return err
	}
	out := s.linkState(id, l)
	if out.Stage == page.LinkNone || string(out.Stage) == r.URL.Query().Get("stage") {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	out.Watch = true
	s.show(w, r, http.StatusOK, c.lang, out)
	return nil
}
