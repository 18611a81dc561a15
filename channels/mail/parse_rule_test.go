package mail

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"filodiretto/channels"
	"filodiretto/channels/mail/rfc822"
)

func parseText(t *testing.T, raw string) channels.Item {
	t.Helper()
	return parseOne(t, channels.Raw{Body: []byte(raw), ReceivedAt: testReceived}, testOwn)
}

// Rule 12: each limit gives an item that says so, with the headers read.
func TestRule12Limits(t *testing.T) {
	small := rfc822.Limits{Total: 3000, Part: 500, Parts: 5, Depth: 3, Header: 400, Fields: 30, Recipients: 3, Links: 2, Text: 1000, HTML: 2000}
	mixed := "Content-Type: multipart/mixed; boundary=b\n\n"
	tests := []struct{ over, rest string }{
		{rfc822.OverTotal, "\n" + strings.Repeat("a", 3000)},
		{rfc822.OverPart, mixed + "--b\n\nCiao.\n--b\nContent-Type: application/pdf; name=a.pdf\n\n" + strings.Repeat("a", 600) + "\n--b--\n"},
		{rfc822.OverParts, mixed + strings.Repeat("--b\n\nCiao.\n", 7)},
		{rfc822.OverDepth, strings.Repeat("Content-Type: message/rfc822\n\n", 5) + "Ciao.\n"},
		{rfc822.OverHeader, "X-Lungo: " + strings.Repeat("a", 500) + "\n\nCiao.\n"},
		{rfc822.OverRecipients, "Cc: a@b.it, c@d.it, e@f.it\n\nCiao.\n"},
		{rfc822.OverLinks, "Content-Type: text/html\n\n" + strings.Repeat(`<a href="https://x.it">x</a>`, 4)},
	}
	for _, tt := range tests {
		t.Run(tt.over, func(t *testing.T) {
			items, err := parseWithin(channels.Raw{Body: []byte(trapHead + tt.rest), ReceivedAt: testReceived}, testOwn, small)
			if err != nil {
				t.Fatal(err)
			}
			it := items[0]
			checkItem(t, it)
			want := "over_limit" // a small mail of many parts is not too large
			if tt.over == rfc822.OverTotal || tt.over == rfc822.OverPart {
				want = "too_large"
			}
			if it.Quarantine != want || !slices.Contains(it.Notes, "limit:"+tt.over) {
				t.Errorf("quarantine %q, notes %v", it.Quarantine, it.Notes)
			}
			if it.Subject != "Trappola" || it.From.Value != "a@posta.example" || it.ExternalID != "t@posta.example" {
				t.Errorf("headers: %q %q %q", it.Subject, it.From.Value, it.ExternalID)
			}
		})
	}
}

// Rule 12: the part over the limit is there, with its name and without body.
func TestRule12LargePartKeepsItsName(t *testing.T) {
	lim := rfc822.DefaultLimits
	lim.Part = 100
	items, err := parseWithin(channels.Raw{Body: []byte(trapHead + "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nCiao.\n" +
		"--b\nContent-Type: application/pdf; name=grande.pdf\n\n" + strings.Repeat("a", 200) + "\n--b--\n")}, testOwn, lim)
	if err != nil {
		t.Fatal(err)
	}
	p := items[0].Parts[0]
	if p.Name != "grande.pdf" || p.Body != nil || p.Problem != "too_large" || p.Size < 200 || items[0].Text != "Ciao.\n" {
		t.Errorf("part %+v, text %q", p, items[0].Text)
	}
}

// Rules 12 and 23: of some messages only the headers were handed out.
func TestRule12HeadersOnly(t *testing.T) {
	for problem, quarantine := range map[string]string{ProblemTooLarge: "too_large", ProblemNotGiven: "unparseable"} {
		for _, body := range []string{trapHead, ""} {
			it := parseOne(t, channels.Raw{
				ContentType: TypeHeaders, Body: []byte(body), ReceivedAt: testReceived,
				Meta: map[string]string{MetaProblem: problem, MetaUID: "9"},
			}, testOwn)
			if it.Quarantine != quarantine || it.Sequence != 9 || body != "" && it.Subject != "Trappola" {
				t.Errorf("%s: quarantine %q, subject %q, sequence %d", problem, it.Quarantine, it.Subject, it.Sequence)
			}
		}
	}
}

func TestBodyKeptApartMustBeLoaded(t *testing.T) {
	if _, err := Parse(channels.Raw{Blob: "abc", Size: 5}, testOwn); !errors.Is(err, errNoBody) {
		t.Errorf("got %v", err)
	}
}

// Rule 20: parsing is pure.
func TestRule20SameBytesSameItem(t *testing.T) {
	for _, name := range []string{"44-html-attack", "59-dsn-several-recipients", "38-apple-missing-cid", "45-remote-images"} {
		body, err := os.ReadFile("testdata/" + name + ".eml")
		if err != nil {
			t.Fatal(err)
		}
		raw := channels.Raw{Body: body, ReceivedAt: testReceived}
		first := parseOne(t, raw, testOwn)
		for range 20 {
			if again := parseOne(t, raw, testOwn); !reflect.DeepEqual(first, again) {
				t.Fatalf("%s: two answers", name)
			}
		}
	}
}

// Rule 25: the id of a mail without one is made of all its bytes.
func TestRule25SyntheticID(t *testing.T) {
	const mail = "From: a@posta.example\nDate: Mon, 2 Mar 2026 10:15:00 +0100\nSubject: x\n\nCiao.\n"
	sum := sha256.Sum256([]byte(mail))
	if got, want := parseText(t, mail).ExternalID, "sha256-"+hex.EncodeToString(sum[:])+"@synthetic"; got != want {
		t.Errorf("id %q, want %q", got, want)
	}
	if parseText(t, mail).ExternalID == parseText(t, strings.Replace(mail, "Ciao", "Addio", 1)).ExternalID {
		t.Error("two mails with the same From, Date and Subject have one id")
	}
}

// Rules 26 and 27: the hash is of what the sender wrote.
func TestRule26BodyHash(t *testing.T) {
	const mail = "From: Anna <a@posta.example>\nDate: Mon, 2 Mar 2026 10:15:00 +0100\nSubject: Una\n riga lunga\nMessage-ID: <1@x>\n\nCiao.\nAnna\n"
	hash := parseText(t, mail).BodyHash
	same := []string{
		"Return-Path: <a@posta.example>\nReceived: from x by y; Mon, 2 Mar 2026 10:15:01 +0100\nDelivered-To: urp@comune.pontelieto.example\n" + mail,
		strings.ReplaceAll(mail, "\n", "\r\n"),
		mail + "\n\n",
		strings.Replace(mail, "Una\n riga", "Una riga", 1),
		"X-Spam-Score: 1\n" + mail,
	}
	for i, s := range same {
		if got := parseText(t, s).BodyHash; got != hash {
			t.Errorf("way %d of transport changed the hash", i)
		}
	}
	for _, change := range [][2]string{{"Ciao.", "Ciao!"}, {"Una\n", "Altra\n"}, {"a@posta", "b@posta"}, {"10:15:00", "10:15:01"}} {
		if parseText(t, strings.Replace(mail, change[0], change[1], 1)).BodyHash == hash {
			t.Errorf("changing %q left the hash as it was", change[0])
		}
	}
}

// Rule 41: a text that is cut says so, and is whole beside it.
func TestRule41TextCut(t *testing.T) {
	lim := rfc822.DefaultLimits
	lim.Text, lim.HTML = 100, 300
	items, _ := parseWithin(channels.Raw{Body: []byte(trapHead + "\n" + strings.Repeat("perché no\n", 50))}, testOwn, lim)
	it := items[0]
	checkItem(t, it)
	if !slices.Contains(it.Notes, "text_cut") || len(it.Text) > 101 || len(it.Parts) != 1 || it.Parts[0].Size != 550 {
		t.Errorf("text of %d bytes, notes %v, parts %d", len(it.Text), it.Notes, len(it.Parts))
	}
}

// Rule 42: all attachments are kept.
func TestRule42AllAttachments(t *testing.T) {
	it := parseText(t, trapHead+"Content-Type: multipart/mixed; boundary=b\n\n"+
		strings.Repeat("--b\nContent-Type: application/pdf; name=a.pdf\n\nx\n", 400)+"--b--\n")
	if len(it.Parts) != 400 || it.Quarantine != "" || it.Parts[399].Name != "a (400).pdf" {
		t.Errorf("%d parts, last %q, quarantine %q", len(it.Parts), it.Parts[len(it.Parts)-1].Name, it.Quarantine)
	}
}

// Rule 46 and scenario 13: the text of a mail is never a template nor code.
func TestCitizenTextIsNeverInterpreted(t *testing.T) {
	const text = "{{.Secret}} #{x} %{y} ${z} <%= w %> $1 \\1\n"
	if got := parseText(t, trapHead+"\n"+text).Text; got != text {
		t.Errorf("text %q", got)
	}
	it := parseText(t, trapHead+"Content-Type: text/html\n\n<p>{{.Secret}} &lt;script&gt;</p>")
	if it.HTML != "<p>{{.Secret}} &lt;script&gt;</p>" || it.Text != "{{.Secret}} <script>\n" {
		t.Errorf("HTML %q, text %q", it.HTML, it.Text)
	}
}

// Rule 54: each signal, and what it makes of the mail.
func TestRule54Signals(t *testing.T) {
	tests := []struct {
		headers string
		auto    channels.Auto
	}{
		{"", channels.NotAuto},
		{"Auto-Submitted: no\n", channels.NotAuto},
		{"Auto-Submitted: NO (really)\n", channels.NotAuto},
		{"Auto-Submitted: auto-replied\n", channels.AutoReply},
		{"Auto-Submitted: auto-replied; vacation\n", channels.Vacation},
		{"Auto-Submitted: auto-generated\nIn-Reply-To: <a@b>\n", channels.AutoReply},
		{"Auto-Submitted: auto-notified\n", channels.Bulk},
		{"Precedence: bulk\n", channels.Bulk},
		{"Precedence: List\n", channels.Bulk},
		{"Precedence: junk\n", channels.Bulk},
		{"Precedence: first-class\n", channels.NotAuto},
		{"Precedence: auto_reply\n", channels.AutoReply},
		{"List-Id: <novita.y.example>\n", channels.Bulk},
		{"List-Unsubscribe: <mailto:x@y.example>\n", channels.Bulk},
		{"X-Auto-Response-Suppress: DR, OOF, AutoReply\n", channels.Bulk},
		{"X-Auto-Response-Suppress: RN\n", channels.NotAuto},
		{"X-Autoreply: no\n", channels.NotAuto},
		{"X-Autoreply: yes\n", channels.AutoReply},
		{"X-Autorespond: ferie\n", channels.AutoReply},
		{"X-Vacation: on\n", channels.Vacation},
		{"X-Loop: x\n", channels.Bulk},
		{"Return-Path: <>\n", channels.Bulk},
		{"X-FiloDiretto-Loop:\n", channels.OwnLoop},
		{"X-FiloDiretto-Loop: a\nAuto-Submitted: auto-replied\n", channels.OwnLoop},
	}
	for _, tt := range tests {
		if got := parseText(t, trapHead+tt.headers+"\nCiao.\n").Auto; got != tt.auto {
			t.Errorf("%q: %q, want %q", tt.headers, got, tt.auto)
		}
	}
	for from, auto := range map[string]channels.Auto{
		"no-reply@x.example": channels.Bulk, "noreply-notifiche@x.example": channels.Bulk, "non.rispondere@x.example": channels.Bulk,
		"norina@x.example": channels.NotAuto, "mailer-daemon@x.example": channels.Bulk, "nore@x.example": channels.NotAuto, "Postmaster@x.example": channels.Bulk,
	} {
		if got := parseText(t, "From: "+from+"\n\nCiao.\n").Auto; got != auto {
			t.Errorf("from %s: %q, want %q", from, got, auto)
		}
	}
}

// Rule 54: subjects of absence are a weak signal only.
func TestRule54OutOfOfficeSubjects(t *testing.T) {
	tests := map[string]bool{
		"Risposta automatica: x": true, "R: Risposta automatica: x": true, "Automatic reply: x": true, "Out of Office: x": true,
		"Fuori sede": true, "Assente dall’ufficio": true, "Sono in ferie fino al 7": true, "Abwesenheit: x": true,
		"Réponse automatique : x": true, "La risposta automatica non va": false, "Ferie": false, "Buche": false,
	}
	for subject, weak := range tests {
		it := parseText(t, "From: a@posta.example\nSubject: "+subject+"\n\nCiao.\n")
		if got := slices.Contains(it.Notes, "weak:out_of_office_subject"); got != weak || it.Auto != channels.NotAuto {
			t.Errorf("%q: weak %v, auto %q", subject, got, it.Auto)
		}
	}
}

// Rule 56: what counts as ours, with plus-addresses, aliases and domains.
func TestRule56OwnAddresses(t *testing.T) {
	own := OwnAddresses{Address: "URP@Comune.example", Aliases: []string{"info@comune.example"}, Domains: []string{"comune.it"}}.ready()
	tests := []struct {
		addr, detail string
		ok           bool
	}{
		{"urp@comune.example", "", true},
		{"urp+k7@comune.example", "k7", true},
		{"info@comune.it", "", true},
		{"urp+a+b@comune.it", "a+b", true},
		{"altri@comune.example", "", false},
		{"urpino@comune.example", "", false},
		{"urp@comune.example.evil.it", "", false},
		{"", "", false},
		{"urp", "", false},
	}
	for _, tt := range tests {
		detail, ok := own.match(tt.addr)
		if detail != tt.detail || ok != tt.ok {
			t.Errorf("%q: %q %v", tt.addr, detail, ok)
		}
	}
	if _, ok := (OwnAddresses{}).ready().match("a@b.it"); ok {
		t.Error("nothing is ours when nothing was said")
	}
}

// Rule 60: codes of the bounce that decide what happens next.
func TestRule60Outcomes(t *testing.T) {
	tests := []struct {
		action, code, state string
		permanent           bool
	}{
		{"failed", "5.1.1", "failed", true},
		{"failed", "5.7.1", "failed", true},
		{"failed", "5.2.2", "failed", false},
		{"failed", "4.4.7", "failed", false},
		{"failed", "", "failed", true},
		{"delayed", "4.4.1", "delayed", false},
		{"delivered", "2.0.0", "delivered", false},
		{"relayed", "2.0.0", "relayed", false},
		{"expanded", "2.0.0", "relayed", false},
		{"", "4.2.0", "delayed", false},
		{"", "2.1.5", "delivered", false},
		{"boh", "5.0.0", "failed", true},
		{"failed (text)", "5.0.0", "failed", true},
	}
	for _, tt := range tests {
		if state, permanent := outcome(tt.action, tt.code); state != tt.state || permanent != tt.permanent {
			t.Errorf("%q %q: %q %v", tt.action, tt.code, state, permanent)
		}
	}
	for text, code := range map[string]string{
		"550 5.1.1 unknown": "5.1.1", "said: 550 no such user": "5.1.0", "552 full": "5.2.2", "(421) later": "4.0.0",
		"via Roma 550": "5.1.0", "nulla": "", "12.5.1.1": "", "costa 1550 euro": "",
	} {
		if got := statusCode(text); got != code {
			t.Errorf("statusCode(%q) = %q, want %q", text, got, code)
		}
	}
}

// Section 4 of reference/inbox.md: tokens are found however the subject was folded.
func TestTokens(t *testing.T) {
	tests := map[string]string{
		"[URP-2026-004512-K7] Buche": "URP-2026-004512-K7", "R: [urp-2026-004512-k7]": "urp-2026-004512-k7",
		"[URP-2026- 004512-K7]": "URP-2026-004512-K7", "[URP-2026-004512]": "", "URP-2026-004512-K7": "", "[a]": "",
		"[AB-2026-000001-X] [CD-2026-000002-Y]": "AB-2026-000001-X CD-2026-000002-Y",
	}
	for subject, want := range tests {
		it := parseText(t, "From: a@posta.example\nSubject: "+subject+"\n\nCiao.\n")
		if got := strings.Join(it.Tokens, " "); got != want {
			t.Errorf("%q: %q, want %q", subject, got, want)
		}
	}
	var to strings.Builder
	for i := range 100 {
		fmt.Fprintf(&to, "urp+%d@comune.pontelieto.example, ", i)
	}
	if it := parseText(t, "From: a@posta.example\nTo: "+to.String()+"\n\nCiao.\n"); len(it.Tokens) != maxTokens {
		t.Errorf("%d tokens", len(it.Tokens))
	}
}

func TestSafeName(t *testing.T) {
	tests := map[string]string{
		"a.pdf": "a.pdf", "/etc/passwd": "passwd", `C:\x\a.pdf`: "a.pdf", "..": "", ".": "", "  ": "", "a/": "",
		"nul": "_nul", "NUL.txt": "_NUL.txt", "com1.pdf": "_com1.pdf", "COM¹": "_COM¹", "comune.pdf": "comune.pdf", "com10": "com10",
		"a\x00b\r\n.pdf": "ab.pdf", "fattura\u202efdp.exe": "fatturafdp.exe", "a?b*c.pdf": "a_b_c.pdf", "a. . ": "a", ".htaccess": "htaccess",
		"perché €.pdf": "perché €.pdf", "a\u00a0b.pdf": "a b.pdf", "a\u200db.pdf": "ab.pdf",
	}
	for in, want := range tests {
		if got := safeName(in); got != want {
			t.Errorf("safeName(%q) = %q, want %q", in, got, want)
		}
	}
	long := safeName(strings.Repeat("è", 200) + ".pdf")
	if len(long) > maxName || !strings.HasSuffix(long, "è.pdf") {
		t.Errorf("long name %q of %d bytes", long, len(long))
	}
}

func TestExplainNote(t *testing.T) {
	if it, en := ExplainNote("charset:koi8-r"); it != "testo letto come koi8-r" || en != "text read as koi8-r" {
		t.Errorf("%q %q", it, en)
	}
	if it, en := ExplainNote("mai sentito"); it != "" || en != "" {
		t.Errorf("%q %q", it, en)
	}
	for code, text := range notes {
		for _, s := range text {
			if s == "" || strings.HasSuffix(code, ":") != strings.Contains(s, "%s") && code != "weak:out_of_office_subject" {
				t.Errorf("%s: %q", code, s)
			}
		}
	}
}
