package standin_test

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"filodiretto/channels/telegram/standin"
	"filodiretto/internal/clock"
)

var (
	ada = standin.User{ID: 5550001234, First: "Ada", Last: "Rossi", Username: "adar", Lang: "it"}
	ugo = standin.User{ID: 5550001235, First: "Ugo"}
)

// world is a stand-in that serves, with a clock that stands still.
type world struct {
	*standin.Server
	url string
	at  *clock.Manual
}

func newWorld(t *testing.T, o standin.Options) *world {
	t.Helper()
	w := &world{at: clock.NewManual(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC))}
	o.Clock = w.at
	w.Server = standin.New(o)
	api := httptest.NewServer(w.API())
	t.Cleanup(func() {
		w.Close()
		api.CloseClientConnections()
		api.Close()
	})
	w.url = api.URL
	return w
}

func guard(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func picture(t *testing.T, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// answer is the envelope as it is on the wire.
type answer struct {
	Status     int
	Header     http.Header
	OK         bool            `json:"ok"`
	Result     json.RawMessage `json:"result"`
	Code       int             `json:"error_code"`
	Text       string          `json:"description"`
	Parameters struct {
		RetryAfter int `json:"retry_after"`
	} `json:"parameters"`
}

// call makes a call as a form.
func (w *world) call(ctx context.Context, t *testing.T, method string, values url.Values) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url+"/bot"+w.Token()+"/"+method, bytes.NewBufferString(values.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return do(t, req)
}

func do(t *testing.T, req *http.Request) answer {
	t.Helper()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Error(err)
		return answer{}
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Error(err)
	}
	a := answer{Status: resp.StatusCode, Header: resp.Header}
	if err := json.Unmarshal(b, &a); err != nil {
		t.Errorf("not an envelope: %q", b)
	}
	return a
}

// ids polls and gives the numbers of the updates.
func (w *world) ids(t *testing.T, values url.Values) []int64 {
	t.Helper()
	a := w.call(guard(t), t, "getUpdates", values)
	var updates []struct {
		ID int64 `json:"update_id"`
	}
	if err := json.Unmarshal(a.Result, &updates); err != nil {
		t.Errorf("%d %s", a.Code, a.Text)
	}
	var out []int64
	for _, u := range updates {
		out = append(out, u.ID)
	}
	return out
}
