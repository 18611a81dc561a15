package demo

import (
	"bytes"
	_ "embed"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
)

// telephonePhoto is a street as telephones photograph it: 960 by 720 points in HEIC,
// which Go cannot write. We drew it.
//
//go:embed photo/buca.heic
var telephonePhoto []byte

// picture draws a small photograph: a grey road or a green park with something
// dark on it. Two pictures are never the same bytes.
func picture(rng *rand.Rand, green bool) []byte {
	const w, h = 320, 240
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	base := color.RGBA{120, 120, 124, 255}
	if green {
		base = color.RGBA{96, 132, 82, 255}
	}
	cx, cy := 90+rng.IntN(140), 110+rng.IntN(70)
	rx, ry := 30+rng.IntN(50), 14+rng.IntN(26)
	for y := range h {
		for x := range w {
			c := base
			grain := uint8(rng.Uint32() & 15)
			c.R, c.G, c.B = c.R+grain, c.G+grain, c.B+grain
			if y < 60 { // the sky
				c = color.RGBA{170 + grain, 190 + grain, 214 + grain, 255}
			}
			dx, dy := (x-cx)*(x-cx)*ry*ry, (y-cy)*(y-cy)*rx*rx
			if dx+dy < rx*rx*ry*ry {
				c = color.RGBA{48 + grain, 44 + grain, 42 + grain, 255}
			}
			img.SetRGBA(x, y, c)
		}
	}
	var b bytes.Buffer
	_ = jpeg.Encode(&b, img, &jpeg.Options{Quality: 60}) // a bytes.Buffer takes everything
	return b.Bytes()
}

// document is a one-page PDF with a title on it.
func document(title string) []byte {
	var b bytes.Buffer
	var at []int
	object := func(text string) {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", len(at), text)
	}
	b.WriteString("%PDF-1.4\n")
	object("<< /Type /Catalog /Pages 2 0 R >>")
	object("<< /Type /Pages /Kids [3 0 R] /Count 1 >>")
	object("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>")
	text := fmt.Sprintf("BT /F1 18 Tf 72 760 Td (%s) Tj ET", ascii(title))
	object(fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(text), text))
	object("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, offset := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, start)
	return b.Bytes()
}

// ascii keeps what a simple PDF string may hold.
func ascii(s string) string {
	out := make([]byte, 0, len(s))
	for _, r := range s {
		if r >= ' ' && r < 0x7f && r != '(' && r != ')' && r != '\\' {
			out = append(out, byte(r))
		}
	}
	return string(out)
}
