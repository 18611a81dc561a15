package escpos

import (
	"bytes"
	"errors"
	"io"
	"net"
	"testing"
	"time"
)

// device is a printer that listens on a real TCP address and answers as the ESC/POS
// reference says.
type device struct {
	l       net.Listener
	offline byte
	paper   byte
	printed byte
	mute    bool // takes everything and answers nothing
	hangUp  bool // after the status
	got     chan []byte
}

func newDevice(t *testing.T, d device) *device {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d.l, d.got = l, make(chan []byte, 10)
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			d.serve(c)
		}
	}()
	return &d
}

// serve reads commands and paper until the other side hangs up.
func (d *device) serve(c net.Conn) {
	defer c.Close()
	var paper []byte
	defer func() { d.got <- paper }()
	buf := make([]byte, 4096)
	for {
		n, err := c.Read(buf)
		if err != nil {
			return
		}
		in := buf[:n]
		switch {
		case d.mute:
		case bytes.Equal(in, askOffline):
			_, _ = c.Write([]byte{0x12 | d.offline})
		case bytes.Equal(in, askPaper):
			_, _ = c.Write([]byte{0x12 | d.paper})
			if d.hangUp {
				return
			}
		default:
			paper = append(paper, in...)
			if rest, ok := bytes.CutSuffix(paper, askPrinted); ok {
				paper = rest
				_, _ = c.Write([]byte{d.printed})
			}
		}
	}
}

func TestPrintOverTCP(t *testing.T) {
	slip := Encode(ticket, Wide)
	for _, tt := range []struct {
		name string
		d    device
		code string
	}{
		{"all is well", device{}, ""},
		{"paper is near its end", device{paper: 0x0c}, ""},
		{"no paper", device{paper: 0x60}, PaperOut},
		{"stopped for want of paper", device{offline: 0x20}, PaperOut},
		{"the cover is open", device{offline: 0x04}, CoverOpen},
		{"an error of its own", device{offline: 0x40}, Fault},
		{"the paper ended while it printed", device{printed: 0x0c}, PaperOut},
		{"no status but noise", device{offline: 0x81}, Garbled},
		{"noise after printing", device{printed: 0x90}, Garbled},
		{"it never answers", device{mute: true}, Silent},
		{"it hangs up in the middle", device{hangUp: true}, Silent},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDevice(t, tt.d)
			err := Printer{Addr: d.l.Addr().String(), Within: 500 * time.Millisecond}.Print(t.Context(), slip)
			got := CodeOf(err)
			if got != tt.code && !(tt.d.hangUp && got == Off) { // either side may notice first
				t.Fatalf("%q (%v), want %q", got, err, tt.code)
			}
			if tt.code == "" {
				if paper := <-d.got; !bytes.Equal(paper, slip) {
					t.Errorf("on paper: %q", paper)
				}
			}
		})
	}
}

func TestPrinterThatIsNotThere(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	err = Printer{Addr: addr, Within: time.Second}.Check(t.Context())
	var trouble *Trouble
	if !errors.As(err, &trouble) || trouble.Code != Off || errors.Unwrap(err) == nil {
		t.Errorf("%v", err)
	}
	if CodeOf(io.EOF) != Fault || CodeOf(nil) != "" {
		t.Error("errors without a code")
	}
}

func TestCheckPrintsNothing(t *testing.T) {
	d := newDevice(t, device{})
	if err := (Printer{Addr: d.l.Addr().String()}).Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	if paper := <-d.got; len(paper) != 0 {
		t.Errorf("printed %q", paper)
	}
}
