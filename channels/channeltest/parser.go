package channeltest

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"testing"
	"unicode/utf8"

	"filodiretto/channels"
)

// mutants is how many damaged forms of each item CheckParser tries.
const mutants = 200

// CheckParser checks that Parse is pure and never panics: the same bytes give
// the same items twice, and so do damaged bytes, which may also be an error
// but never silence. raws have their Body.
func CheckParser(t testing.TB, p channels.Parser, raws []channels.Raw) {
	t.Helper()
	dice := rand.New(rand.NewPCG(7, 11)) // the same at every run
	if p.ParserVersion() < 1 {
		t.Error("ParserVersion must begin at 1: it is compared with what is stored")
	}
	for _, raw := range raws {
		CheckParse(t, p, raw)
		for range mutants {
			one := raw
			one.Body = damage(dice, raw.Body)
			one.Size = int64(len(one.Body))
			CheckParse(t, p, one)
		}
	}
}

// CheckParse checks what holds for every result of Parse, of any bytes. It is
// the body of a channel's fuzz target.
func CheckParse(t testing.TB, p channels.Parser, raw channels.Raw) {
	t.Helper()
	before := bytes.Clone(raw.Body)
	items, err := p.Parse(raw)
	again, err2 := p.Parse(raw)
	switch {
	case !bytes.Equal(before, raw.Body):
		t.Error("Parse changed the raw bytes")
	case (err == nil) != (err2 == nil) || !reflect.DeepEqual(items, again):
		t.Errorf("Parse is not pure: %+v and %+v", items, again)
	case err == nil && len(items) == 0:
		t.Error("Parse dropped an item in silence")
	}
	for _, it := range items {
		checkItem(t, it)
	}
}

func checkItem(t testing.TB, it channels.Item) {
	t.Helper()
	if it.Kind == "" {
		t.Error("an item without a kind")
	}
	for name, s := range map[string]string{
		"Text": it.Text, "Subject": it.Subject, "Payload": it.Payload,
		"ExternalID": it.ExternalID, "From.Display": it.From.Display, "From.Handle": it.From.Handle,
	} {
		if !utf8.ValidString(s) || bytes.IndexByte([]byte(s), 0) >= 0 {
			t.Errorf("%s is not clean: %q", name, s)
		}
	}
	names := map[string]bool{}
	for _, part := range it.Parts {
		if part.Kind != channels.File && part.Kind != channels.Inline && part.Kind != channels.Nested {
			continue
		}
		if part.Name == "" || names[part.Name] || !safeName(part.Name) {
			t.Errorf("part name %q is empty, repeated or unsafe", part.Name)
		}
		names[part.Name] = true
		if part.Body == nil && part.Remote == "" && part.Problem == "" {
			t.Error("a part has no body, no handle and no reason")
		}
	}
}

// safeName is what mail rule 37 asks of a file name.
func safeName(s string) bool {
	if !utf8.ValidString(s) || s == "." || s == ".." {
		return false
	}
	for _, r := range s {
		if r < ' ' || r == 0x7f || r == '/' || r == '\\' || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 {
			return false
		}
	}
	return true
}

// damage changes bytes as broken lines, cut files and hostile senders do.
func damage(dice *rand.Rand, body []byte) []byte {
	b := bytes.Clone(body)
	for range 1 + dice.IntN(4) {
		if len(b) == 0 {
			return b
		}
		at := dice.IntN(len(b))
		switch dice.IntN(6) {
		case 0:
			b[at] ^= 1 << dice.IntN(8)
		case 1:
			b[at] = byte(dice.IntN(256))
		case 2:
			b = b[:at]
		case 3: // leave a stretch out
			end := min(at+1+dice.IntN(20), len(b))
			b = append(b[:at:at], b[end:]...)
		case 4: // repeat a stretch
			end := min(at+1+dice.IntN(40), len(b))
			b = append(b[:end:end], b[at:]...)
		case 5:
			const odd = "\x00\xff\r\n\"{}[]<>:;=-0123456789"
			b[at] = odd[dice.IntN(len(odd))]
		}
	}
	return b
}
