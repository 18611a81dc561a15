package mail

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"filodiretto/channels"
	"filodiretto/internal/testcost"
)

const trapHead = "From: a@posta.example\nTo: urp@comune.pontelieto.example\nSubject: Trappola\nMessage-ID: <t@posta.example>\n"

// traps are mails made to cost more than they weigh. Each builds its message
// anew, so that none stays in memory.
var traps = []struct {
	name string
	make func() string
}{
	{"nesting 10,000 deep", func() string {
		var b strings.Builder
		b.WriteString(trapHead)
		for i := range 10_000 {
			fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
		}
		return b.String() + "\nFondo.\n"
	}},
	{"messages 10,000 deep", func() string {
		return trapHead + strings.Repeat("Content-Type: message/rfc822\n\nFrom: x@y.example\n", 10_000)
	}},
	{"same boundary 10,000 deep", func() string {
		return trapHead + strings.Repeat("Content-Type: multipart/mixed; boundary=b\n\n--b\n", 10_000)
	}},
	{"100,000 parts", func() string {
		return trapHead + "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\n\nx\n", 100_000)
	}},
	{"500 parts with large headers", func() string {
		return trapHead + "Content-Type: multipart/mixed; boundary=b\n\n" +
			strings.Repeat("--b\n"+strings.Repeat("a:\n", 15_000)+"\nx\n", 500)
	}},
	{"10 MB header of one field", func() string { return trapHead + "X-A: " + strings.Repeat("a", 10<<20) + "\n\nTesto.\n" }},
	{"10 MB header of short fields", func() string { return trapHead + strings.Repeat("a:b\n", 10<<18) + "\nTesto.\n" }},
	{"10 MB header of folds", func() string { return trapHead + "X-A: a\n" + strings.Repeat(" a\n", 10<<20/3) + "\nTesto.\n" }},
	{"10 MB header of blanks", func() string { return trapHead + "X-A: a\n" + strings.Repeat(" \n a\n", 2<<20) + "\nTesto.\n" }},
	{"1 MB line", func() string { return trapHead + "\n" + strings.Repeat("a ", 1<<19) + "\n" }},
	{"1 MB HTML word", func() string {
		return trapHead + "Content-Type: text/html\n\n<p>" + strings.Repeat("a", 1<<20) + "</p>\n"
	}},
	{"many near boundaries", func() string {
		return trapHead + "Content-Type: multipart/mixed; boundary=bbbbbbbb\n\n" + strings.Repeat("--bbbbbbbbx\n", 1<<19)
	}},
	{"boundary in one line", func() string {
		return trapHead + "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b", 1<<20)
	}},
	{"boundary to be guessed", func() string {
		return trapHead + "Content-Type: multipart/mixed\n\n" + strings.Repeat("--\n--x\n", 1<<20)
	}},
	{"encoded words", func() string {
		return trapHead + "X: y\nSubject: " + strings.Repeat("=?a?q?b?= ", 20_000) + "\nSubject: " + strings.Repeat("=?a?q?", 20_000) + "\n\nTesto.\n"
	}},
	{"encoded words in From", func() string {
		return "From: " + strings.Repeat("=?utf-8?b?", 20_000) + " <a@b.example>\nTo: " + strings.Repeat("=?", 20_000) + "\n\nTesto.\n"
	}},
	{"nested comments", func() string {
		return "From: a@b.example" + strings.Repeat("(", 100_000) + "\nTo: " + strings.Repeat("(a", 20_000) + strings.Repeat(")", 19_999) + "\n\nTesto.\n"
	}},
	{"comments in dates and types", func() string {
		return trapHead + "Date: " + strings.Repeat("(", 60_000) + "\nContent-Type: " + strings.Repeat("(", 60_000) + "\n\nTesto.\n"
	}},
	{"quotes", func() string {
		return "From: " + strings.Repeat(`"a`, 60_001) + "\nTo: " + strings.Repeat("<", 60_000) + "\nCc: " + strings.Repeat("a,", 60_000) + "\n\nTesto.\n"
	}},
	{"names before addresses", func() string {
		return "From: a@b.example\nTo: " + strings.Repeat("a, ", 40_000) + "<a@b.example>\nCc: " + strings.Repeat("@", 60_000) + "\n\nTesto.\n"
	}},
	{"references", func() string { return trapHead + "References: " + strings.Repeat("<a>", 80_000) + "\n\nTesto.\n" }},
	{"distinct references", func() string {
		var b strings.Builder
		for i := range 20_000 {
			fmt.Fprintf(&b, "<%d@a>", i)
		}
		return trapHead + "References: " + b.String() + "\n\nTesto.\n"
	}},
	{"parameters", func() string {
		return trapHead + "Content-Type: text/plain; " + strings.Repeat("a*1*=b;", 30_000) + strings.Repeat("x", 30_000) + "\n\nTesto.\n"
	}},
	{"subject tokens", func() string { return trapHead + "Subject: " + strings.Repeat("[AA-", 50_000) + "\n\nTesto.\n" }},
	{"500 files of one name", func() string {
		return trapHead + "Content-Type: multipart/mixed; boundary=b\n\n" +
			strings.Repeat("--b\nContent-Type: application/pdf; name=a.pdf\n\nx\n", 499)
	}},
	{"HTML nested 100,000 deep", func() string { return trapHTML(strings.Repeat("<div><b>", 50_000)) }},
	{"HTML quotations", func() string { return trapHTML(strings.Repeat("<blockquote>x<br>", 100_000)) }},
	{"HTML end tags", func() string { return trapHTML(strings.Repeat("<p>", 1000) + strings.Repeat("</div></p>", 200_000)) }},
	{"HTML links", func() string { return trapHTML(strings.Repeat(`<a href="https://a.example/">x</a>`, 100_000)) }},
	{"HTML open links", func() string { return trapHTML(strings.Repeat(`<a href="https://a.example/">x`, 100_000)) }},
	{"HTML attributes", func() string { return trapHTML("<p " + strings.Repeat(`a=b style="color:red" `, 150_000) + ">x</p>") }},
	{"HTML styles", func() string { return trapHTML(`<p style="` + strings.Repeat(`color:'`, 300_000) + `">x</p>`) }},
	{"HTML images", func() string { return trapHTML(strings.Repeat(`<img src="cid:a">`, 150_000)) }},
	{"HTML data images", func() string {
		return trapHTML(strings.Repeat(`<img src="data:image/png;base64,iVBORw0KGgo=">`, 60_000))
	}},
	{"HTML unclosed", func() string { return trapHTML(strings.Repeat("<!--", 500_000)) }},
	{"HTML lesser signs", func() string { return trapHTML(strings.Repeat("<", 3<<20)) }},
	{"HTML hidden without end", func() string { return trapHTML(strings.Repeat("<div hidden>", 200_000)) }},
	{"HTML images with parts", func() string {
		var b, parts strings.Builder
		for i := range 480 {
			fmt.Fprintf(&parts, "--b\nContent-Type: image/png\nContent-ID: <%d>\nContent-Location: l%d\n\nx\n", i, i)
		}
		for i := range 40_000 {
			fmt.Fprintf(&b, `<img src="cid:z%d">`, i)
		}
		return trapHead + "Content-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html\n\n" + b.String() + "\n" + parts.String()
	}},
	{"status report", func() string {
		return trapHead + "Content-Type: multipart/report; boundary=b\n\n--b\n\nx\n--b\nContent-Type: message/delivery-status\n\n" +
			strings.Repeat("Action: failed\nFinal-Recipient: rfc822; a@b.example\n\n", 100_000) + "--b--\n"
	}},
	{"status folds", func() string {
		return trapHead + "Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\nAction: failed\n" +
			strings.Repeat(" a\n", 1<<20) + "--b--\n"
	}},
	{"calendar", func() string {
		return trapHead + "Content-Type: text/calendar\n\nBEGIN:VEVENT\n" + strings.Repeat("SUMMARY:a\n b\n", 200_000)
	}},
	{"bounce text", func() string {
		return "Return-Path: <>\n" + trapHead + "Subject: failure notice\n\n" + strings.Repeat("a@b.example 5.1.1 ", 200_000)
	}},
	{"quoted-printable", func() string {
		return trapHead + "Content-Transfer-Encoding: quoted-printable\n\n" + strings.Repeat("=", 3<<20)
	}},
	{"soft line ends", func() string {
		return trapHead + "Content-Transfer-Encoding: quoted-printable\n\n" + strings.Repeat("=\n", 2<<20)
	}},
	{"flowed", func() string {
		return trapHead + "Content-Type: text/plain; format=flowed; delsp=yes\n\n" + strings.Repeat("> a \n", 1<<19)
	}},
	{"carriage returns", func() string { return trapHead + "\n" + strings.Repeat("\r", 3<<20) + "\n" }},
	{"encoded messages in messages", func() string {
		inner := "From: a@b.example\n\n" + strings.Repeat("x", 2<<20)
		for range 8 {
			inner = "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString([]byte(inner))
		}
		return trapHead + inner
	}},
	{"45 MB of text", func() string { return trapHead + "\n" + strings.Repeat("Una riga di testo.\n", 45<<20/19) }},
	{"40 MB of texts", func() string {
		return trapHead + "Content-Type: multipart/mixed; boundary=b\n\n" +
			strings.Repeat("--b\n\n"+strings.Repeat("perché ", 200_000)+"\n", 24)
	}},
	{"20 MB of HTML", func() string { return trapHTML(strings.Repeat("<p>perch&eacute;</p>\n", 1<<20)) }},
	{"8 MB of HTML signs", func() string { return trapHTML(strings.Repeat("&<\"'", 2<<20)) }},
	{"base64 of 24 MB", func() string {
		return trapHead + "Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n" +
			base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("perché no\n"), 2<<20))
	}},
	{"utf-7", func() string {
		return trapHead + "Content-Type: text/plain; charset=utf-7\n\n" + strings.Repeat("+AOA-", 200_000) + strings.Repeat("+", 1<<20)
	}},
}

func trapHTML(s string) string {
	return trapHead + "Content-Type: text/html; charset=utf-8\n\n" + s
}

// TestParseTraps: every one is read in under 2 seconds by a process that grows
// by less than 64 MiB beside the message itself, and gives an item.
func TestParseTraps(t *testing.T) {
	for _, trap := range traps {
		t.Run(trap.name, func(t *testing.T) {
			testcost.Within(t, testcost.Most, func() func() {
				raw := channels.Raw{Body: []byte(trap.make()), ReceivedAt: testReceived}
				return func() {
					it := parseOne(t, raw, testOwn)
					if it.Text == "" && it.HTML == "" && it.Quarantine == "" && len(it.Parts) == 0 && !slices.Contains(it.Notes, "no_text") {
						t.Error("neither text, nor a file, nor a word about it")
					}
				}
			})
		})
	}
}

// TestParseLargest reads a message of nearly 50 MB with two files, and one over
// the limit.
func TestParseLargest(t *testing.T) {
	file := bytes.Repeat([]byte("0123456789abcdef"), 17<<20/16)
	part := "--b\nContent-Type: application/octet-stream; name=a.bin\nContent-Transfer-Encoding: base64\n\n" +
		wrap(base64.StdEncoding.EncodeToString(file)) + "\n"
	body := trapHead + "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nDue file.\n" + part + part
	it := parseOne(t, channels.Raw{Body: []byte(body + "--b--\n"), ReceivedAt: testReceived}, testOwn)
	if it.Quarantine != "" || len(it.Parts) != 2 || it.Parts[1].Size != int64(len(file)) {
		t.Errorf("quarantine %q, %d parts", it.Quarantine, len(it.Parts))
	}
	it = parseOne(t, channels.Raw{Body: []byte(body + part + "--b--\n"), ReceivedAt: testReceived}, testOwn)
	if it.Quarantine != "too_large" || it.Subject != "Trappola" || it.From.Value != "a@posta.example" {
		t.Errorf("over the limit: %q %q", it.Quarantine, it.Subject)
	}
}

func wrap(s string) string {
	var b strings.Builder
	for len(s) > 76 {
		b.WriteString(s[:76] + "\n")
		s = s[76:]
	}
	return b.String() + s
}
