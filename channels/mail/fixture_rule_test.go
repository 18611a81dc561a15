package mail

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"filodiretto/channels"
)

// Each of these tests says of a fixture, whose golden file has all of the item,
// the one thing for which a rule wants it.

// fixture reads a mail of testdata.
func fixture(t *testing.T, name string) channels.Item {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", name+".eml"))
	if err != nil {
		t.Fatal(err)
	}
	return parseOne(t, channels.Raw{Body: body, Size: int64(len(body)), ReceivedAt: testReceived}, testOwn)
}

// A mail that the server could not give is told from a mail by how it is made.
func TestRule18PlaceholderOfTheServer(t *testing.T) {
	if it := fixture(t, "18-exchange-placeholder"); it.Quarantine != quarantineUnparseable || !slices.Contains(it.Notes, "server_placeholder") {
		t.Errorf("%q %q", it.Quarantine, it.Notes)
	}
}

func TestRule31TheBodyIsChosen(t *testing.T) {
	if it := fixture(t, "31-alternative"); it.Text == "" || it.HTML == "" {
		t.Error("text and HTML of an alternative are not both kept")
	}
	if it := fixture(t, "31-apple-several-texts"); !strings.Contains(it.Text, "Prima") || strings.Index(it.Text, "Dopo") < strings.Index(it.Text, "Prima") || len(it.Parts) != 1 {
		t.Errorf("texts around a picture: %q", it.Text)
	}
	if it := fixture(t, "31-related-start"); !strings.Contains(it.HTML, "Ecco") || it.Parts[0].Kind != channels.Inline {
		t.Errorf("the start of a related: %q", it.HTML)
	}
	if it := fixture(t, "31-empty-html-full-text"); it.HTML != "" || !strings.Contains(it.Text, "buche") {
		t.Errorf("empty HTML beside a text: %q", it.HTML)
	}
}

func TestRule32TextOfHTML(t *testing.T) {
	it := fixture(t, "32-html-only")
	for _, want := range []string{"Segnalazione\n", "- via Roma", "Via Roma 3", "<https://posta.example/foto>", "> di aspettare"} {
		if !strings.Contains(it.Text, want) {
			t.Errorf("%q is not in the text: %q", want, it.Text)
		}
	}
}

func TestRule33MailInAMail(t *testing.T) {
	p := fixture(t, "33-forwarded-eml").Parts[0]
	if p.Kind != channels.Nested || p.Name != "Città pulita.eml" || !strings.Contains(p.Preview, "Testo di Ugo.") || !strings.Contains(p.Preview, "[piano.pdf]") || len(p.Body) == 0 {
		t.Errorf("%+v", p)
	}
}

// A mail that came as a file of no kind is read as one, however deep but not for ever.
func TestRule33MailAsAFile(t *testing.T) {
	parts := fixture(t, "33-eml-as-file").Parts
	for i, want := range []string{"Subject: Città sporca\n\nIl cassonetto di via Mulino è pieno.", "[dentro.eml]\nFrom: Bruno Galli <bruno@posta.example>\n"} {
		if p := parts[i]; p.Kind != channels.Nested || !strings.Contains(p.Preview, want) || p.Claimed != "application/octet-stream" {
			t.Errorf("%s %s: %q", p.Kind, p.Name, p.Preview)
		}
	}
	if p := parts[2]; p.Kind != channels.File || p.Preview != "" {
		t.Errorf("what is no mail: %s %q", p.Kind, p.Preview)
	}
	inner := "Subject: fondo\r\n\r\nFondo.\r\n"
	for range 40 {
		inner = "Subject: strato\r\nMIME-Version: 1.0\r\nContent-Type: application/octet-stream; name=a.eml\r\n\r\n" + inner
	}
	it := parseOne(t, channels.Raw{Body: []byte(trapHead + "Content-Type: application/octet-stream; name=a.eml\n\n" + inner)}, testOwn)
	if p := it.Parts[0]; strings.Count(p.Preview, "strato") != maxWrapped || it.Quarantine != "" {
		t.Errorf("quarantine %q, layers %d", it.Quarantine, strings.Count(p.Preview, "strato"))
	}
}

// A calendar file says what it wants: who cancels does not invite.
func TestRule36CalendarSaysWhatItIs(t *testing.T) {
	for name, want := range map[string][2]string{
		"36-calendar-cancel":     {"calendar:cancel", "Appuntamento annullato\nSopralluogo in via Roma, 3\n2026-03-10 10:00\nMunicipio, sala 2\nurp@comune.pontelieto.example\n"},
		"36-calendar-counter":    {"calendar:counter", "Chiede di cambiare l’appuntamento\nSopralluogo in via Roma, 3\n2026-03-10 10:00\nMunicipio, sala 2\nanna.verdi@posta.example\n"},
		"36-calendar-declined":   {"calendar:declined", "Invito rifiutato\nSopralluogo in via Roma, 3\n2026-03-10 10:00\nMunicipio, sala 2\nanna.verdi@posta.example\n"},
		"36-calendar-repeated":   {"calendar:update", "Invito cambiato\nSopralluogo in via Roma, 3\n2026-03-10 10:00\nSi ripete ogni 2 settimane, fino al 2026-12-31\nMunicipio, sala 2\nurp@comune.pontelieto.example\n"},
		"36-calendar-invitation": {"calendar:request", "Siete invitati.\n"},
	} {
		it := fixture(t, name)
		if !slices.Contains(it.Notes, want[0]) || it.Text != want[1] {
			t.Errorf("%s: notes %v, text %q", name, it.Notes, it.Text)
		}
		if italian, english := ExplainNote(want[0]); italian == "" || english == "" {
			t.Errorf("%s has no words", want[0])
		}
	}
}

func TestRule37NamesOfFiles(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range fixture(t, "37-unsafe-names").Parts {
		if strings.ContainsAny(p.Name, "/\\:\x00\r\n\u202e") || strings.HasPrefix(strings.ToLower(p.Name), "nul") || seen[strings.ToLower(p.Name)] {
			t.Errorf("name %q", p.Name)
		}
		seen[strings.ToLower(p.Name)] = true
	}
	if p := fixture(t, "37-type-lies").Parts[0]; p.Claimed != "application/pdf" || p.Detected != "application/vnd.microsoft.portable-executable" {
		t.Errorf("claimed %s, detected %s", p.Claimed, p.Detected)
	}
}

func TestRule38PicturesInTheText(t *testing.T) {
	for name, inline := range map[string]int{"38-cid-forms": 3, "38-content-location": 1, "38-apple-missing-cid": 2, "38-unreferenced-inline": 0} {
		n := 0
		for _, p := range fixture(t, name).Parts {
			if p.Kind == channels.Inline {
				n++
			}
		}
		if n < inline || inline == 0 && n > 0 {
			t.Errorf("%s: %d pictures in the text, want %d", name, n, inline)
		}
	}
}

func TestRule40NoNULAndNoBrokenUTF8(t *testing.T) {
	for _, name := range []string{"40-nul-and-controls", "28-invalid-utf8"} {
		it := fixture(t, name)
		for _, s := range []string{it.Subject, it.Text, it.HTML} {
			if strings.ContainsRune(s, 0) || !utf8.ValidString(s) {
				t.Errorf("%s: %q", name, s)
			}
		}
	}
}

func TestRule43QuotedTextStays(t *testing.T) {
	if it := fixture(t, "43-quoted-answer"); !strings.Contains(it.Text, "> passiamo domani.") {
		t.Errorf("%q", it.Text)
	}
}

func TestRule44MarkupIsCleaned(t *testing.T) {
	it := fixture(t, "44-html-attack")
	for _, bad := range []string{"<script", "<form", "<iframe", "javascript:", "onclick", "onerror", "<style", "<meta", "<input"} {
		if strings.Contains(strings.ToLower(it.HTML), bad) {
			t.Errorf("%q is in %q", bad, it.HTML)
		}
	}
	if !strings.Contains(it.HTML, "https://buono.example/") {
		t.Errorf("what is harmless went too: %q", it.HTML)
	}
}

func TestRule45PicturesFromElsewhereWait(t *testing.T) {
	it := fixture(t, "45-remote-images")
	if strings.Contains(it.HTML, " src=") || !strings.Contains(it.HTML, `data-src="https://fuori.example/foto.jpg`) || !slices.Contains(it.Notes, "remote_images") {
		t.Errorf("%q %q", it.HTML, it.Notes)
	}
}

func TestRule46NoLinksToOurselves(t *testing.T) {
	it := fixture(t, "46-own-links")
	for _, bad := range []string{"filo.comune", "/api/", "127.0.0.1", "FILO."} {
		if strings.Contains(it.HTML, bad) {
			t.Errorf("%q is in %q", bad, it.HTML)
		}
	}
	if !strings.Contains(it.HTML, "www.comune.pontelieto.example") {
		t.Errorf("the municipality's site went too: %q", it.HTML)
	}
}

// Headers of ours that others wrote count for nothing but a loop.
func TestRule50OurHeadersFromOthers(t *testing.T) {
	if it := fixture(t, "50-loop-header"); it.Auto != channels.OwnLoop || len(it.Tokens) != 0 {
		t.Errorf("%q %q", it.Auto, it.Tokens)
	}
}

func TestRule53AutomaticMailHasItsKind(t *testing.T) {
	for name, want := range map[string]channels.Auto{
		"53-abuse-report": "abuse_report", "53-calendar-reply": "calendar_reply", "53-challenge": "challenge",
		"59-dsn-failed": "dsn", "62-mdn-read": "mdn", "54-mailing-list": "bulk",
	} {
		if it := fixture(t, name); it.Auto != want {
			t.Errorf("%s is %q, want %q", name, it.Auto, want)
		}
	}
}

func TestRule61BouncesInWords(t *testing.T) {
	for name, code := range map[string]string{
		"61-qmail": "5.1.1", "61-exchange-italian": "5.2.2",
		"61-aruba-words": "5.1.1", "61-gmail-words": "5.1.1", "61-libero-words": "5.2.2", // with no id of ours
	} {
		it := fixture(t, name)
		if len(it.Reports) != 1 || it.Reports[0].State != "failed" || it.Reports[0].Code != code || it.Reports[0].Confident {
			t.Errorf("%s: %+v", name, it.Reports)
		}
	}
	if it := fixture(t, "61-person-writes-about-a-bounce"); it.Kind != channels.Message || len(it.Reports) != 0 {
		t.Errorf("a person's question about a bounce is a %s", it.Kind)
	}
}

func TestRule62ReceiptsOfReading(t *testing.T) {
	it := fixture(t, "62-mdn-read")
	if it.Kind != channels.Report || len(it.Reports) != 1 || it.Reports[0].State != "read" || it.Reports[0].MessageID == "" {
		t.Errorf("%s %+v", it.Kind, it.Reports)
	}
}

func TestRule75TokensAreFound(t *testing.T) {
	if it := fixture(t, "75-tokens"); !slices.Contains(it.Tokens, "Tok1EN") || !slices.Contains(it.Tokens, "URP-2026-004512-K7") || slices.Contains(it.Tokens, "nostro") {
		t.Errorf("%q", it.Tokens)
	}
}

func TestRule80SubjectAloneIsNoReference(t *testing.T) {
	it := parseText(t, "From: a@b.example\nTo: urp@comune.pontelieto.example\nSubject: Re: R: I: Fwd: AW: Buche\n\nciao\n")
	if len(it.References) != 0 || len(it.Tokens) != 0 {
		t.Errorf("%q %q", it.References, it.Tokens)
	}
}
