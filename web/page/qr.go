package page

import (
	"fmt"
	"html/template"
	"strings"

	"github.com/boombuler/barcode/qr"
)

// quiet is the white border that readers of a QR code need, in modules
// (ISO/IEC 18004 section 9.1).
const quiet = 4

// QR is a QR code to be drawn: one path of horizontal runs in a square of Side
// modules, so that it prints sharp at any size and no picture has to be loaded.
type QR struct {
	Side int    `json:"side"`
	Path string `json:"path"`
}

// DrawQR makes the code of a text.
func DrawQR(text string) (QR, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return QR{}, fmt.Errorf("qr code: %w", err)
	}
	n := code.Bounds().Dx()
	black := func(x, y int) bool {
		r, _, _, _ := code.At(x, y).RGBA()
		return r == 0
	}
	var path strings.Builder
	for y := range n {
		for x := 0; x < n; x++ {
			from := x
			for x < n && black(x, y) {
				x++
			}
			if x > from {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", from+quiet, y+quiet, x-from, x-from)
			}
		}
	}
	return QR{Side: n + 2*quiet, Path: path.String()}, nil
}

// qrCode draws a text as a QR code. label is what a screen reader says.
func qrCode(text, label string) (template.HTML, error) {
	c, err := DrawQR(text)
	if err != nil {
		return "", err
	}
	return template.HTML(fmt.Sprintf(`<svg class="qr" role="img" aria-label="%s" viewBox="0 0 %d %d" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h%dv%dH0z"/><path d="%s"/></svg>`,
		template.HTMLEscapeString(label), c.Side, c.Side, c.Side, c.Side, c.Path)), nil //nolint:gosec // figures, and an escaped label
}
