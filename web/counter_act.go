package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"filodiretto/inbox"
	"filodiretto/queue"
	"filodiretto/queue/order"
	"filodiretto/web/page"
)

// ended goes back to the counter after an act: with its sentence when it went
// well, with the reason in words when the room refused it.
func (s *Server) ended(w http.ResponseWriter, r *http.Request, c *caller, to string, err error, key string, pairs ...any) error {
	if refused, ok := errors.AsType[*queue.RefusedError](err); ok {
		key := "room_" + refused.Code
		if !c.say.Known("flash." + key) {
			key = "room_other"
		}
		s.flash(r, page.LevelSoon, key)
		http.Redirect(w, r, to, http.StatusSeeOther)
		return nil
	}
	return s.done(w, r, c, to, err, key, pairs...)
}

// backTo is the page from which an act came: the room, or the counter.
func backTo(r *http.Request) string { return backURL(r, counterURL(pathID(r, "id"))) }

func (s *Server) openCounter(w http.ResponseWriter, r *http.Request, c *caller) error {
	_, err := s.Queue.Open(r.Context(), c.Viewer, pathID(r, "id"), 0)
	to := counterURL(pathID(r, "id"))
	if err != nil {
		to = "/counter"
	}
	return s.ended(w, r, c, to, err, "")
}

func (s *Server) leaveCounter(w http.ResponseWriter, r *http.Request, c *caller) error {
	err := s.Queue.Leave(r.Context(), c.Viewer, pathID(r, "id"), false)
	if refused, ok := errors.AsType[*queue.RefusedError](err); ok && refused.Code == queue.CounterBusy {
		err = &queue.RefusedError{Code: "busy_leave"}
	}
	to := "/counter"
	if err != nil {
		to = counterURL(pathID(r, "id"))
	}
	return s.ended(w, r, c, to, err, "counter_left")
}

func (s *Server) pauseCounter(w http.ResponseWriter, r *http.Request, c *caller) error {
	_, err := s.Queue.Pause(r.Context(), c.Viewer, pathID(r, "id"), r.PostFormValue("reason"), 0)
	return s.ended(w, r, c, counterURL(pathID(r, "id")), err, "")
}

func (s *Server) unpauseCounter(w http.ResponseWriter, r *http.Request, c *caller) error {
	_, err := s.Queue.Unpause(r.Context(), c.Viewer, pathID(r, "id"))
	return s.ended(w, r, c, counterURL(pathID(r, "id")), err, "")
}

func (s *Server) callNext(w http.ResponseWriter, r *http.Request, c *caller) error {
	_, err := s.Queue.CallNext(r.Context(), c.Viewer, queue.At{CounterID: pathID(r, "id"), Key: r.PostFormValue("key")})
	return s.ended(w, r, c, counterURL(pathID(r, "id")), err, "")
}

func (s *Server) undoVerb(w http.ResponseWriter, r *http.Request, c *caller) error {
	_, err := s.Queue.Undo(r.Context(), c.Viewer, parseID(r.PostFormValue("verb")), r.PostFormValue("key"))
	return s.ended(w, r, c, counterURL(pathID(r, "id")), err, "counter_undone")
}

// linkVisit says who is at the counter.
func (s *Server) linkVisit(w http.ResponseWriter, r *http.Request, c *caller) error {
	_, err := s.Queue.Link(r.Context(), c.Viewer, parseID(r.PostFormValue("step")), queue.Person{CitizenID: parseID(r.PostFormValue("person"))})
	return s.ended(w, r, c, counterURL(pathID(r, "id")), err, "")
}

// counterAct does one verb on one step.
func (s *Server) counterAct(w http.ResponseWriter, r *http.Request, c *caller) error {
	step := queue.Act{StepID: parseID(r.PostFormValue("step")), Version: parseID(r.PostFormValue("version")), Key: r.PostFormValue("key")}
	key, label, err := s.verb(r.Context(), c, r, step)
	return s.ended(w, r, c, backTo(r), err, key, "label", label)
}

// verb does what the button said, and returns the key of the sentence to show.
func (s *Server) verb(ctx context.Context, c *caller, r *http.Request, a queue.Act) (key, label string, err error) {
	v, note := c.Viewer, strings.TrimSpace(r.PostFormValue("note"))
	counter := pathID(r, "id")
	switch name := r.PostFormValue("verb"); name {
	case "start":
		_, err = s.Queue.Start(ctx, v, a)
	case "recall":
		_, err = s.Queue.Recall(ctx, v, a)
	case "no_show":
		_, err = s.Queue.NoShow(ctx, v, a)
	case "put_back":
		_, err = s.Queue.PutBack(ctx, v, a, 0)
	case "hold":
		_, err = s.Queue.Hold(ctx, v, a, "")
	case "resume":
		_, err = s.Queue.Resume(ctx, v, a, counter)
	case "call":
		_, err = s.Queue.Call(ctx, v, queue.CallThis{Act: a, CounterID: counter, Reason: strings.TrimSpace(r.PostFormValue("reason"))})
	case "here":
		_, err = s.Queue.StaffHere(ctx, v, a)
	case "transfer":
		_, err = s.Queue.Transfer(ctx, v, queue.Transfer{Act: a, ServiceID: parseID(r.PostFormValue("service")), CounterID: parseID(r.PostFormValue("counter")), Note: note})
	case "add_service":
		_, err = s.Queue.AddService(ctx, v, a, parseID(r.PostFormValue("service")))
	case "finish":
		_, err = s.Queue.Finish(ctx, v, queue.Finish{Act: a, Note: note, Missing: r.PostForm["missing"]})
	case "finish_next":
		if _, err = s.Queue.Finish(ctx, v, queue.Finish{Act: a, Note: note, Missing: r.PostForm["missing"]}); err == nil {
			_, err = s.Queue.CallNext(ctx, v, queue.At{CounterID: counter, Key: a.Key + "-next"})
		}
	case "to_office":
		var res *queue.Result
		res, err = s.Queue.ToOffice(ctx, v, queue.ToOffice{Act: a, OfficeID: parseID(r.PostFormValue("office")), Subject: strings.TrimSpace(r.PostFormValue("subject")), Text: note, Note: note})
		if err == nil {
			return "counter_handed_on", res.Ticket.Label, nil
		}
	default:
		return "", "", &inbox.InvalidError{Field: "verb", Code: "unknown"}
	}
	return "", "", err
}

// whyCalled puts the explanation of a call into words and figures.
func (s *Server) whyCalled(r *http.Request, c *caller, h *queue.House, call *queue.Call) (*page.WhyCalled, error) {
	e, err := s.Queue.Why(r.Context(), c.Viewer, call.ID)
	if err != nil {
		return nil, err
	}
	out := &page.WhyCalled{}
	d := e.Decision
	if e.Chosen != nil {
		out.Reason, out.Note, d = "chosen", e.Chosen.Reason, e.Chosen.InsteadOf
	}
	if d == nil {
		return nil, nil
	}
	labels, err := s.Queue.LabelsOf(r.Context(), c.Viewer, h.Site.ID, d)
	if err != nil {
		return nil, err
	}
	if out.Reason == "" {
		out.Reason = string(d.Reason)
	}
	out.Called = whyLine(h, c.lang, labels, &d.Called)
	if d.RunnerUp != nil {
		x := whyLine(h, c.lang, labels, d.RunnerUp)
		out.Runner = &x
	}
	return out, nil
}

func whyLine(h *queue.House, lang page.Lang, labels map[int64]string, x *order.Ranked) page.WhyLine {
	out := page.WhyLine{
		Label: labels[x.ID], Waited: int(x.Minutes), Head: weight(x.Head), Slope: "×" + weight(x.Slope), Value: weight(x.Value),
	}
	for _, k := range h.Classes {
		if k.Key == x.Class {
			out.Class = k.Names.In(string(lang))
		}
	}
	return out
}

// weight is a figure with one decimal where it has one, with the comma of Italian.
func weight(f float64) string {
	return strings.TrimSuffix(strings.ReplaceAll(fmt.Sprintf("%.1f", f), ".", ","), ",0")
}
