package templates

import (
	"html"
	"regexp"
	"strings"
)

// listMark begins the lines of a list.
const listMark = "- "

// body writes filled-in lines as paragraphs and lists.
func body(lines [][]piece) string {
	var b strings.Builder
	for len(lines) > 0 {
		n := 0
		list := true
		for n < len(lines) && len(lines[n]) > 0 {
			list = list && lines[n][0].literal && strings.HasPrefix(lines[n][0].text, listMark)
			n++
		}
		switch {
		case n == 0:
			n = 1
		case list:
			writeList(&b, lines[:n])
			b.WriteByte('\n')
		default:
			writeParagraph(&b, lines[:n])
			b.WriteByte('\n')
		}
		lines = lines[n:]
	}
	return b.String()
}

// headingMark begins a line that is a heading, in texts that are pages.
const headingMark = "# "

// cutHeadings takes the marks away from the lines that are headings: a mark
// counts where a person wrote it, never in a value.
func cutHeadings(lines [][]piece) [][]piece {
	for _, l := range lines {
		if len(l) > 0 && l[0].literal && strings.HasPrefix(l[0].text, headingMark) {
			l[0].text, l[0].heading = strings.TrimPrefix(l[0].text, headingMark), true
		}
	}
	return lines
}

// headedBody is body with headings, each of which ends the paragraph before it.
func headedBody(lines [][]piece) string {
	var b strings.Builder
	from := 0
	for i, l := range lines {
		if len(l) > 0 && l[0].heading {
			b.WriteString(body(lines[from:i]))
			b.WriteString("<h2>")
			writePieces(&b, l)
			b.WriteString("</h2>\n")
			from = i + 1
		}
	}
	b.WriteString(body(lines[from:]))
	return b.String()
}

func writeParagraph(b *strings.Builder, lines [][]piece) {
	b.WriteString("<p>")
	for i, l := range lines {
		if i > 0 {
			b.WriteString("<br>\n")
		}
		writePieces(b, l)
	}
	b.WriteString("</p>")
}

func writeList(b *strings.Builder, lines [][]piece) {
	b.WriteString("<ul>\n")
	for _, l := range lines {
		b.WriteString("<li>")
		first := l[0]
		first.text = strings.TrimPrefix(first.text, listMark)
		writePieces(b, append([]piece{first}, l[1:]...))
		b.WriteString("</li>\n")
	}
	b.WriteString("</ul>")
}

func writePieces(b *strings.Builder, pieces []piece) {
	for _, p := range pieces {
		switch {
		case p.link:
			writeLink(b, p.text)
		case p.literal:
			writeLinked(b, p.text)
		default:
			b.WriteString(strings.ReplaceAll(html.EscapeString(p.text), "\n", "<br>\n"))
		}
	}
}

func writeLink(b *strings.Builder, address string) {
	escaped := html.EscapeString(address)
	b.WriteString(`<a href="` + escaped + `">` + escaped + `</a>`)
}

var addressPattern = regexp.MustCompile(`https?://[^\s<>"]+`)

// writeLinked escapes a text and makes the addresses in it clickable. What
// ends a sentence does not belong to an address.
func writeLinked(b *strings.Builder, text string) {
	for {
		at := addressPattern.FindStringIndex(text)
		if at == nil {
			b.WriteString(html.EscapeString(text))
			return
		}
		address := strings.TrimRight(text[at[0]:at[1]], ".,;:!?'»”")
		if strings.HasSuffix(address, ")") && !strings.Contains(address, "(") {
			address = strings.TrimRight(address, ").,;:!?'")
		}
		end := at[0] + len(address)
		b.WriteString(html.EscapeString(text[:at[0]]))
		if goodLink(address) {
			writeLink(b, address)
		} else {
			b.WriteString(html.EscapeString(text[at[0]:end]))
		}
		text = text[end:]
	}
}

// Paragraphs writes a plain text that staff typed as HTML: escaped, blank
// lines part paragraphs, lines that begin with "- " are a list, addresses are
// clickable. Nothing in it is a variable.
func Paragraphs(text string) string {
	var lines [][]piece
	for l := range strings.SplitSeq(cleanValue(Block, text), "\n") {
		if strings.TrimSpace(l) == "" {
			lines = append(lines, nil)
			continue
		}
		lines = append(lines, []piece{{text: l, literal: true}})
	}
	return body(lines)
}

// Document wraps paragraphs made by Paragraphs or Render into a whole HTML
// page for a mail: language, character set and title are set, as screen
// readers need, and nothing is loaded from anywhere.
func Document(lang, title string, bodies ...string) string {
	return `<!DOCTYPE html>
<html lang="` + html.EscapeString(lang) + `">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>` + html.EscapeString(cleanValue(Line, title)) + `</title>
</head>
<body style="font-family: sans-serif; font-size: 16px; line-height: 1.5; max-width: 40em">
` + strings.Join(bodies, "") + `</body>
</html>
`
}
