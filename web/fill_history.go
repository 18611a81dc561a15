package web

import (
	"net/http"
	"strings"

	"filodiretto/inbox"
	"filodiretto/internal/safehtml"
	"filodiretto/web/page"
)

// history is a piece of a person's story over all channels, newest first.
func (s *Server) history(r *http.Request, c *caller, id int64, show page.HistoryFilter, before string) (page.PersonHistory, error) {
	what := string(show)
	if show == page.HistoryAll {
		what = ""
	}
	list, next, err := s.Inbox.PersonStory(r.Context(), c.Viewer, id, inbox.StoryFilter{What: what}, before)
	if err != nil {
		return page.PersonHistory{}, err
	}
	out := page.PersonHistory{PersonID: id, Show: show, Timeline: page.Timeline{NewestFirst: true}}
	seen := map[string]bool{}
	for i := range list {
		e := &list[i]
		if e.Message == nil {
			if x := c.storyEvent(e); x != nil {
				out.Timeline.Entries = append(out.Timeline.Entries, *x)
			}
			continue
		}
		if e.Message.Direction != inbox.Note {
			seen[e.Message.Channel] = true
		}
		out.Timeline.Entries = append(out.Timeline.Entries, c.storyMessage(e))
	}
	out.Channels = len(seen)
	if next != "" {
		out.Timeline.OlderURL = historyURL(id, show, next)
	}
	if show == page.HistoryAll && before == "" && next == "" { // all of it is here, so that it can be counted
		out.Counts = map[page.HistoryFilter]int{page.HistoryAll: len(out.Timeline.Entries)}
		for _, e := range out.Timeline.Entries {
			out.Counts[historyOf(e.Kind)]++
		}
	}
	return out, nil
}

func historyOf(k page.EntryKind) page.HistoryFilter {
	switch k {
	case page.EntryVisit, page.EntryPhone:
		return page.HistoryVisits
	case page.EntryEvent:
		return page.HistoryEvents
	case page.EntryNote:
		return page.HistoryNotes
	}
	return page.HistoryMessages
}

// storyMessage is a message in a person's story: the beginning of its text,
// without what it quotes, and the case that it belongs to, where one may open it.
func (c *caller) storyMessage(e *inbox.StoryEntry) page.Entry {
	m := e.Message
	fresh, _ := safehtml.SplitQuote(m.Text)
	x := page.Entry{
		ID: m.ID, Version: int64(m.Version), Kind: entryKind(m), Channel: page.Channel(m.ShownChannel()), At: e.At, By: c.writer(m),
		Automatic: m.Origin == inbox.FromAutomation || m.Auto != "", Body: page.Body{Subject: m.Subject, Text: strings.TrimRight(fresh, blanks)},
	}
	if e.Case != nil {
		x.Case = e.Case.Ref()
	}
	if m.ErasedAt > 0 {
		x.Deleted, x.DeletedAt, x.Body = true, m.ErasedAt, page.Body{}
	}
	return x
}

// storyEvent is an event in a person's story; nil for one that tells staff nothing.
func (c *caller) storyEvent(e *inbox.StoryEntry) *page.Entry {
	x := c.eventLine(e.Event, func(int64) string { return "" })
	if x == nil {
		return nil
	}
	if e.Case != nil {
		x.Case = e.Case.Ref()
	}
	return x
}
