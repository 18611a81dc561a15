package rfc822

import "strings"

// Flowed joins the soft line breaks of format=flowed (RFC 3676); delsp says
// that the space before the break is to go too. Quotation marks stay.
func Flowed(s string, delsp bool) string {
	out := make([]byte, 0, len(s))
	depth, open := 0, false // of the paragraph that goes on
	for len(s) > 0 {
		var line string
		line, s, _ = strings.Cut(s, "\n")
		n := 0
		for n < len(line) && line[n] == '>' {
			n++
		}
		text := strings.TrimPrefix(line[n:], " ") // one space was stuffed
		if open && (n != depth || text == "-- ") {
			out = append(out, '\n')
			open = false
		}
		if !open {
			out = append(out, line[:n]...)
			if n > 0 && text != "" {
				out = append(out, ' ')
			}
		}
		out = append(out, text...)
		depth, open = n, strings.HasSuffix(text, " ") && text != "-- "
		switch {
		case !open:
			out = append(out, '\n')
		case delsp:
			out = out[:len(out)-1]
		}
	}
	return string(out)
}
