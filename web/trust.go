package web

import (
	"net/http"

	"filodiretto/inbox"
	"filodiretto/web/page"
)

func (s *Server) trustRoutes(base string) {
	s.mux.HandleFunc("POST "+base+"/lookalikes/{id}", s.staff(s.judgeLookalike))
	s.mux.HandleFunc("POST "+base+"/lookalikes/{id}/undo", s.staff(s.undoJudgement))
	s.mux.HandleFunc("POST "+base+"/forwarded/{message}", s.staff(s.decideForwarded))
	s.mux.HandleFunc("POST "+base+"/forwarded/{message}/undo", s.staff(s.undoForwarded))
}

// judgeLookalike says of a sender who looks like somebody else that a person has
// looked (mail rule 51).
func (s *Server) judgeLookalike(w http.ResponseWriter, r *http.Request, c *caller) error {
	return s.act(w, r, c, func(k *inbox.Case) (string, []any, error) {
		answer := r.PostFormValue("answer")
		_, err := s.Inbox.JudgeLookalike(r.Context(), c.Viewer, k.ID, pathID(r, "id"), answer == "fine" || answer == "fine_once")
		if err != nil {
			return "", nil, err
		}
		key := "alike_false"
		switch answer {
		case "fine":
			key = "alike_fine"
		case "fine_once": // of one message: nothing is said of the address
			key = "alike_fine_once"
		case "forged":
			key = "alike_forged"
		}
		s.flashUndo(r, "/cases/"+k.Ref()+"/lookalikes/"+formatID(pathID(r, "id"))+"/undo", key)
		return "", nil, nil
	})
}

// undoJudgement takes back what somebody said of a sender.
func (s *Server) undoJudgement(w http.ResponseWriter, r *http.Request, c *caller) error {
	return s.act(w, r, c, func(k *inbox.Case) (string, []any, error) {
		_, err := s.Inbox.UndoJudgement(r.Context(), c.Viewer, k.ID, pathID(r, "id"))
		return "undone", nil, err
	})
}

// decideForwarded takes the first writer of a forwarded mail for the person of the
// case, or leaves the colleague (mail rule 81).
func (s *Server) decideForwarded(w http.ResponseWriter, r *http.Request, c *caller) error {
	return s.act(w, r, c, func(k *inbox.Case) (string, []any, error) {
		message := pathID(r, "message")
		if r.PostFormValue("answer") != "yes" {
			_, err := s.Inbox.KeepForwarded(r.Context(), c.Viewer, k.ID, message)
			return "forwarded_kept", words("number", k.Ref()), err
		}
		now, err := s.Inbox.TakeForwarded(r.Context(), c.Viewer, k.ID, message)
		if err != nil {
			return "", nil, err
		}
		s.flashUndo(r, "/cases/"+k.Ref()+"/forwarded/"+formatID(message)+"/undo", "forwarded_taken", "number", k.Ref(), "name", now.Person)
		return "", nil, nil
	})
}

func (s *Server) undoForwarded(w http.ResponseWriter, r *http.Request, c *caller) error {
	return s.act(w, r, c, func(k *inbox.Case) (string, []any, error) {
		_, err := s.Inbox.UndoForwarded(r.Context(), c.Viewer, k.ID, pathID(r, "message"))
		return "undone", nil, err
	})
}

// fillHeld adds to the quarantine who wrote too much at once, and who is held.
func (s *Server) fillHeld(r *http.Request, c *caller, out *page.Quarantine) error {
	storms, err := s.Inbox.Storms(r.Context(), c.Viewer)
	if err != nil {
		return err
	}
	for _, x := range storms {
		out.Storms = append(out.Storms, s.storm(x))
	}
	held, err := s.Inbox.HeldSenders(r.Context(), c.Viewer)
	if err != nil {
		return err
	}
	for _, h := range held {
		out.Senders = append(out.Senders, page.HeldSender{
			ID: h.ID, Address: h.Value, Office: c.office(h.OfficeID), By: c.operator(h.ByOperator), At: h.At, Reason: c.say.Either("held.reason_", h.Reason, h.Reason),
		})
	}
	return nil
}

func (s *Server) storm(x inbox.Storm) page.Storm {
	limit := s.Inbox.PingPong()
	out := page.Storm{
		AccountID: x.AccountID, Who: senderName(x.Sender), Address: x.Address, Count: x.Count, Last: x.Last, Most: limit.Count, Minutes: int(limit.Within.Minutes()),
	}
	if _, acc, ok := s.Accounts.Channel(x.AccountID); ok {
		out.Account = acc.Name
	}
	return out
}

// freeSender lets what somebody writes become cases again.
func (s *Server) freeSender(w http.ResponseWriter, r *http.Request, c *caller) error {
	held, err := s.Inbox.FreeSender(r.Context(), c.Viewer, pathID(r, "id"))
	address := ""
	if err == nil {
		address = held.Value
	}
	return s.done(w, r, c, "/quarantine", err, "freed", "address", address)
}
