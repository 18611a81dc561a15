package rig

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// API is a program that uses the town's API with a token.
type API struct {
	Base  string // "http://127.0.0.1:1234"
	Token string
	HTTP  *http.Client
}

// StatusError is an answer other than 2xx.
type StatusError struct {
	Status int
	Body   string
}

// Error tells the status and the beginning of the problem document.
func (e *StatusError) Error() string {
	return fmt.Sprintf("status %d: %s", e.Status, e.Body[:min(len(e.Body), 400)])
}

// Get reads a resource into out; nil reads and drops it.
func (a *API) Get(ctx context.Context, path string, out any) error {
	return a.do(ctx, http.MethodGet, path, "", nil, out)
}

// Post sends a command under an idempotency key, which may be empty.
func (a *API) Post(ctx context.Context, path, key string, in, out any) error {
	return a.do(ctx, http.MethodPost, path, key, in, out)
}

func (a *API) do(ctx context.Context, method, path, key string, in, out any) error {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("api: %w", err)
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, a.Base+"/api/v1"+path, body)
	if err != nil {
		return fmt.Errorf("api: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+a.Token)
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	resp, err := a.HTTP.Do(req)
	if err != nil {
		return fmt.Errorf("api: %w", err)
	}
	defer resp.Body.Close()
	b, err := ReadBody(resp)
	if err != nil {
		return fmt.Errorf("api: %w", err)
	}
	if resp.StatusCode/100 != 2 {
		return &StatusError{resp.StatusCode, string(b)}
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(b, out); err != nil {
		return fmt.Errorf("api: read the answer: %w", err)
	}
	return nil
}

// ReadBody reads an answer into memory of its very size, where that is told: who
// measures lives in the process that is measured, and shall not fill its memory.
func ReadBody(resp *http.Response) ([]byte, error) {
	if resp.ContentLength < 0 {
		return io.ReadAll(resp.Body)
	}
	b := make([]byte, resp.ContentLength)
	_, err := io.ReadFull(resp.Body, b)
	return b, err
}

// Case is what an answer needs to know of a case. The ids are passed on as they
// were read.
type Case struct {
	Ref      string          `json:"ref"`
	Year     int             `json:"year"`
	Number   int64           `json:"number"`
	LastInID json.RawMessage `json:"last_in_id"`
}

func (c Case) path() string {
	return "/cases/" + strconv.Itoa(c.Year) + "/" + strconv.FormatInt(c.Number, 10)
}

// Cases is a piece of a view, and where the next one begins ("" at the end).
func (a *API) Cases(ctx context.Context, view, cursor string, limit int) (list []Case, next string, err error) {
	q := url.Values{"view": {view}, "limit": {strconv.Itoa(limit)}}
	if cursor != "" {
		q.Set("cursor", cursor)
	}
	var page struct {
		Items []Case  `json:"items"`
		Next  *string `json:"next"`
	}
	if err := a.Get(ctx, "/cases?"+q.Encode(), &page); err != nil {
		return nil, "", err
	}
	if page.Next != nil {
		next = *page.Next
	}
	return page.Items, next, nil
}

// Way is how a citizen can be answered.
type Way struct {
	Identity json.RawMessage
	Account  json.RawMessage
	SeenInID json.RawMessage
}

// Ways asks how a case can be answered; ok is false when it cannot.
func (a *API) Ways(ctx context.Context, c Case) (w Way, ok bool, err error) {
	var o struct {
		Items []struct {
			Identity json.RawMessage `json:"identity"`
			Account  *struct {
				ID json.RawMessage `json:"id"`
			} `json:"account"`
		} `json:"items"`
		Default  *int            `json:"default"`
		SeenInID json.RawMessage `json:"seen_in_id"`
	}
	if err := a.Get(ctx, c.path()+"/options", &o); err != nil {
		return w, false, err
	}
	if o.Default == nil || o.Items[*o.Default].Account == nil {
		return w, false, nil
	}
	x := o.Items[*o.Default]
	return Way{x.Identity, x.Account.ID, o.SeenInID}, true, nil
}

// Reply answers a case at once, without the seconds in which it can be undone.
func (a *API) Reply(ctx context.Context, c Case, w Way, key, text string) error {
	return a.Post(ctx, c.path()+"/messages", key, map[string]any{
		"text": text, "account": w.Account, "to": []any{map[string]any{"identity": w.Identity}}, "undo_seconds": 0, "seen_in_id": w.SeenInID,
	}, nil)
}

// Again reports whether the answer says that the same request may be sent again
// as it is: the program is busy with the first one, or with too many.
func (e *StatusError) Again() bool {
	return e.Status == http.StatusTooManyRequests || e.Status == http.StatusConflict && strings.Contains(e.Body, "in_progress")
}
