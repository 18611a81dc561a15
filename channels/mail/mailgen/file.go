package mailgen

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"mime"
	"strings"
	"sync"
)

// file writes one attachment with its headers.
func (w *writer) file(name string, n int) {
	kind, body := "application/pdf", w.gen.pdf(name)
	if strings.HasSuffix(name, ".jpg") {
		kind, body = "image/jpeg", w.gen.photo(n)
	}
	w.line("Content-Type: %s; name=\"%s\"", kind, mime.QEncoding.Encode("utf-8", name))
	w.line("Content-Transfer-Encoding: base64")
	w.line("%s\r\n", "Content-Disposition: "+mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	w.encoded(body)
}

// pdf is a small document that every reader opens, one page with the name on it.
func (g *Gen) pdf(name string) []byte {
	var b bytes.Buffer
	var at []int
	object := func(format string, args ...any) {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n", len(at))
		fmt.Fprintf(&b, format, args...)
		b.WriteString("\nendobj\n")
	}
	b.WriteString("%PDF-1.4\n")
	object("<< /Type /Catalog /Pages 2 0 R >>")
	object("<< /Type /Pages /Kids [3 0 R] /Count 1 >>")
	object("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>")
	text := fmt.Sprintf("BT /F1 18 Tf 72 760 Td (%s %d-%08x) Tj ET", ascii.Replace(name), g.count, g.rng.Uint32())
	object("<< /Length %d >>\nstream\n%s\nendstream", len(text), text)
	object("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, offset := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, start)
	return b.Bytes()
}

// plates are a few pictures; each photograph is one of them with its own
// comment, so that no two files are the same.
var plates = sync.OnceValue(func() [][]byte {
	var out [][]byte
	for k := range 4 {
		img := image.NewRGBA(image.Rect(0, 0, 160, 120))
		for y := range 120 {
			for x := range 160 {
				img.Set(x, y, color.RGBA{uint8(x + 40*k), uint8(2*y + 7*k), uint8((x*y)/(20+k) + 90), 255})
			}
		}
		var b bytes.Buffer
		if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 80}); err != nil {
			panic(err) // cannot happen: the picture is ours and the buffer takes everything
		}
		out = append(out, b.Bytes())
	}
	return out
})

func (g *Gen) photo(n int) []byte {
	plate := plates()[g.rng.IntN(4)]
	note := fmt.Sprintf("filodiretto %d %d %016x", g.count, n, g.rng.Uint64())
	out := make([]byte, 0, len(plate)+len(note)+4)
	out = append(out, plate[:2]...)
	out = append(out, 0xff, 0xfe, byte((len(note)+2)>>8), byte(len(note)+2))
	out = append(out, note...)
	return append(out, plate[2:]...)
}
