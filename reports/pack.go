package reports

import (
	"encoding/binary"
	"errors"
)

// Facts are kept as a row of numbers: band, flags, wait, work, desk, held, stay, each
// one more than it is, so that -1 is 0, in as few bytes as they need. 250,000 of them
// are some two megabytes, and are read in a few hundredths of a second.

func (f *Fact) flags() int {
	n := int(f.Outcome) << 2
	if f.First {
		n |= 1
	}
	if f.Booked {
		n |= 2
	}
	return n
}

// packFacts writes facts in their order.
func packFacts(facts []Fact) []byte {
	out := make([]byte, 0, 12*len(facts))
	for i := range facts {
		f := &facts[i]
		for _, n := range [...]int{f.Band, f.flags(), f.Wait + 1, f.Work + 1, f.Desk + 1, f.Held, f.Stay + 1} {
			out = binary.AppendUvarint(out, uint64(max(0, n)))
		}
	}
	return out
}

var errPacked = errors.New("reports: figures that this program cannot read; make them again with filodiretto reports rebuild")

// unpackFacts reads them and gives each to take.
func unpackFacts(b []byte, take func(*Fact)) error {
	var n [7]int
	var f Fact
	for len(b) > 0 {
		for i := range n {
			x, size := binary.Uvarint(b)
			if size <= 0 || x > 1<<32 {
				return errPacked
			}
			n[i], b = int(x), b[size:]
		}
		f = Fact{
			Band: n[0], First: n[1]&1 != 0, Booked: n[1]&2 != 0, Outcome: Outcome(n[1] >> 2),
			Wait: n[2] - 1, Work: n[3] - 1, Desk: n[4] - 1, Held: n[5], Stay: n[6] - 1,
		}
		if f.Band >= Bands || f.Outcome > Expired {
			return errPacked
		}
		take(&f)
	}
	return nil
}

func packSeconds(s []int) []byte {
	var out []byte
	for _, n := range s {
		out = binary.AppendUvarint(out, uint64(max(0, n)))
	}
	return out
}

func unpackSeconds(b []byte) ([]int, error) {
	var out []int
	for len(b) > 0 {
		x, size := binary.Uvarint(b)
		if size <= 0 {
			return nil, errPacked
		}
		out, b = append(out, int(x)), b[size:]
	}
	return out, nil
}
