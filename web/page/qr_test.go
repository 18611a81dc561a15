package page

import (
	"encoding/xml"
	"fmt"
	"strings"
	"testing"

	"github.com/boombuler/barcode/qr"
)

// drawn reads the modules back from the path of the drawing.
func drawn(t *testing.T, svg string) (side int, black map[[2]int]bool) {
	t.Helper()
	var doc struct {
		Box   string `xml:"viewBox,attr"`
		Label string `xml:"aria-label,attr"`
		Paths []struct {
			D string `xml:"d,attr"`
		} `xml:"path"`
	}
	if err := xml.Unmarshal([]byte(svg), &doc); err != nil || len(doc.Paths) != 2 {
		t.Fatalf("not the drawing of a code: %v", err)
	}
	if _, err := fmt.Sscanf(doc.Box, "0 0 %d", &side); err != nil {
		t.Fatal(err)
	}
	black = map[[2]int]bool{}
	for run := range strings.SplitSeq(strings.TrimSuffix(doc.Paths[1].D, "z"), "z") {
		var x, y, w, back int
		if _, err := fmt.Sscanf(run, "M%d %dh%dv1h-%d", &x, &y, &w, &back); err != nil || w != back || w < 1 {
			t.Fatalf("run %q: %v", run, err)
		}
		for i := range w {
			black[[2]int{x + i, y}] = true
		}
	}
	return side, black
}

func TestQRCode(t *testing.T) {
	const text = "https://t.me/PontelietoBot?start=k3Jx_9-AAAAAAAAAAAAAAA"
	svg, err := qrCode(text, `Codice "di" <Lucia>`)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(svg), "<Lucia>") || !strings.Contains(string(svg), "&lt;Lucia&gt;") {
		t.Error("the label is not escaped")
	}
	side, black := drawn(t, string(svg))
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		t.Fatal(err)
	}
	n := code.Bounds().Dx()
	if side != n+2*quiet {
		t.Errorf("a side of %d modules, want %d and the border", side, n)
	}
	for y := range side {
		for x := range side {
			want := false
			if x >= quiet && y >= quiet && x < n+quiet && y < n+quiet {
				r, _, _, _ := code.At(x-quiet, y-quiet).RGBA()
				want = r == 0
			}
			if black[[2]int{x, y}] != want {
				t.Fatalf("module %d, %d is wrong", x, y)
			}
		}
	}
	if _, err := qrCode(strings.Repeat("x", 5000), ""); err == nil {
		t.Error("more than a code holds")
	}
}
