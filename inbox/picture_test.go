package inbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"filodiretto/internal/clamd"
	"filodiretto/internal/picture"
)

// painter makes pictures that say what they are of.
type painter struct {
	err  error
	made int
}

func (*painter) Shows(kind string) bool { return picture.Shows(kind) }

func (p *painter) Make(_ context.Context, file io.Reader, kind string, edge int) (*picture.Made, error) {
	p.made++
	b, err := io.ReadAll(file)
	if err = errors.Join(err, p.err); err != nil {
		return nil, err
	}
	return &picture.Made{Body: fmt.Appendf(nil, "%s of %d bytes, %d", kind, len(b), edge), Width: 4, Height: 3}, nil
}

const jpegHead = "\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01"

// Rules 36 and 49: a picture is made once of a content, kept, and nobody sees it who
// may not open the file.
func TestRule49PictureOfAFile(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		by := &painter{}
		e.pictures = by
		e.arrive(e.mail, parcel("a@example.org", map[string][]byte{"a.jpg": []byte(jpegHead + "una foto"), "b.txt": []byte("testo")}),
			parcel("b@example.org", map[string][]byte{"c.jpg": []byte(jpegHead + "una foto")}))
		ids := map[string]int64{}
		var parts []*Part
		if err := e.db.Read.NewSelect().Model(&parts).Scan(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, p := range parts {
			ids[p.Name] = p.ID
		}
		for _, name := range []string{"a.jpg", "c.jpg", "a.jpg"} {
			x, f, err := e.OpenPicture(t.Context(), e.giulia, ids[name])
			if err != nil {
				t.Fatal(name, err)
			}
			b, err := io.ReadAll(f)
			f.Close()
			if want := "image/jpeg of 20 bytes, 1600"; err != nil || string(b) != want || x.Width != 4 || x.Size != int64(len(want)) {
				t.Errorf("%s: %q %+v, %v", name, b, x, err)
			}
		}
		if by.made != 1 {
			t.Errorf("made %d times of one content", by.made)
		}
		if _, _, err := e.OpenPicture(t.Context(), e.giulia, ids["b.txt"]); !errors.Is(err, ErrNotFound) {
			t.Errorf("of a text: %v", err)
		}
		if _, _, err := e.OpenPicture(t.Context(), e.elena, ids["a.jpg"]); !errors.Is(err, ErrNotFound) {
			t.Errorf("for who may not see the case: %v", err)
		}
		e.scanner, e.set.ScanPolicy = &teller{verdict: clamd.Verdict{State: clamd.Infected}}, ScanWait
		var held *HeldError
		if _, _, err := e.OpenPicture(t.Context(), e.giulia, ids["a.jpg"]); !errors.As(err, &held) {
			t.Errorf("of a file that is held back: %v", err)
		}
	})
}

// A file of which there is no picture is not tried again and again, unless the
// program that would do it may come.
func TestNoPictureIsRemembered(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		by := &painter{err: picture.ErrBroken}
		e.pictures = by
		e.arrive(e.mail, parcel("a@example.org", map[string][]byte{"a.jpg": []byte(jpegHead + "rotta")}))
		var p Part
		if err := e.db.Read.NewSelect().Model(&p).Scan(t.Context()); err != nil {
			t.Fatal(err)
		}
		ask := func(want int) {
			t.Helper()
			if _, _, err := e.OpenPicture(t.Context(), e.giulia, p.ID); !errors.Is(err, ErrNotFound) || by.made != want {
				t.Errorf("%v after %d tries", err, by.made)
			}
		}
		ask(1)
		ask(1)
		e.exec(t, "DELETE FROM pictures")
		by.err = picture.ErrNoHEIC
		ask(2)
		ask(3)
		by.err = errors.New("no room on the disk")
		if _, _, err := e.OpenPicture(t.Context(), e.giulia, p.ID); err == nil || errors.Is(err, ErrNotFound) {
			t.Errorf("a fault of the machine: %v", err)
		}
	})
}

// What is erased does not live on in its picture.
func TestPictureGoesWithItsFile(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		e.pictures = &painter{}
		e.arrive(e.mail, parcel("a@example.org", map[string][]byte{"a.jpg": []byte(jpegHead + "una foto")}))
		var p Part
		if err := e.db.Read.NewSelect().Model(&p).Scan(t.Context()); err != nil {
			t.Fatal(err)
		}
		_, f, err := e.OpenPicture(t.Context(), e.giulia, p.ID)
		if err != nil {
			t.Fatal(err)
		}
		f.Close()
		e.manual.Advance(48 * time.Hour)
		clear := func() int {
			t.Helper()
			if _, err := e.ClearFiles(t.Context()); err != nil {
				t.Fatal(err)
			}
			return e.number("SELECT count(*) FROM pictures")
		}
		if n := clear(); n != 1 {
			t.Errorf("%d pictures of a file that is there", n)
		}
		e.exec(t, "DELETE FROM parts")
		if n := clear(); n != 0 {
			t.Errorf("%d pictures of a file that is gone", n)
		}
	})
}
