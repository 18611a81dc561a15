package cms

import "errors"

// errBER is what every fault of encoding ends in; where exactly is of no use
// to anybody.
var errBER = errors.New("cms: not a BER encoding that can be read")

// maxOpen bounds how many lengths may be left open inside each other. Real
// signatures have four; looking for the end costs one pass for each.
const maxOpen = 16

// element is one tag, length and value (X.690 section 8.1). Nothing is
// copied: raw and content are windows into what was given.
type element struct {
	class       byte // 0 universal, 2 context
	tag         byte // tags above 30 do not occur in CMS and are refused
	constructed bool
	indefinite  bool
	raw         []byte // with tag and length
	content     []byte // without, and without the end-of-contents octets
}

const (
	tagInteger       = 2
	tagBits          = 3
	tagOctets        = 4
	tagOID           = 6
	tagSequence      = 16
	tagSet           = 17
	universal   byte = 0
	context     byte = 2
)

// is reports whether the element has the class and tag.
func (e element) is(class, tag byte) bool { return e.class == class && e.tag == tag }

// head reads tag and length; size is -1 for an open length.
func head(b []byte) (e element, at, size int, err error) {
	if len(b) < 2 || b[0]&0x1f == 0x1f {
		return e, 0, 0, errBER
	}
	e.class, e.tag, e.constructed = b[0]>>6, b[0]&0x1f, b[0]&0x20 != 0
	first, at := b[1], 2
	switch {
	case first < 0x80:
		size = int(first)
	case first == 0x80:
		if !e.constructed {
			return e, 0, 0, errBER
		}
		e.indefinite = true
		return e, at, -1, nil
	default:
		n := int(first & 0x7f)
		if n > 6 || len(b) < at+n {
			return e, 0, 0, errBER
		}
		for _, c := range b[at : at+n] {
			size = size<<8 | int(c)
		}
		at += n
	}
	if size > len(b)-at {
		return e, 0, 0, errBER
	}
	return e, at, size, nil
}

// next cuts the first element off b.
func next(b []byte) (e element, rest []byte, err error) {
	e, at, size, err := head(b)
	if err != nil {
		return e, nil, err
	}
	if size >= 0 {
		e.raw, e.content = b[:at+size], b[at:at+size]
		return e, b[at+size:], nil
	}
	end, err := closing(b[at:])
	if err != nil {
		return e, nil, err
	}
	e.raw, e.content = b[:at+end+2], b[at:at+end]
	return e, b[at+end+2:], nil
}

// maxSteps bounds the elements that are stepped over in looking for an end.
const maxSteps = 8 * maxSegments

// closing is where the two end-of-contents octets of an open length stand.
// Elements with a known length are stepped over whole, so that depth is no
// matter of the stack.
func closing(b []byte) (int, error) {
	for open, at, steps := 1, 0, 0; ; steps++ {
		if len(b)-at < 2 || steps > maxSteps {
			return 0, errBER
		}
		if b[at] == 0 && b[at+1] == 0 {
			if open--; open == 0 {
				return at, nil
			}
			at += 2
			continue
		}
		_, skip, size, err := head(b[at:])
		if err != nil {
			return 0, err
		}
		if at += skip + max(size, 0); size < 0 {
			if open++; open > maxOpen {
				return 0, errBER
			}
		}
	}
}

// children are the elements of a constructed one, at most limit.
func (e element) children(limit int) ([]element, error) {
	if !e.constructed {
		return nil, errBER
	}
	var out []element
	for b := e.content; len(b) > 0; {
		if len(out) == limit {
			return nil, errBER
		}
		c, rest, err := next(b)
		if err != nil {
			return nil, err
		}
		out, b = append(out, c), rest
	}
	return out, nil
}

// maxSegments bounds the pieces of an octet string; programs that write as
// they go use pieces of a kilobyte or more, and a piece costs us 24 bytes.
const maxSegments = 1 << 17

// octets are the pieces of an octet string, which may be split into some that
// may be split again (X.690 section 8.7).
func (e element) octets() (Octets, error) {
	n := 0
	if err := e.pieces(3, func([]byte) { n++ }); err != nil {
		return nil, err
	}
	if n > maxSegments {
		return nil, errBER
	}
	out := make(Octets, 0, n) // grown piece by piece it would be there several times
	err := e.pieces(3, func(b []byte) { out = append(out, b) })
	return out, err
}

// pieces tells each piece, down to so many levels.
func (e element) pieces(depth int, tell func([]byte)) error {
	if !e.constructed {
		tell(e.content)
		return nil
	}
	if depth == 0 {
		return errBER
	}
	for b := e.content; len(b) > 0; {
		c, rest, err := next(b)
		if err != nil || !c.is(universal, tagOctets) {
			return errBER
		}
		if err := c.pieces(depth-1, tell); err != nil {
			return err
		}
		b = rest
	}
	return nil
}

// bytesOf is a short octet string in one piece.
func (e element) bytesOf() ([]byte, error) {
	pieces, err := e.octets()
	if err != nil {
		return nil, err
	}
	if len(pieces) == 1 {
		return pieces[0], nil
	}
	return pieces.Bytes(), nil
}
