package speech

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"unicode"
)

// errClip says that what the program gave is no sound.
var errClip = errors.New("speech: the program gave no WAV file")

// repaired is a WAV file with its lengths. A program that writes to a pipe does
// not know them when it begins, and puts the largest there are; browsers that
// believe them wait for more.
func repaired(b []byte) ([]byte, error) {
	at, err := dataOf(b)
	if err != nil {
		return nil, err
	}
	n := (len(b) - at) &^ 1 // samples are two bytes
	if n == 0 {
		return nil, errClip
	}
	b = b[:at+n]
	binary.LittleEndian.PutUint32(b[4:], uint32(len(b)-8))
	binary.LittleEndian.PutUint32(b[at-4:], uint32(n))
	return b, nil
}

// dataOf finds where the samples of a RIFF file begin.
func dataOf(b []byte) (int, error) {
	if len(b) < 44 || !bytes.Equal(b[:4], []byte("RIFF")) || !bytes.Equal(b[8:16], []byte("WAVEfmt ")) {
		return 0, errClip
	}
	if bits := binary.LittleEndian.Uint16(b[34:]); bits != 16 {
		return 0, fmt.Errorf("%w of 16 bits but of %d", errClip, bits)
	}
	for at := 12; at+8 <= len(b); {
		size := int64(binary.LittleEndian.Uint32(b[at+4:]))
		if bytes.Equal(b[at:at+4], []byte("data")) {
			return at + 8, nil
		}
		if size > int64(len(b)) {
			break
		}
		at += 8 + int(size+size&1)
	}
	return 0, errClip
}

// spoken reports whether a program says a letter.
func spoken(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// limited keeps what a program writes, up to a limit; more is an error, which
// ends the program. The buffer is no part of its face: io.Copy would use its
// ReadFrom, which knows no limit.
type limited struct {
	kept bytes.Buffer
	most int
	over bool
}

var errTooMuch = errors.New("speech: the program wrote too much")

// Write keeps p.
func (l *limited) Write(p []byte) (int, error) {
	if l.kept.Len()+len(p) > l.most {
		l.over = true
		return 0, errTooMuch
	}
	return l.kept.Write(p)
}
