package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"filodiretto/channels"
)

// remote is what Part.Remote holds: all that Fetch needs, and the name that
// the file endpoint may not keep.
type remote struct {
	ID     string `json:"file_id"`
	Unique string `json:"file_unique_id,omitempty"`
	Name   string `json:"name,omitempty"`
	Size   int64  `json:"size,omitempty"` // as the message said; 0 when it did not
}

func (r remote) String() string {
	b, _ := json.Marshal(r) // strings and a number always marshal
	return string(b)
}

func readRemote(s string) (remote, error) {
	var r remote
	if err := json.Unmarshal([]byte(s), &r); err != nil || r.ID == "" {
		return r, errors.New("not a handle that this channel made")
	}
	return r, nil
}

// SameFile compares what the platform says to be unique to a file, for ever and over
// all bots; a file_id may change (channels 1.5). Where it did not say it, the file_id
// counts, which may show one file as two and never two as one.
func (c *Channel) SameFile(a, b string) bool {
	x, errX := readRemote(a)
	y, errY := readRemote(b)
	switch {
	case errX != nil || errY != nil:
		return a == b
	case x.Unique != "" && y.Unique != "":
		return x.Unique == y.Unique
	}
	return x.ID == y.ID
}

// CodeTooLarge is the Code of the error of Fetch for a file above the limit.
const CodeTooLarge = "too_large"

// Fetch writes the file that a Part.Remote names to w. When it fails, w may
// hold a beginning of the file. A file above max_file_mb is ContentRejected
// with CodeTooLarge.
func (c *Channel) Fetch(ctx context.Context, handle string, w io.Writer) error {
	r, err := readRemote(handle)
	if err != nil {
		return channels.Errorf(channels.ContentRejected, "", "fetch: %v", err)
	}
	if r.Size > c.set.maxFile {
		return c.tooLarge()
	}
	path, size, err := c.filePath(ctx, r.ID)
	if err != nil {
		return err
	}
	if size > c.set.maxFile {
		return c.tooLarge()
	}
	n, err := c.api.download(ctx, path, w, c.set.maxFile)
	switch {
	case errors.Is(err, errTooLarge):
		return c.tooLarge()
	case err != nil:
		return err
	case size > 0 && n != size:
		return channels.Errorf(channels.RetryBackoff, "", "fetch: %d of %d bytes arrived", n, size)
	}
	return nil
}

func (c *Channel) tooLarge() error {
	return channels.Errorf(channels.ContentRejected, CodeTooLarge, "fetch: the file is above the limit of %d MB", c.set.maxFile>>20)
}

// filePath asks where the file lies now. The place is good for an hour, so it
// is asked for at each fetch and never kept (channels 1.5).
func (c *Channel) filePath(ctx context.Context, id string) (string, int64, error) {
	var f struct {
		Size int64  `json:"file_size"`
		Path string `json:"file_path"`
	}
	err := c.api.ask(ctx, "getFile", map[string]string{"file_id": id}, &f)
	var e *channels.Error
	if errors.As(err, &e) && e.Class == channels.ContentRejected && strings.Contains(e.Text, "file is too big") {
		return "", 0, c.tooLarge()
	}
	if err != nil {
		return "", 0, err
	}
	if f.Path == "" {
		return "", 0, channels.Errorf(channels.RetryBackoff, "", "fetch: the platform gave no place for the file")
	}
	if strings.HasPrefix(f.Path, "/") {
		return "", 0, channels.Errorf(channels.AuthBroken, "", "fetch: the Bot API server runs with --local and keeps files on its own disk: start it without")
	}
	return f.Path, f.Size, nil
}

var errTooLarge = errors.New("too large")

// download copies a file from the file endpoint of the configured server, at
// most limit bytes of it. The URL is built here: libraries that know only the
// public host would send the token there.
func (c *client) download(ctx context.Context, path string, w io.Writer, limit int64) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout+time.Duration(limit/100_000)*time.Second)
	defer cancel()
	var segments []string
	for s := range strings.SplitSeq(path, "/") {
		if s == "" || s == "." || s == ".." {
			return 0, channels.Errorf(channels.ContentRejected, "", "fetch: the platform gave an odd place for the file")
		}
		segments = append(segments, url.PathEscape(s))
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+"/file/bot"+c.token+"/"+strings.Join(segments, "/"), nil)
	if err != nil {
		return 0, c.fault("fetch", err, false)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return 0, c.fault("fetch", err, false)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return 0, c.noFile(resp)
	}
	if resp.ContentLength > limit {
		return 0, errTooLarge
	}
	sink := &sink{w: w}
	n, err := io.Copy(sink, io.LimitReader(resp.Body, limit+1))
	switch {
	case sink.err != nil:
		return n, &channels.Error{Class: channels.RetryBackoff, Text: "fetch: the file could not be kept", Err: sink.err}
	case err != nil:
		return n, c.fault("fetch", err, false)
	case n > limit:
		return n, errTooLarge
	}
	return n, nil
}

func (c *client) noFile(resp *http.Response) error {
	class := channels.RetryBackoff
	switch resp.StatusCode {
	case http.StatusUnauthorized:
		class = channels.AuthBroken
	case http.StatusTooManyRequests:
		return &channels.Error{
			Class: channels.RetryAfter, Scope: channels.ScopeAccount, Code: "429",
			Text: "fetch: too many requests", After: retryAfter(resp, 0),
		}
	}
	return channels.Errorf(class, strconv.Itoa(resp.StatusCode), "fetch: the file endpoint answered HTTP %d", resp.StatusCode)
}

// sink remembers the writer's own failure, to tell it from the network's.
type sink struct {
	w   io.Writer
	err error
}

func (s *sink) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	if err != nil {
		s.err = fmt.Errorf("write: %w", err)
	}
	return n, err
}
