package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/emersion/go-message/mail"

	"filodiretto/internal/testserver"
)

// serveControl opens the orders for the tests on a port of their own:
//
//	POST /mail?box=ADDRESS       the body, a message as it is on the wire, arrives there
//	GET  /sent?to=ADDRESS&n=N    waits until N messages for the address were sent; all of them
//	POST /certified?from=&how=   the body, a letter, arrives in the certified mailbox (see pec.go)
//	POST /overdue                what was given to the provider was given an hour ago
//	POST /refuse?to=ADDRESS      the address does not exist (550) the next time it is tried
//	/room, /shut, ...            those of waiting rooms, see room.go
//	/_ctl/...                    those of the Telegram stand-in
func (w *world) serveControl() (string, error) {
	m := http.NewServeMux()
	m.HandleFunc("POST /mail", w.deliver)
	m.HandleFunc("GET /sent", w.sent)
	m.HandleFunc("POST /certified", w.certified)
	m.HandleFunc("POST /overdue", w.overdue)
	m.HandleFunc("POST /refuse", func(_ http.ResponseWriter, r *http.Request) {
		w.sink.Answer(r.URL.Query().Get("to"), testserver.Answer{Code: 550, Enhanced: [3]int{5, 1, 1}, Text: "User unknown"})
	})
	m.Handle("/_ctl/", w.bot.Control())
	w.serveRooms(m)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("serve the orders: %w", err)
	}
	s := &http.Server{Handler: m, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.Serve(l) }() // ends when it is closed
	w.onEnd(s.Close)
	return "http://" + l.Addr().String(), nil
}

func (w *world) deliver(rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = w.dovecot.DeliverAt(w.clock.Now(), r.URL.Query().Get("box"), "INBOX", body)
	}
	if err != nil {
		http.Error(rw, err.Error(), http.StatusBadRequest)
	}
}

// letter is a message that the town sent, as its reader sees it.
type letter struct {
	From      string   `json:"from"`
	To        string   `json:"to"`
	Subject   string   `json:"subject"`
	ID        string   `json:"id"`
	Text      string   `json:"text"`
	Files     []string `json:"files"`
	Automatic bool     `json:"automatic"`
}

// patience is how long an order waits for what should come.
const patience = 30 * time.Second

func (w *world) sent(rw http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	var n int
	if _, err := fmt.Sscan(r.URL.Query().Get("n"), &n); err != nil {
		http.Error(rw, "n is a number", http.StatusBadRequest)
		return
	}
	for {
		all := w.sink.Messages()
		found, err := lettersTo(all, r.URL.Query().Get("to"))
		if err == nil && len(found) < n {
			if _, err = w.sink.Await(ctx, len(all)+1); err == nil {
				continue
			}
			err = fmt.Errorf("%d of %d letters: %w", len(found), n, err)
		}
		if err != nil {
			http.Error(rw, err.Error(), http.StatusGatewayTimeout)
			return
		}
		_ = json.NewEncoder(rw).Encode(found)
		return
	}
}

func lettersTo(all []testserver.Received, to string) ([]letter, error) {
	found := []letter{}
	for _, m := range all {
		if !strings.EqualFold(m.To, to) {
			continue
		}
		l, err := readLetter(m)
		if err != nil {
			return nil, err
		}
		found = append(found, l)
	}
	return found, nil
}

func readLetter(m testserver.Received) (letter, error) {
	r, err := mail.CreateReader(strings.NewReader(string(m.Data)))
	if err != nil {
		return letter{}, fmt.Errorf("read a letter of the town: %w", err)
	}
	l := letter{From: m.From, To: m.To, Automatic: r.Header.Get("Auto-Submitted") != "", Files: []string{}}
	l.Subject, _ = r.Header.Subject()
	l.ID, _ = r.Header.MessageID()
	for {
		p, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return l, nil
		}
		if err != nil {
			return letter{}, fmt.Errorf("read a part of a letter of the town: %w", err)
		}
		if err := l.add(p); err != nil {
			return letter{}, err
		}
	}
}

func (l *letter) add(p *mail.Part) error {
	switch h := p.Header.(type) {
	case *mail.InlineHeader:
		if kind, _, _ := h.ContentType(); kind != "text/plain" {
			return nil
		}
		b, err := io.ReadAll(p.Body)
		l.Text += string(b)
		return err
	case *mail.AttachmentHeader:
		name, err := h.Filename()
		l.Files = append(l.Files, name)
		return err
	}
	return nil
}
