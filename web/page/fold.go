package page

import (
	"fmt"
	"html"
	"io/fs"
	"regexp"
	"strings"
)

var (
	foldText = regexp.MustCompile(`\{\{T "([a-z0-9_.]+)"\}\}`)
	foldLine = regexp.MustCompile(`[ \t]*\n\s*`)
	foldIcon = regexp.MustCompile(`\{\{icon "([a-z-]+)"(?: "([a-z-]+)")?\}\}`)
)

// fold writes into a template's source what is the same on every page: texts
// without placeholders and signs. Each language has its own templates, so this
// saves about half of the work of a page. Line ends and indentation are for
// those who read the source: pages have none, so that a space between words
// must stand on one line with them.
func fold(src, sprite string, l Lang, c *catalogue) (string, error) {
	var missing error
	src = foldLine.ReplaceAllString(src, "")
	src = foldText.ReplaceAllStringFunc(src, func(m string) string {
		id := foldText.FindStringSubmatch(m)[1]
		if s, ok := c.plain[l][id]; ok {
			return html.EscapeString(s)
		}
		if !c.has(l, id) {
			missing = fmt.Errorf("no text %q in %q", id, l)
		}
		return m
	})
	src = foldIcon.ReplaceAllStringFunc(src, func(m string) string {
		p := foldIcon.FindStringSubmatch(m)
		class := []string{}
		if p[2] != "" {
			class = append(class, p[2])
		}
		return string(icon(sprite, p[1], class))
	})
	return src, missing
}

// sources reads the template files that match, folded, as one text.
func sources(pattern, sprite string, l Lang, c *catalogue) (string, error) {
	names, err := fs.Glob(files, pattern)
	if err != nil {
		return "", err
	}
	var all strings.Builder
	for _, name := range names {
		b, err := fs.ReadFile(files, name)
		if err != nil {
			return "", err
		}
		s, err := fold(string(b), sprite, l, c)
		if err != nil {
			return "", fmt.Errorf("%s: %w", name, err)
		}
		all.WriteString(s)
	}
	return all.String(), nil
}
