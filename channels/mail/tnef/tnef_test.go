package tnef

import (
	"bytes"
	"encoding/binary"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
)

// stream writes TNEF.
type stream struct{ bytes.Buffer }

func newStream() *stream {
	s := &stream{}
	s.number(signature)
	s.Write([]byte{1, 0})
	return s
}

func (s *stream) number(n uint32) { _ = binary.Write(&s.Buffer, binary.LittleEndian, n) }

func (s *stream) attribute(level byte, id uint32, data []byte) *stream {
	s.WriteByte(level)
	s.number(id)
	s.number(uint32(len(data)))
	s.Write(data)
	var sum uint16
	for _, c := range data {
		sum += uint16(c)
	}
	_ = binary.Write(&s.Buffer, binary.LittleEndian, sum)
	return s
}

// properties writes a block of them.
func properties(list ...property) []byte {
	s := &stream{}
	s.number(uint32(len(list)))
	for _, p := range list {
		_ = binary.Write(&s.Buffer, binary.LittleEndian, []uint16{p.kind, p.id})
		if p.id >= 0x8000 {
			s.Write(make([]byte, 16))
			name := utf16le("Nome")
			s.number(1)
			s.number(uint32(len(name)))
			s.padded(name)
		}
		if _, fixed := sizes[p.kind]; fixed {
			s.Write(p.data)
			continue
		}
		s.number(1)
		s.number(uint32(len(p.data)))
		s.padded(p.data)
	}
	return s.Bytes()
}

func (s *stream) padded(b []byte) {
	s.Write(b)
	for n := len(b); n%4 != 0; n++ {
		s.WriteByte(0)
	}
}

func utf16le(t string) []byte {
	var out []byte
	for _, u := range append(utf16.Encode([]rune(t)), 0) {
		out = binary.LittleEndian.AppendUint16(out, u)
	}
	return out
}

func long(n uint32) []byte { return binary.LittleEndian.AppendUint32(nil, n) }

// letter is a message as Outlook sends it, with a file and a message attached.
func letter() []byte {
	inner := newStream().attribute(1, attProperties, properties(
		property{propSubject, typeUnicode, utf16le("Dentro")}, property{propBody, typeUnicode, utf16le("testo interno")},
	)).Bytes()
	return newStream().
		attribute(1, attCodePage, long(1252)).
		attribute(1, attClass, []byte("IPM.Microsoft Mail.Note\x00")).
		attribute(1, attProperties, properties(
			property{0x8001, typeUnicode, utf16le("ignorato")},
			property{propSubject, typeUnicode, utf16le("Richiesta però urgente")},
			property{propHTML, typeBinary, []byte("<p>Citt\xe0</p>")},
			property{propCodePage, typeLong, long(28591)},
			property{0x0e06, typeTime, make([]byte, 8)},
			property{propBody, typeString, []byte("testo\x00")},
		)).
		attribute(2, attRendering, make([]byte, 14)).
		attribute(2, attFileTitle, []byte("RICHIE~1.PDF\x00")).
		attribute(2, attFileData, []byte("%PDF-1.4 prova")).
		attribute(2, attFileDetails, properties(
			property{propFileLong, typeUnicode, utf16le("richiesta d'accesso.pdf")}, property{propFileType, typeString, []byte("application/pdf\x00")},
			property{propContentID, typeUnicode, utf16le("<a1@x>")},
		)).
		attribute(2, attRendering, make([]byte, 14)).
		attribute(2, attFileDetails, properties(
			property{propFileData, typeObject, append(make([]byte, 16), inner...)}, property{propDisplayName, typeUnicode, utf16le("Dentro")},
		)).Bytes()
}

// Rule 34: bodies and files come out of a winmail.dat.
func TestRule34Letter(t *testing.T) {
	m, err := Parse(letter())
	if err != nil || m.Cut {
		t.Fatalf("%v, cut %v", err, m != nil && m.Cut)
	}
	if m.Subject != "Richiesta però urgente" || m.Text != "testo" || string(m.HTML) != "<p>Citt\xe0</p>" || m.Charset != "iso-8859-1" {
		t.Errorf("%+v", m)
	}
	if len(m.Files) != 2 {
		t.Fatalf("%d files", len(m.Files))
	}
	if f := m.Files[0]; f.Name != "richiesta d'accesso.pdf" || f.Type != "application/pdf" || f.ContentID != "a1@x" || string(f.Body) != "%PDF-1.4 prova" {
		t.Errorf("%+v", f)
	}
	if f := m.Files[1]; f.Message == nil || f.Message.Text != "testo interno" || f.Message.Subject != "Dentro" || f.Name != "Dentro" {
		t.Errorf("%+v", f)
	}
}

// A stream that ends anywhere gives what was whole until there.
func TestCutAnywhere(t *testing.T) {
	whole := letter()
	for n := range whole {
		m, err := Parse(whole[:n])
		if n <= 6 {
			if err == nil {
				t.Errorf("%d bytes were read", n)
			}
			continue
		}
		if err != nil {
			t.Fatalf("%d bytes: %v", n, err)
		}
		for _, f := range m.Files {
			if f.Name == "" {
				t.Errorf("%d bytes: a file without a name", n)
			}
		}
	}
}

func TestNot(t *testing.T) {
	for _, s := range []string{"", "ciao", "%PDF-1.4 aaaaaaaaaaaaa"} {
		if _, err := Parse([]byte(s)); err == nil {
			t.Errorf("%q was read", s)
		}
	}
	// messages within messages end somewhere
	b := newStream().Bytes()
	for range 50 {
		b = newStream().attribute(2, attRendering, make([]byte, 14)).
			attribute(2, attFileDetails, properties(property{propFileData, typeObject, append(make([]byte, 16), b...)}, property{propDisplayName, typeString, []byte("x")})).Bytes()
	}
	m, err := Parse(b)
	depth := 0
	for ; err == nil && m != nil && len(m.Files) > 0; m = m.Files[0].Message {
		depth++
	}
	if depth == 0 || depth > maxNested+1 {
		t.Errorf("%d messages within each other were read", depth)
	}
}

func TestDecompress(t *testing.T) {
	// the example of MS-OXRTFCP section 4.1
	example := []byte{
		0x2d, 0, 0, 0, 0x2b, 0, 0, 0, 0x4c, 0x5a, 0x46, 0x75, 0xf1, 0xc5, 0xc7, 0xa7, 0x03, 0, 0x0a, 0, 0x72, 0x63, 0x70, 0x67, 0x31, 0x32, 0x35, 0x42,
		0x32, 0x0a, 0xf3, 0x20, 0x68, 0x65, 0x6c, 0x09, 0, 0x20, 0x62, 0x77, 0x05, 0xb0, 0x6c, 0x64, 0x7d, 0x0a, 0x80, 0x0f, 0xa0,
	}
	got, err := Decompress(example, 1000)
	if err != nil || string(got) != "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := Decompress(example, 10); err == nil {
		t.Error("over the limit")
	}
	huge := append([]byte{0, 0, 0, 0, 0xff, 0xff, 0xff, 0x7f}, example[8:]...)
	if _, err := Decompress(huge, 1<<20); err == nil {
		t.Error("two gigabytes were promised and believed")
	}
	start := time.Now()
	bomb := append(append([]byte{}, example[:16]...), bytes.Repeat([]byte{0xff, 0, 0x0f}, 100_000)...)
	binary.LittleEndian.PutUint32(bomb[4:], 1<<20)
	if out, err := Decompress(bomb, 1<<20); err != nil || len(out) > 1<<20 || time.Since(start) > time.Second {
		t.Errorf("%d bytes, %v", len(out), err)
	}
	if !strings.HasPrefix(dictionary, "{\\rtf1") || len(dictionary) != 207 {
		t.Errorf("the dictionary has %d bytes, not 207", len(dictionary))
	}
}

func FuzzTNEF(f *testing.F) {
	f.Add(letter())
	f.Add(newStream().attribute(1, attBody, []byte("ciao")).Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := Parse(b)
		if err != nil {
			return
		}
		if len(m.RTF) > 0 {
			_, _ = Decompress(m.RTF, 1<<20)
		}
		total := len(m.HTML)
		for _, x := range m.Files {
			total += len(x.Body)
		}
		if len(m.Files) > maxFiles || total > 4*len(b)+1000 {
			t.Errorf("%d files, %d bytes from %d", len(m.Files), total, len(b))
		}
	})
}

// The sample that the mail reader's tests use is what these tests describe.
func TestSample(t *testing.T) {
	const path = "testdata/letter.dat"
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(path, letter(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if b, err := os.ReadFile(path); err != nil || !bytes.Equal(b, letter()) {
		t.Errorf("%s differs (UPDATE_GOLDEN=1 writes it): %v", path, err)
	}
}
