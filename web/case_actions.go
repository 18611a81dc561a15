package web

import (
	"net/http"
	"slices"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/web/page"
)

// act is the frame of every action on a case: it finds the case, does it, and
// goes back to the page with one sentence.
func (s *Server) act(w http.ResponseWriter, r *http.Request, c *caller, do func(k *inbox.Case) (key string, pairs []any, err error)) error {
	k, err := s.pathCase(r, c)
	if err != nil {
		return err
	}
	key, pairs, err := do(k)
	return s.done(w, r, c, caseURL(backView(r), k.Ref()), err, key, pairs...)
}

func words(pairs ...any) []any { return pairs }

func (s *Server) assign(w http.ResponseWriter, r *http.Request, c *caller) error {
	return s.act(w, r, c, func(k *inbox.Case) (string, []any, error) {
		to := parseID(r.PostFormValue("operator"))
		_, err := s.Inbox.Assign(r.Context(), c.Viewer, k.ID, 0, to)
		if to == 0 {
			return "unassigned", words("number", k.Ref()), err
		}
		return "assigned", words("number", k.Ref(), "name", c.operator(to)), err
	})
}

func (s *Server) handOver(w http.ResponseWriter, r *http.Request, c *caller) error {
	return s.act(w, r, c, func(k *inbox.Case) (string, []any, error) {
		to := parseID(r.PostFormValue("office"))
		_, err := s.Desk.HandOver(r.Context(), c.Viewer, k.ID, 0, to, r.PostFormValue("reason"))
		return "handed_over", words("number", k.Ref(), "office", c.office(to)), err
	})
}

func (s *Server) answerHandover(w http.ResponseWriter, r *http.Request, c *caller) error {
	return s.act(w, r, c, func(k *inbox.Case) (string, []any, error) {
		yes := r.PostFormValue("answer") == "yes"
		_, err := s.Desk.Answer(r.Context(), c.Viewer, k.ID, yes, r.PostFormValue("reason"))
		if yes {
			return "accepted", words("number", k.Ref()), err
		}
		return "refused", words("number", k.Ref()), err
	})
}

func (s *Server) withdrawHandover(w http.ResponseWriter, r *http.Request, c *caller) error {
	return s.act(w, r, c, func(k *inbox.Case) (string, []any, error) {
		_, err := s.Desk.Withdraw(r.Context(), c.Viewer, k.ID)
		return "undone", nil, err
	})
}

func (s *Server) setKind(w http.ResponseWriter, r *http.Request, c *caller) error {
	return s.act(w, r, c, func(k *inbox.Case) (string, []any, error) {
		_, err := s.Inbox.SetKind(r.Context(), c.Viewer, k.ID, 0, inbox.CaseKind(r.PostFormValue("kind")))
		return "kind_changed", words("number", k.Ref()), err
	})
}

func (s *Server) snooze(w http.ResponseWriter, r *http.Request, c *caller) error {
	return s.act(w, r, c, func(k *inbox.Case) (string, []any, error) {
		until, err := s.snoozeUntil(r.PostFormValue("until"), r.PostFormValue("at"))
		if err == nil {
			_, err = s.Inbox.Snooze(r.Context(), c.Viewer, k.ID, 0, until)
		}
		return "snoozed", words("number", k.Ref(), "when", c.say.Moment(until)), err
	})
}

// morning is the hour at which a case that sleeps until a day wakes up.
const morning = 8

// snoozeUntil reads when a case is to come back: a word, or a day and an hour on
// the municipality's clock.
func (s *Server) snoozeUntil(name, at string) (clock.Instant, error) {
	now := s.clock.Now().Time().In(s.zone)
	day := func(n int) clock.Instant {
		return clock.At(time.Date(now.Year(), now.Month(), now.Day()+n, morning, 0, 0, 0, s.zone))
	}
	switch name {
	case "later":
		return clock.At(now.Add(3 * time.Hour)), nil
	case "tomorrow":
		return day(1), nil
	case "monday":
		return day((int(time.Monday)-int(now.Weekday())+6)%7 + 1), nil
	case "week":
		return day(7), nil
	}
	t, err := time.ParseInLocation("2006-01-02T15:04", at, s.zone)
	if err != nil {
		return 0, &inbox.InvalidError{Field: "until", Code: "bad_date"}
	}
	return clock.At(t), nil
}

func (s *Server) wake(w http.ResponseWriter, r *http.Request, c *caller) error {
	return s.act(w, r, c, func(k *inbox.Case) (string, []any, error) {
		_, err := s.Inbox.SetStatus(r.Context(), c.Viewer, k.ID, 0, inbox.Open)
		return "woken", words("number", k.Ref()), err
	})
}

// closeCase ends a case, after the note that was left with it. Over something
// newer than what the page showed nothing is closed.
func (s *Server) closeCase(w http.ResponseWriter, r *http.Request, c *caller) error {
	return s.act(w, r, c, func(k *inbox.Case) (string, []any, error) {
		outcome, note := r.PostFormValue("outcome"), r.PostFormValue("note")
		if !slices.Contains(page.CloseOutcomes, outcome) {
			return "", nil, &inbox.InvalidError{Field: "outcome", Code: "unknown"}
		}
		if !c.mayWork(k) {
			return "", nil, inbox.ErrForbidden
		}
		if seen := parseID(r.PostFormValue("seen")); seen > 0 && k.LastInID > seen {
			return "", nil, &inbox.InvalidError{Field: "close", Code: "newer"}
		}
		if note != "" {
			if _, err := s.Inbox.Note(r.Context(), c.Viewer, inbox.NoteCommand{CaseID: k.ID, Text: note}); err != nil {
				return "", nil, err
			}
		}
		_, err := s.Inbox.Close(r.Context(), c.Viewer, k.ID, 0, k.LastInID, outcome)
		if err != nil {
			return "", nil, err
		}
		s.flashUndo(r, "/cases/"+k.Ref()+"/reopen", "closed", "number", k.Ref())
		return "", nil, nil
	})
}

func (s *Server) reopen(w http.ResponseWriter, r *http.Request, c *caller) error {
	return s.act(w, r, c, func(k *inbox.Case) (string, []any, error) {
		_, err := s.Inbox.SetStatus(r.Context(), c.Viewer, k.ID, 0, inbox.Open)
		return "reopened", words("number", k.Ref()), err
	})
}

// mergeCase puts the case into another one, by its number.
func (s *Server) mergeCase(w http.ResponseWriter, r *http.Request, c *caller) error {
	return s.act(w, r, c, func(k *inbox.Case) (string, []any, error) {
		into, err := s.Inbox.CaseByRef(r.Context(), c.Viewer, r.PostFormValue("into"))
		if err == inbox.ErrNotFound {
			err = &inbox.InvalidError{Field: "into", Code: "unknown"}
		}
		if err == nil {
			_, err = s.Inbox.MergeCase(r.Context(), c.Viewer, k.ID, into.ID)
		}
		if err == nil {
			s.flashUndo(r, "/cases/"+k.Ref()+"/unmerge", "merged", "number", k.Ref(), "into", into.Ref())
		}
		return "", nil, err
	})
}

func (s *Server) unmergeCase(w http.ResponseWriter, r *http.Request, c *caller) error {
	return s.act(w, r, c, func(k *inbox.Case) (string, []any, error) {
		_, err := s.Inbox.UnmergeCase(r.Context(), c.Viewer, k.ID)
		return "undone", nil, err
	})
}

// decideSuggestion answers "this may belong to another case". Taken, the page
// goes to the case where the messages are now.
func (s *Server) decideSuggestion(w http.ResponseWriter, r *http.Request, c *caller) error {
	k, err := s.pathCase(r, c)
	if err != nil {
		return err
	}
	yes := r.PostFormValue("answer") == "yes"
	to, key := k, "kept"
	out, err := s.Inbox.DecideSuggestion(r.Context(), c.Viewer, pathID(r, "id"), yes)
	if err == nil && yes {
		to, key = out, "joined"
	}
	return s.done(w, r, c, caseURL(backView(r), to.Ref()), err, key, "number", to.Ref())
}

func (s *Server) retryDelivery(w http.ResponseWriter, r *http.Request, c *caller) error {
	return s.act(w, r, c, func(k *inbox.Case) (string, []any, error) {
		err := s.Inbox.DeliveryOfCase(r.Context(), c.Viewer, k.ID, pathID(r, "id"))
		if err == nil {
			err = s.Inbox.RetryDelivery(r.Context(), c.Viewer, pathID(r, "id"))
		}
		return "retried", nil, err
	})
}

// markArrived settles a delivery in doubt: the citizen said that it arrived.
func (s *Server) markArrived(w http.ResponseWriter, r *http.Request, c *caller) error {
	return s.act(w, r, c, func(k *inbox.Case) (string, []any, error) {
		if !c.mayWork(k) {
			return "", nil, inbox.ErrForbidden
		}
		err := s.Inbox.DeliveryOfCase(r.Context(), c.Viewer, k.ID, pathID(r, "id"))
		if err == nil {
			err = s.Inbox.MarkArrived(r.Context(), c.Viewer, pathID(r, "id"))
		}
		return "arrived", nil, err
	})
}

// dealWithFailure takes the mark "not delivered" away: somebody wrote on another
// way, or telephoned.
func (s *Server) dealWithFailure(w http.ResponseWriter, r *http.Request, c *caller) error {
	return s.act(w, r, c, func(k *inbox.Case) (string, []any, error) {
		if !c.mayWork(k) {
			return "", nil, inbox.ErrForbidden
		}
		_, err := s.Inbox.DealWithFailure(r.Context(), c.Viewer, k.ID)
		return "dealt", nil, err
	})
}
