package standin

import (
	"io"
	"net/http"
	"strings"
)

// FaultKind says how a call goes wrong.
type FaultKind string

// The kinds of fault.
const (
	Answer FaultKind = "answer" // a refusal with Status, Description and RetryAfter; nothing is done
	Page   FaultKind = "page"   // Status and Body as they are, like a proxy's page; nothing is done
	Close  FaultKind = "close"  // the connection ends before the request is read; nothing is done
	Drop   FaultKind = "drop"   // the call is carried out and the connection ends without an answer
	Hang   FaultKind = "hang"   // no answer until the client goes away; nothing is done
)

// Fault makes calls of a method fail.
type Fault struct {
	Kind        FaultKind `json:"kind"`
	Method      string    `json:"method"` // in any case; empty means every method
	Times       int       `json:"times"`  // 0 means once, below zero until ClearFaults
	Skip        int       `json:"skip"`   // how many calls go well first
	Status      int       `json:"status"`
	Description string    `json:"description"`
	RetryAfter  int       `json:"retry_after"`
	MigrateTo   int64     `json:"migrate_to"`
	Body        string    `json:"body"`
}

// Fail arranges a fault. Several faults wait in the order in which they were arranged.
func (s *Server) Fail(f Fault) {
	if f.Times == 0 {
		f.Times = 1
	}
	if f.Kind == "" {
		f.Kind = Answer
	}
	f.Method = strings.ToLower(f.Method)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &f)
}

// ClearFaults takes all faults away.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// takeFault uses up the first fault that is meant for the method.
func (s *Server) takeFault(name string) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, f := range s.faults {
		if f.Method != "" && f.Method != name {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			return nil
		}
		if f.Times > 0 {
			f.Times--
		}
		if f.Times == 0 {
			s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
		}
		taken := *f
		return &taken
	}
	return nil
}

// before does what comes in place of the call, and reports whether it did.
func (f *Fault) before(s *Server, w http.ResponseWriter, r *http.Request) bool {
	switch f.Kind {
	case Answer:
		write(w, nil, &refusal{Code: f.Status, Description: f.Description, RetryAfter: f.RetryAfter, MigrateTo: f.MigrateTo})
	case Page:
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(f.Status)
		_, _ = io.WriteString(w, f.Body)
	case Hang:
		select {
		case <-r.Context().Done():
		case <-s.ctx.Done():
		}
		panic(http.ErrAbortHandler)
	default:
		return false
	}
	return true
}
