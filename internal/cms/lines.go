package cms

import "bytes"

// Lines gives a text the line ends that are signed (RFC 8551 section 3.1.1). What came over IMAP has
// them; files saved by programs often have not.
func Lines(b []byte) Octets {
	if bytes.IndexByte(b, '\n') < 0 || bytes.Contains(b, []byte("\r\n")) && bytes.Count(b, []byte("\n")) == bytes.Count(b, []byte("\r\n")) {
		return Octets{b}
	}
	out := Octets{}
	crlf := []byte("\r\n")
	for len(b) > 0 {
		line, rest, found := bytes.Cut(b, []byte("\n"))
		out = append(out, bytes.TrimSuffix(line, []byte("\r")))
		if found {
			out = append(out, crlf)
		}
		b = rest
	}
	return out
}
