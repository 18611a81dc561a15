package tnef

import (
	"encoding/binary"
	"errors"
)

// errRTF is returned for bytes that are no compressed RTF.
var errRTF = errors.New("tnef: not compressed RTF")

// dictionary is what every compressed text may refer to before its beginning
// (MS-OXRTFCP section 2.1.2.1).
const dictionary = "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"

const (
	windowSize    = 4096
	compressedRTF = 0x75465a4c
	plainRTF      = 0x414c454d
)

// Decompress undoes the compression of RTF; limit bounds the result in bytes.
func Decompress(b []byte, limit int) ([]byte, error) {
	if len(b) < 16 {
		return nil, errRTF
	}
	size, kind := binary.LittleEndian.Uint32(b[4:]), binary.LittleEndian.Uint32(b[8:])
	b = b[16:]
	if uint64(size) > uint64(limit) {
		return nil, errRTF
	}
	switch kind {
	case plainRTF:
		return b[:min(int(size), len(b))], nil
	case compressedRTF:
		return inflate(b, int(size)), nil
	default:
		return nil, errRTF
	}
}

// inflate reads runs of eight, each a letter or a place in the window with a
// length, until the place is where the next letter would be written.
func inflate(b []byte, size int) []byte {
	var window [windowSize]byte
	at := copy(window[:], dictionary)
	out := make([]byte, 0, min(size, 64*len(b)))
	put := func(c byte) {
		out = append(out, c)
		window[at] = c
		at = (at + 1) % windowSize
	}
	for len(b) > 0 && len(out) < size {
		flags := b[0]
		b = b[1:]
		for bit := 0; bit < 8 && len(out) < size; bit++ {
			if flags&(1<<bit) == 0 {
				if len(b) < 1 {
					return out
				}
				put(b[0])
				b = b[1:]
				continue
			}
			if len(b) < 2 {
				return out
			}
			token := binary.BigEndian.Uint16(b)
			b = b[2:]
			from, n := int(token>>4), int(token&15)+2
			if from == at {
				return out
			}
			for ; n > 0 && len(out) < size; n-- {
				put(window[from])
				from = (from + 1) % windowSize
			}
		}
	}
	return out
}
