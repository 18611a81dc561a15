package tnef

import (
	"bytes"
	"encoding/binary"
	"testing"

	"filodiretto/internal/testcost"
)

// nested is a stream within streams, as a file of each other.
func nested(deep int) []byte {
	b := newStream().attribute(1, attBody, []byte("fondo")).Bytes()
	for range deep {
		object := append(make([]byte, 16), b...)
		data := binary.LittleEndian.AppendUint32(nil, 1)
		data = binary.LittleEndian.AppendUint16(data, typeObject)
		data = binary.LittleEndian.AppendUint16(data, propFileData)
		data = binary.LittleEndian.AppendUint32(data, 1)
		data = binary.LittleEndian.AppendUint32(data, uint32(len(object)))
		data = append(data, object...)
		for len(data)%4 != 0 {
			data = append(data, 0)
		}
		b = newStream().attribute(2, attRendering, make([]byte, 14)).attribute(2, attFileDetails, data).Bytes()
	}
	return b
}

// repeated is a stream of one attribute over and over.
func repeated(id uint32, data []byte, n int) []byte {
	one := newStream().attribute(2, id, data).Bytes()[6:]
	return append(newStream().Bytes(), bytes.Repeat(one, n)...)
}

var bombs = []struct {
	name string
	make func() []byte
}{
	{"streams 3,000 deep", func() []byte { return nested(3000) }},
	{"a million attachments", func() []byte {
		one := newStream().attribute(2, attRendering, nil).attribute(2, attFileData, []byte("x")).Bytes()[6:]
		return append(newStream().Bytes(), bytes.Repeat(one, 1<<20)...)
	}},
	{"2 million subjects", func() []byte { return repeated(attSubject, []byte("x"), 2<<20) }},
	{"a million blocks of properties", func() []byte {
		return repeated(attProperties, []byte{1, 0, 0, 0, 0x1f, 0, 0x37, 0, 1, 0, 0, 0, 2, 0, 0, 0, 'x', 0, 0, 0}, 700_000)
	}},
	{"a subject of 20 MB", func() []byte { return repeated(attSubject, bytes.Repeat([]byte("x"), 20<<20), 1) }},
	{"4 billion values", func() []byte {
		return repeated(attProperties, append([]byte{1, 0, 0, 0, 0x1f, 0x10, 0x37, 0, 0xff, 0xff, 0xff, 0xff}, make([]byte, 20<<20)...), 1)
	}},
	{"4 billion numbers", func() []byte {
		return repeated(attProperties, append([]byte{1, 0, 0, 0, 3, 0x10, 0x37, 0, 0xff, 0xff, 0xff, 0xff}, make([]byte, 20<<20)...), 1)
	}},
	{"20,000 texts of a kilobyte", func() []byte {
		one := append([]byte{0x1f, 0, 0x37, 0, 1, 0, 0, 0, 0, 4, 0, 0}, bytes.Repeat([]byte{'x', 0}, 512)...)
		return repeated(attProperties, append([]byte{0xff, 0xff, 0, 0}, bytes.Repeat(one, 20_000)...), 1)
	}},
}

// TestBombs: each is read in under 2 seconds by a process that grows by less
// than 64 MiB.
func TestBombs(t *testing.T) {
	for _, bomb := range bombs {
		t.Run(bomb.name, func(t *testing.T) {
			testcost.Within(t, testcost.Most, func() func() {
				b := bomb.make()
				return func() {
					m, err := Parse(b)
					if err != nil {
						t.Fatal(err)
					}
					if len(m.Files) > maxFiles {
						t.Errorf("%d files", len(m.Files))
					}
				}
			})
		})
	}
}
