package mail

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"filodiretto/channels"
)

// FuzzParse: whatever the bytes are, there is one clean item, the same each
// time, and no panic.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.eml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		if len(body) < 4000 {
			f.Add(body)
		}
	}
	for _, s := range usualSetups() {
		f.Add([]byte(s.header + trapHead + "\nciao\n"))
	}
	own := testOwn
	own.Servers = []string{mxName, "10.9.0.0/16"}
	f.Fuzz(func(t *testing.T, body []byte) {
		raw := channels.Raw{Body: body, ReceivedAt: testReceived}
		it := parseOne(t, raw, own)
		if again := parseOne(t, raw, own); !reflect.DeepEqual(it, again) {
			t.Error("parsed twice, two answers")
		}
	})
}

// FuzzBorder: whatever a stranger greets with, has in the envelope and writes on top of
// the mail, nothing of it counts for them beside what our own server found, and it shows
// that the mail came from outside.
func FuzzBorder(f *testing.F) {
	forms := []string{
		"from GREETING (unknown [192.0.2.66]) by mx.comune.pontelieto.example (Postfix) with ESMTP id 4X",
		"from GREETING (192.0.2.66) by mx.comune.pontelieto.example (10.0.0.2) with Microsoft SMTP Server id 15.2",
		"from [192.0.2.66] (helo=GREETING) by mx.comune.pontelieto.example with esmtp (Exim 4.96) (envelope-from <ENVELOPE>) id 1t",
		"from unknown (HELO GREETING) (192.0.2.66) (envelope-sender <ENVELOPE>) by mx.comune.pontelieto.example with SMTP",
	}
	below := "Received: from localhost by " + mxName + "; x\n" + oursFound + "dmarc=pass header.from=posta.example\n"
	for _, greeting := range []string{"localhost", mxName, "[127.0.0.1]", "x by " + mxName + " with LMTP", "by", "x (LHLO x) (10.0.0.2)", "(qmail "} {
		f.Add(greeting, "\"by "+mxName+" with LMTP \"@x.example", []byte(below))
	}
	own := testOwn
	own.Servers = []string{mxName, "10.9.0.0/16"}
	f.Fuzz(func(t *testing.T, greeting, envelope string, below []byte) {
		if len(greeting) > 500 || len(envelope) > 500 || strings.ContainsFunc(greeting+envelope, func(r rune) bool { return r < ' ' }) {
			return
		}
		for _, form := range forms {
			received := strings.NewReplacer("GREETING", greeting, "ENVELOPE", envelope).Replace(form)
			body := oursFound + "spf=none\nReceived: " + received + "; Mon, 16 Nov 2026 10:00:00 +0100\n" + string(below)
			it := parseOne(t, channels.Raw{Body: []byte(body), ReceivedAt: testReceived}, own)
			for _, v := range foundOf(it) {
				if _, result, _ := strings.Cut(v, ":"); v != "spf:none" && !strings.HasPrefix(result, "fail") && !strings.HasPrefix(v, belowNote) && v != unreadableNote && v != outsideNote {
					t.Errorf("%q: %s", received, v)
				}
			}
			if !slices.Contains(it.Notes, outsideNote) {
				t.Errorf("%q: %v", received, it.Notes)
			}
			body = "Received: " + received + "; Mon, 16 Nov 2026 10:00:00 +0100\nFrom: <eva@posta.example>\n" + string(below)
			for _, v := range foundOf(parseOne(t, channels.Raw{Body: []byte(body), ReceivedAt: testReceived}, own)) {
				if _, result, _ := strings.Cut(v, ":"); !strings.HasPrefix(result, "fail") && !strings.HasPrefix(v, belowNote) && v != unreadableNote && v != outsideNote {
					t.Errorf("below what the sender wrote, %q: %s", received, v)
				}
			}
		}
	})
}
