package segnatura

import (
	"encoding/base64"
	"encoding/hex"
	"regexp"
	"strings"
	"time"

	"filodiretto/channels/mail/rfc822"
)

var declared = regexp.MustCompile(`^[^<>]*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']`)

// utf8Text is a file as UTF-8, whatever it says of itself: by its byte order mark,
// else as declared, else by what the bytes look like.
func utf8Text(b []byte) string {
	charset := "utf-8"
	if m := declared.FindSubmatch(b[:min(len(b), 512)]); m != nil {
		charset = string(m[1])
	}
	text, _ := rfc822.DecodeCharset(b, charset)
	return legible(text)
}

// legible takes out the control characters that no XML may hold: a parser would
// stop at the first.
func legible(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == 0xFFFE || r == 0xFFFF {
			return -1
		}
		return r
	}, s)
}

// words is a text from outside on one line.
func words(s string) string {
	s = strings.Join(strings.Fields(rfc822.CleanLine(rfc822.Clean(s))), " ")
	if len(s) > maxWords {
		s = strings.ToValidUTF8(s[:maxWords], "")
	}
	return s
}

// date is a day as 2026-11-22; what is none stays as it is.
func date(s string) string {
	day, _, _ := strings.Cut(s, "T")
	day, _, _ = strings.Cut(day, " ")
	if len(day) > 10 {
		day = day[:10] // xs:date may bear a zone
	}
	for _, layout := range []string{"2006-01-02", "02/01/2006", "2/1/2006", "02-01-2006", "02.01.2006", "20060102", "2006/01/02"} {
		if t, err := time.Parse(layout, day); err == nil && t.Year() >= 1900 && t.Year() < 2200 {
			return t.Format("2006-01-02")
		}
	}
	return s
}

// hashText is a hash as a file tells it.
type hashText struct{ algorithm, coding string }

// sha256 is the hash in hex when it is one of SHA-256, in base64 or in hex; empty
// for another.
func (h hashText) sha256(text string) string {
	algorithm := strings.ToLower(strings.ReplaceAll(h.algorithm, "-", ""))
	if algorithm != "" && !strings.HasSuffix(algorithm, "sha256") {
		return ""
	}
	text = strings.ReplaceAll(text, " ", "")
	if b, err := hex.DecodeString(text); err == nil && len(b) == 32 {
		return strings.ToLower(text)
	}
	if b, err := base64.StdEncoding.DecodeString(text); err == nil && len(b) == 32 {
		return hex.EncodeToString(b)
	}
	return ""
}
