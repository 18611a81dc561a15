package channeltest_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/channeltest"
)

func raw(key string) channels.Raw {
	return channels.Raw{DedupKey: key, ContentType: "text/plain", Body: []byte(key), Size: int64(len(key)), ReceivedAt: 1}
}

func TestIntakeKeepsEachKeyOnce(t *testing.T) {
	in := channeltest.NewIntake()
	ctx := t.Context()
	for range 2 {
		if err := in.Accept(ctx, channels.Batch{Stream: "s", Cursor: []byte("2"), Items: []channels.Raw{raw("a"), raw("b")}}); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(in.Items()); n != 2 {
		t.Errorf("%d items stored, want 2", n)
	}
	if n := len(in.Offered()); n != 4 {
		t.Errorf("%d items offered, want 4", n)
	}
	if c, _ := in.Cursor(ctx, "s"); string(c) != "2" {
		t.Errorf("cursor %q, want 2", c)
	}
	if c, _ := in.Cursor(ctx, "other"); c != nil {
		t.Errorf("cursor of another stream %q, want none", c)
	}
}

func TestIntakeFailureMovesNothing(t *testing.T) {
	in := channeltest.NewIntake()
	ctx := t.Context()
	broken := errors.New("disk full")
	in.Fail(1, broken)
	b := channels.Batch{Stream: "s", Cursor: []byte("1"), Items: []channels.Raw{raw("a")}}
	if err := in.Accept(ctx, b); !errors.Is(err, broken) {
		t.Fatalf("Accept gave %v, want the failure asked for", err)
	}
	if c, _ := in.Cursor(ctx, "s"); c != nil || len(in.Items()) != 0 {
		t.Errorf("a failed Accept left cursor %q and %d items", c, len(in.Items()))
	}
	if err := in.Accept(ctx, b); err != nil {
		t.Errorf("second Accept: %v", err)
	}
}

func TestIntakeRefusesMalformedItems(t *testing.T) {
	for name, r := range map[string]channels.Raw{
		"no key":       {ContentType: "x", Body: []byte("x"), Size: 1, ReceivedAt: 1},
		"no type":      {DedupKey: "k", Body: []byte("x"), Size: 1, ReceivedAt: 1},
		"no time":      {DedupKey: "k", ContentType: "x", Body: []byte("x"), Size: 1},
		"no body":      {DedupKey: "k", ContentType: "x", ReceivedAt: 1},
		"both":         {DedupKey: "k", ContentType: "x", Body: []byte("x"), Blob: "b", Size: 1, ReceivedAt: 1},
		"unknown blob": {DedupKey: "k", ContentType: "x", Blob: "b", Size: 1, ReceivedAt: 1},
		"wrong size":   {DedupKey: "k", ContentType: "x", Body: []byte("x"), Size: 2, ReceivedAt: 1},
	} {
		in := channeltest.NewIntake()
		if err := in.Accept(t.Context(), channels.Batch{Items: []channels.Raw{r}}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestIntakeBlob(t *testing.T) {
	in := channeltest.NewIntake()
	sha, n, err := in.Store(t.Context(), strings.NewReader("corpo"))
	if err != nil || n != 5 {
		t.Fatalf("Store gave %d, %v", n, err)
	}
	r := channels.Raw{DedupKey: "k", ContentType: "x", Blob: sha, Size: n, ReceivedAt: 1}
	if err := in.Accept(t.Context(), channels.Batch{Items: []channels.Raw{r}}); err != nil {
		t.Fatal(err)
	}
	if got := string(in.Body(in.Items()[0])); got != "corpo" {
		t.Errorf("body %q", got)
	}
}

func TestAwaitSaysWhatIsMissing(t *testing.T) {
	in := channeltest.NewIntake()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := in.AwaitItems(ctx, 3)
	if err == nil || !strings.Contains(err.Error(), "0 of 3 items") {
		t.Errorf("got %v", err)
	}
}

func TestAwaitWakes(t *testing.T) {
	in := channeltest.NewIntake()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	go func() {
		in.Warn(ctx, "second_poller", "another process asks for the same bot")
		in.Alive(ctx)
		_ = in.Accept(ctx, channels.Batch{Items: []channels.Raw{raw("a")}})
	}()
	if text, err := in.AwaitWarning(ctx, "second_poller"); err != nil || text == "" {
		t.Errorf("warning %q, %v", text, err)
	}
	if items, err := in.AwaitItems(ctx, 1); err != nil || len(items) != 1 {
		t.Errorf("%d items, %v", len(items), err)
	}
}
