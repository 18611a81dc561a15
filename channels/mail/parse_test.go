package mail

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"filodiretto/channels"
	"filodiretto/internal/clock"
)

var update = flag.Bool("update", false, "write the golden files anew")

// testOwn is the account to which all fixtures were sent.
var testOwn = OwnAddresses{
	Address: "urp@comune.pontelieto.example",
	Aliases: []string{"informazioni@comune.pontelieto.example"},
	Domains: []string{"pontelieto.example"},
	Hosts:   []string{"filo.comune.pontelieto.example"},
}

// testReceived is when all fixtures arrived.
var testReceived = clock.At(time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC))

// TestParseGolden reads each testdata/*.eml and compares the item with the
// .json beside it. A new case is a new file; `go test -update` writes its
// answer, which a person then reads.
func TestParseGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.eml")
	if err != nil || len(files) < 33 {
		t.Fatalf("%d fixtures, %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".eml")
		t.Run(name, func(t *testing.T) {
			body, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			raw := channels.Raw{Body: body, ReceivedAt: testReceived, Meta: map[string]string{MetaUID: "7"}}
			compareGolden(t, strings.TrimSuffix(file, ".eml")+".json", golden(parseOne(t, raw, testOwn)))
		})
	}
}

func compareGolden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (run with -update, then read the new file)", err)
	}
	if string(got) != string(want) {
		t.Errorf("%s differs\ngot  %s\nwant %s", file, got, want)
	}
}

// golden writes an item with what matters and nothing else.
func golden(it channels.Item) []byte {
	m := map[string]any{}
	put := func(key string, value any, is bool) {
		if is {
			m[key] = value
		}
	}
	put("kind", it.Kind, true)
	put("id", it.ExternalID, true)
	put("references", it.References, len(it.References) > 0)
	put("tokens", it.Tokens, len(it.Tokens) > 0)
	put("from", address(it.From), true)
	put("to", addresses(it.To), len(it.To) > 0)
	put("cc", addresses(it.Cc), len(it.Cc) > 0)
	put("reply_to", addresses(it.ReplyTo), len(it.ReplyTo) > 0)
	put("only_copied", true, it.OnlyCopied)
	put("sent", it.SentAt, !it.SentAt.IsZero())
	put("subject", it.Subject, true)
	put("text", strings.Split(it.Text, "\n"), it.Text != "")
	put("html", strings.Split(it.HTML, "\n"), it.HTML != "")
	put("auto", it.Auto, it.Auto != "")
	put("reports", it.Reports, len(it.Reports) > 0)
	var forwarded []string
	for _, x := range it.Forwarded {
		forwarded = append(forwarded, fmt.Sprintf("%s: %s (attached %v)", address(x.From), x.Subject, x.Attached))
	}
	put("forwarded", forwarded, len(forwarded) > 0)
	put("quarantine", it.Quarantine, it.Quarantine != "")
	put("notes", it.Notes, len(it.Notes) > 0)
	var parts []map[string]any
	for _, p := range it.Parts {
		part := map[string]any{"kind": p.Kind, "name": p.Name, "claimed": p.Claimed, "detected": p.Detected, "size": p.Size}
		if p.ContentID != "" {
			part["cid"] = p.ContentID
		}
		if p.Preview != "" {
			part["preview"] = strings.Split(p.Preview, "\n")
		}
		if p.Problem != "" {
			part["problem"] = p.Problem
		}
		parts = append(parts, part)
	}
	put("parts", parts, len(parts) > 0)
	var out strings.Builder
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(m); err != nil {
		panic(err)
	}
	return []byte(out.String())
}

func address(a channels.Address) string {
	if a.Display == "" {
		return a.Value
	}
	return a.Display + " <" + a.Value + ">"
}

func addresses(list []channels.Address) (out []string) {
	for _, a := range list {
		out = append(out, address(a))
	}
	return out
}

// checkItem holds for every item, whatever the bytes were: clean text, an id,
// a hash, no unsafe HTML, unique names, and never nothing at all.
func checkItem(t testing.TB, it channels.Item) {
	t.Helper()
	texts := []string{it.Subject, it.Text, it.HTML, it.From.Display, it.From.Value, it.ExternalID}
	names := map[string]bool{}
	for _, p := range it.Parts {
		texts = append(texts, p.Name, p.Claimed, p.Preview, p.ContentID)
		if p.Name == "" || strings.ContainsAny(p.Name, "/\\\n\r\x00\u202e<>:\"|?*") || names[strings.ToLower(p.Name)] {
			t.Errorf("bad or repeated part name %q", p.Name)
		}
		names[strings.ToLower(p.Name)] = true
	}
	for _, r := range it.Reports {
		texts = append(texts, r.Recipient, r.MessageID, r.Text, r.Code)
	}
	for _, s := range texts {
		if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
			t.Errorf("text is not clean: %q", s)
		}
	}
	if it.ExternalID == "" || len(it.BodyHash) != 64 || it.Kind == "" {
		t.Errorf("id %q, hash %q, kind %q", it.ExternalID, it.BodyHash, it.Kind)
	}
	for _, code := range it.Notes {
		if it, en := ExplainNote(code); it == "" || en == "" {
			t.Errorf("nobody explains the note %q", code)
		}
	}
	if len(it.References) > maxReferences || len(it.Tokens) > maxTokens {
		t.Errorf("%d references, %d tokens", len(it.References), len(it.Tokens))
	}
	for _, bad := range []string{"<script", "javascript:", " on", "<iframe", " src=", "<style", "<form", "<svg"} {
		if bad != " on" && strings.Contains(strings.ToLower(onlyTags(it.HTML)), bad) {
			t.Errorf("HTML has %q", bad)
		}
	}
	if it.HTML != "" && it.Text == "" && !strings.Contains(it.HTML, "<img") {
		t.Error("HTML without text")
	}
}

// onlyTags leaves the tags of sanitised HTML, whose text has no "<".
func onlyTags(s string) string {
	var b strings.Builder
	in := false
	for _, r := range s {
		in = in || r == '<'
		if in {
			b.WriteRune(r)
		}
		if r == '>' {
			in = false
		}
	}
	return b.String()
}
