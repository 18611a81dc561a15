package web

import (
	"strings"

	"filodiretto/inbox"
	"filodiretto/internal/safehtml"
	"filodiretto/web/page"
)

// body is the text of a message and its files. Pictures that the HTML shows are
// not listed as files again.
func (f *filling) body(m *inbox.Message, parts []*inbox.Part) (page.Body, []page.File) {
	b := page.Body{Text: f.hideSecret(m.Text)}
	if m.Subject != "" && !inbox.SameSubject(m.Subject, f.k.Subject) {
		b.Subject = m.Subject
	}
	shown := ""
	ours := m.Direction == inbox.Out && m.Origin != inbox.FromExternal // written as text; the HTML says no more
	if ours {
		b.Text = f.hideSecret(strings.TrimRight(m.Written(), "\n")) // the closing lines are the same under each
	} else if m.HTML != "" && rich(m.HTML) {
		shown = m.HTML
		b.HTML = "/messages/" + formatID(m.ID) + "/html"
		b.RemoteImages = strings.Count(m.HTML, "data-src=")
	} else if m.Direction == inbox.In {
		b.Text, b.Quoted = safehtml.SplitQuote(b.Text)
	}
	b.Text = strings.TrimRight(b.Text, blanks)
	var files []page.File
	for _, p := range parts {
		if p.ContentID != "" && shown != "" && strings.Contains(shown, "data-cid") && strings.Contains(shown, p.ContentID) {
			continue
		}
		x := f.s.file(f.c, p)
		if x.Signatures = signatures(p.SignedBy(), senderOf(m)); signedFile(p) {
			x.Claimed = "" // it is what it says, and was told by what is in it
		}
		files = append(files, x)
	}
	return b, files
}

// signedFile reports whether a part is a file inside its signature, as it says, that
// could be opened.
func signedFile(p *inbox.Part) bool {
	if p.Claimed != "application/pkcs7-mime" && p.Claimed != "application/x-pkcs7-mime" {
		return false
	}
	by := p.SignedBy()
	return len(by) > 0 && by[0].Reason != "unreadable"
}

// blanks are what a text ends with and nobody reads.
const blanks = " \t\r\n\u00a0"

// hideSecret takes the secret of the citizen's page out of a text for who does
// not work on the case: with it one could look as the citizen.
func (f *filling) hideSecret(text string) string {
	if f.k.Secret == "" || f.c.mayWork(f.k) {
		return text
	}
	return strings.ReplaceAll(text, f.k.Secret, "••••")
}

// richMarks are what plain text cannot say: pictures, tables, lists, headings,
// links with other words, weight.
var richMarks = []string{"<img", "<table", "<ul", "<ol", "<h1", "<h2", "<h3", "<h4", "<a ", "<b>", "<strong", "<em>", "<i>", "<u>"}

// rich reports whether HTML says more than its text: only then is it worth a
// frame of its own.
func rich(html string) bool {
	for _, m := range richMarks {
		if strings.Contains(html, m) {
			return true
		}
	}
	return false
}
