//go:build preview

package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"filodiretto/web/page"
	"filodiretto/web/page/sample"
)

// roomRoutes answers what the scripts of the room ask.
func (s *stage) roomRoutes(mux *http.ServeMux) {
	answer := func(make func(*http.Request) any) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(make(r))
		}
	}
	mux.HandleFunc("GET /kiosk/centro/state", answer(func(*http.Request) any { return sample.KioskState() }))
	mux.HandleFunc("POST /kiosk/centro/tickets", answer(func(*http.Request) any { return sample.KioskTicket() }))
	mux.HandleFunc("GET /display/centro/state", answer(func(*http.Request) any { return sample.DisplayState() }))
	mux.HandleFunc("GET /display/centro/events", s.displayEvents)
	mux.HandleFunc("POST /kiosk/centro/help", answer(func(*http.Request) any { return struct{}{} }))
	mux.HandleFunc("POST /kiosk/centro/arrive", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusUnprocessableEntity)
		_, _ = w.Write([]byte(`{"code":"wrong_code"}`))
	})
}

// displayEvents is a stream that only says that the server lives.
func (s *stage) displayEvents(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	c := http.NewResponseController(w)
	beat := time.NewTicker(2 * time.Second)
	defer beat.Stop()
	for {
		fmt.Fprintf(w, "event: beat\ndata: {\"now\":%d,\"offset\":60}\n\n", page.Millis(sample.Now))
		_ = c.Flush()
		select {
		case <-r.Context().Done():
			return
		case <-beat.C:
		}
	}
}
