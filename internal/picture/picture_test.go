package picture

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// measured names the file into which a process of these tests writes its highest
// mark. That of getrusage begins with its parent's.
const measured = "PICTURE_TEST_MEASURE"

func TestMain(m *testing.M) {
	if path := os.Getenv(measured); path != "" {
		code := shrinkTo(io.Discard, os.Args[3], os.Args[4], false)
		status, _ := os.ReadFile("/proc/self/status")
		if err := os.WriteFile(path, status, 0o600); err != nil {
			code = 99
		}
		os.Exit(code)
	}
	Child(os.Args[1:])
	os.Exit(m.Run())
}

func maker(t *testing.T) *Maker {
	t.Helper()
	m, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// sample has red above and blue below, so that it shows how it was turned.
func sample(w, h int) *image.NRGBA {
	p := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.NRGBA{220, 20, 20, 255}
			if y >= h/2 {
				c = color.NRGBA{20, 20, 220, 255}
			}
			p.SetNRGBA(x, y, c)
		}
	}
	return p
}

func asJPEG(t *testing.T, p image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, p, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// withEXIF puts an orientation and a place into a JPEG.
func withEXIF(photo []byte, orientation byte) []byte {
	tiff := "II*\x00\x08\x00\x00\x00\x02\x00" +
		"\x12\x01\x03\x00\x01\x00\x00\x00" + string(orientation) + "\x00\x00\x00" +
		"\x25\x88\x04\x00\x01\x00\x00\x00\x26\x00\x00\x00\x00\x00\x00\x00" + "GPS 45.0703 N 7.6869 E"
	app := "Exif\x00\x00" + tiff
	head := []byte{0xff, 0xd8, 0xff, 0xe1, byte((len(app) + 2) >> 8), byte(len(app) + 2)}
	return append(append(head, app...), photo[2:]...)
}

// read decodes what was made and tells what is at its four edges: "red" or "blue".
func read(t *testing.T, m *Made) (top, right, bottom, left string) {
	t.Helper()
	p, err := jpeg.Decode(bytes.NewReader(m.Body))
	if err != nil || p.Bounds().Dx() != m.Width || p.Bounds().Dy() != m.Height {
		t.Fatalf("%v, %d x %d", err, m.Width, m.Height)
	}
	name := func(x, y int) string {
		switch r, _, b, _ := p.At(x, y).RGBA(); {
		case r > 2*b:
			return "red"
		case b > 2*r:
			return "blue"
		}
		return "?"
	}
	w, h := m.Width, m.Height
	return name(w/4, 1), name(w-2, h/4), name(w/4, h-2), name(1, h/4)
}

// Rule 49: the picture is upright and holds nothing of what the file says beside it.
func TestRule49NothingButThePicture(t *testing.T) {
	m := maker(t)
	for orientation, want := range map[byte]string{1: "red red blue red", 3: "blue blue red blue", 6: "blue red blue blue", 8: "red blue red red"} {
		photo := append(withEXIF(asJPEG(t, sample(400, 300)), orientation), "after the end"...)
		got, err := m.Make(t.Context(), bytes.NewReader(photo), "image/jpeg", 100)
		if err != nil {
			t.Fatal(err)
		}
		top, right, bottom, left := read(t, got)
		// where the colours part from top to bottom, only top and bottom are sure
		if words := strings.Fields(want); orientation < 5 && (top != words[0] || bottom != words[2]) || orientation > 4 && (right != words[1] || left != words[3]) {
			t.Errorf("orientation %d: %s %s %s %s", orientation, top, right, bottom, left)
		}
		if max(got.Width, got.Height) != 100 || min(got.Width, got.Height) != 75 {
			t.Errorf("orientation %d: %d x %d", orientation, got.Width, got.Height)
		}
		for _, word := range []string{"Exif", "GPS", "after the end"} {
			if bytes.Contains(got.Body, []byte(word)) {
				t.Errorf("orientation %d: it still says %q", orientation, word)
			}
		}
	}
}

func TestKinds(t *testing.T) {
	m := maker(t)
	var asPNG, asGIF bytes.Buffer
	clear := image.NewNRGBA(image.Rect(0, 0, 20, 10)) // all transparent
	if err := errors.Join(png.Encode(&asPNG, clear), gif.Encode(&asGIF, sample(20, 10), nil)); err != nil {
		t.Fatal(err)
	}
	got, err := m.Make(t.Context(), &asPNG, "image/png", 100)
	if err != nil || got.Width != 20 || got.Height != 10 {
		t.Fatalf("png: %v, %+v", err, got)
	}
	p, err := jpeg.Decode(bytes.NewReader(got.Body))
	if err != nil {
		t.Fatal(err)
	}
	if r, g, b, _ := p.At(5, 5).RGBA(); r < 0xfa00 || g < 0xfa00 || b < 0xfa00 {
		t.Error("what is transparent is not white")
	}
	if got, err = m.Make(t.Context(), &asGIF, "image/gif", 100); err != nil {
		t.Fatal(err)
	}
	if top, _, bottom, _ := read(t, got); top != "red" || bottom != "blue" {
		t.Error("gif:", top, bottom)
	}
}

func TestRefused(t *testing.T) {
	m := maker(t)
	photo := asJPEG(t, sample(40, 30))
	for name, x := range map[string]struct {
		file []byte
		kind string
		want error
	}{
		"no picture": {[]byte("%PDF-1.4"), "application/pdf", ErrKind}, "vectors": {[]byte("<svg/>"), "image/svg+xml", ErrKind},
		"a lie": {[]byte("%PDF-1.4 and more"), "image/jpeg", ErrBroken}, "empty": {nil, "image/png", ErrBroken},
		"cut": {photo[:len(photo)/3], "image/jpeg", ErrBroken}, "HEIC that is none": {[]byte("....ftypheic and more"), "image/heic", ErrBroken},
	} {
		if got, err := m.Make(t.Context(), bytes.NewReader(x.file), x.kind, 100); !errors.Is(err, x.want) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	m.heif = ""
	if _, err := m.Make(t.Context(), strings.NewReader("x"), "image/heic", 100); !errors.Is(err, ErrNoHEIC) {
		t.Errorf("without the program: %v", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := m.Make(ctx, bytes.NewReader(photo), "image/jpeg", 100); !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
	}
}

// heic makes a HEIC file with the encoder that comes with the decoder.
func heic(t *testing.T, photo []byte) []byte {
	t.Helper()
	dir := t.TempDir()
	in, out := filepath.Join(dir, "a.jpg"), filepath.Join(dir, "a.heic")
	if err := os.WriteFile(in, photo, 0o600); err != nil {
		t.Fatal(err)
	}
	if b, err := exec.Command("heif-enc", "-q", "40", in, "-o", out).CombinedOutput(); err != nil {
		t.Fatalf("heif-enc (tools/setup installs libheif-examples): %v\n%s", err, b)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Rule 36: a photograph that no browser draws becomes one that all draw.
func TestRule36HEIC(t *testing.T) {
	photo := heic(t, withEXIF(asJPEG(t, sample(800, 600)), 1))
	got, err := maker(t).Make(t.Context(), bytes.NewReader(photo), "image/heic", 200)
	if err != nil || got.Width != 200 || got.Height != 150 {
		t.Fatalf("%v, %+v", err, got)
	}
	if top, _, bottom, _ := read(t, got); top != "red" || bottom != "blue" {
		t.Error(top, bottom)
	}
	if bytes.Contains(got.Body, []byte("Exif")) {
		t.Error("it says where it was taken")
	}
	// one that claims 30,000 x 30,000 points is not begun
	i := bytes.Index(photo, []byte("ispe"))
	binary.BigEndian.PutUint32(photo[i+8:], 30_000)
	binary.BigEndian.PutUint32(photo[i+12:], 30_000)
	if _, err := maker(t).Make(t.Context(), bytes.NewReader(photo), "image/heic", 200); !errors.Is(err, ErrLarge) {
		t.Errorf("a bomb: %v", err)
	}
}

// pngOf is a PNG of so many points of a depth, all nought, in a few kilobytes.
func pngOf(w, h uint32, depth, colours byte, bytesEach int) []byte {
	var data bytes.Buffer
	z := zlib.NewWriter(&data)
	row := make([]byte, 1+int(w)*bytesEach)
	for range min(h, uint32(400<<20/len(row))) {
		_, _ = z.Write(row) // into memory
	}
	_ = z.Close()
	b := []byte("\x89PNG\r\n\x1a\n")
	chunk := func(name string, body []byte) {
		b = binary.BigEndian.AppendUint32(b, uint32(len(body)))
		at := len(b)
		b = append(append(b, name...), body...)
		b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[at:]))
	}
	chunk("IHDR", append(binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h), depth, colours, 0, 0, 0))
	chunk("IDAT", data.Bytes())
	chunk("IEND", nil)
	return b
}

// Rule 49: whatever the file is, its process takes less than 2 seconds and 64 MiB
// beyond what one takes that makes the smallest picture.
func TestRule49Bombs(t *testing.T) {
	frame := func(marker string, w, h int) []byte {
		b := asJPEG(t, sample(16, 16))
		i := bytes.Index(b, []byte("\xff\xc0"))
		b[i+1] = marker[0]
		b[i+5], b[i+6], b[i+7], b[i+8] = byte(h>>8), byte(h), byte(w>>8), byte(w)
		return b
	}
	huge := []byte("GIF89a\xff\xff\xff\xff\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\xff\xff\xff\xff\x00\x02\x02\x4c\x01\x00;")
	least := child(t, asJPEG(t, sample(16, 16)))
	for name, file := range map[string][]byte{
		"JPEG of 65,000 x 65,000":              frame("\xc0", 65_000, 65_000),
		"JPEG of 6,000 x 6,000":                frame("\xc0", 6000, 6000),
		"progressive JPEG of 6,000 x 6,000":    frame("\xc2", 6000, 6000),
		"PNG of 40,000 x 40,000":               pngOf(40_000, 40_000, 8, 6, 4),
		"PNG of 3,200 x 3,200":                 pngOf(3200, 3200, 8, 6, 4),
		"PNG of 3,800 x 3,800, 16 bits":        pngOf(3800, 3800, 16, 6, 8),
		"PNG of 2,200 x 2,200, 16 bits":        pngOf(2200, 2200, 16, 6, 8),
		"PNG of 39,000,000 x 1":                pngOf(39_000_000, 1, 8, 0, 1),
		"PNG of 20,000 x 500":                  pngOf(20_000, 500, 8, 6, 4),
		"PNG of 1 x 39,000,000":                pngOf(1, 39_000_000, 8, 0, 1),
		"GIF of 65,535 x 65,535":               huge,
		"JPEG with a beginning without an end": append([]byte("\xff\xd8"), bytes.Repeat([]byte("\xff\xe1\xff\xff"+strings.Repeat("x", 65533)), 300)...),
	} {
		t.Run(name, func(t *testing.T) {
			c := child(t, file)
			t.Logf("%d bytes: %v, %d kB beyond the least", len(file), c.time, (c.memory-least.memory)>>10)
			if c.time > 2*time.Second {
				t.Errorf("took %v of the processor", c.time)
			}
			if c.memory-least.memory > 64<<20 {
				t.Errorf("took %d MiB", (c.memory-least.memory)>>20)
			}
		})
	}
}

type cost struct {
	time   time.Duration // of the processor
	memory int64         // bytes at the highest moment
}

// child has one process make a picture, as Make does, and measures it.
func child(t *testing.T, file []byte) cost {
	t.Helper()
	path := filepath.Join(t.TempDir(), "in")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	cmd := exec.CommandContext(ctx, os.Args[0], Word, "shrink", path, "200", "false")
	cmd.Env = []string{"GOMEMLIMIT=" + fmt.Sprint(maxMemory+maxMemory/2), "GOGC=50", measured + "=" + path + ".status"}
	_ = cmd.Run() // most make no picture
	status, err := os.ReadFile(path + ".status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	var kb int64
	if _, err := fmt.Sscan(rest, &kb); err != nil {
		t.Fatal(err)
	}
	return cost{cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), kb << 10}
}
