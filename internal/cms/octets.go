package cms

import "io"

// Octets is a string of bytes in pieces, as it stands in what was parsed:
// nothing is copied, so that a signed file costs no second memory.
type Octets [][]byte

// Len is the number of bytes.
func (o Octets) Len() int64 {
	var n int64
	for _, p := range o {
		n += int64(len(p))
	}
	return n
}

// WriteTo writes all pieces in their order.
func (o Octets) WriteTo(w io.Writer) (int64, error) {
	var n int64
	for _, p := range o {
		k, err := w.Write(p)
		n += int64(k)
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// Bytes is a copy in one piece, or the one piece there is.
func (o Octets) Bytes() []byte {
	if len(o) == 1 {
		return o[0]
	}
	out := make([]byte, 0, o.Len())
	for _, p := range o {
		out = append(out, p...)
	}
	return out
}
