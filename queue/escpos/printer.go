package escpos

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// Trouble is why nothing was printed, or why it is not known.
type Trouble struct {
	Code string // see below; stable, shown as a sentence on the pages
	err  error
}

// The codes of trouble.
const (
	Off       = "printer_off"     // nobody answers at the address
	PaperOut  = "paper_out"       // no paper
	CoverOpen = "cover_open"      // the cover is open
	Fault     = "printer_fault"   // the printer says that something else is wrong
	Silent    = "printer_silent"  // it took the data and did not say that it printed
	Garbled   = "printer_garbled" // what it answered is no status
)

// Error names the code.
func (t *Trouble) Error() string {
	if t.err == nil {
		return "print: " + t.Code
	}
	return fmt.Sprintf("print: %s: %v", t.Code, t.err)
}

// Unwrap gives the cause.
func (t *Trouble) Unwrap() error { return t.err }

// CodeOf is the code of an error of Print or Check, Fault for one that has none.
func CodeOf(err error) string {
	var t *Trouble
	switch {
	case err == nil:
		return ""
	case errors.As(err, &t):
		return t.Code
	}
	return Fault
}

// Printer is a receipt printer at a TCP address, "192.0.2.7:9100".
type Printer struct {
	Addr string
	// Within bounds a whole printing; 8 s when 0.
	Within time.Duration
}

// Real-time status (DLE EOT n) and the paper's state in turn (GS r 1): the latter is
// answered only once all that was sent before is printed, which makes it the
// acknowledgement.
var (
	askOffline = []byte{0x10, 0x04, 2}
	askPaper   = []byte{0x10, 0x04, 4}
	askPrinted = []byte{0x1d, 'r', 1}
)

// Print sends a slip and waits until the printer says that it is on paper. The error
// is a *Trouble.
func (p Printer) Print(ctx context.Context, slip []byte) error {
	return p.with(ctx, func(c net.Conn) error {
		if err := ready(c); err != nil {
			return err
		}
		if _, err := c.Write(append(append([]byte{}, slip...), askPrinted...)); err != nil {
			return &Trouble{Code: Off, err: err}
		}
		b, err := answer(c)
		switch {
		case err != nil:
			return &Trouble{Code: Silent, err: err}
		case b&0x90 != 0: // fixed bits of GS r 1
			return &Trouble{Code: Garbled}
		case b&0x0c != 0:
			return &Trouble{Code: PaperOut}
		}
		return nil
	})
}

// Check asks whether the printer could print.
func (p Printer) Check(ctx context.Context) error { return p.with(ctx, ready) }

func (p Printer) with(ctx context.Context, f func(net.Conn) error) error {
	within := p.Within
	if within <= 0 {
		within = 8 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	c, err := (&net.Dialer{}).DialContext(ctx, "tcp", p.Addr)
	if err != nil {
		return &Trouble{Code: Off, err: err}
	}
	defer c.Close()
	end, _ := ctx.Deadline()
	if err := c.SetDeadline(end); err != nil {
		return &Trouble{Code: Off, err: err}
	}
	return f(c)
}

// ready asks for the printer's state before anything is sent to it.
func ready(c net.Conn) error {
	for _, q := range []struct {
		ask  []byte
		says func(byte) string
	}{
		{askOffline, func(b byte) string {
			switch {
			case b&0x20 != 0:
				return PaperOut
			case b&0x04 != 0:
				return CoverOpen
			case b&0x40 != 0:
				return Fault
			}
			return ""
		}},
		{askPaper, func(b byte) string {
			if b&0x60 != 0 {
				return PaperOut
			}
			return ""
		}},
	} {
		if _, err := c.Write(q.ask); err != nil {
			return &Trouble{Code: Off, err: err}
		}
		b, err := answer(c)
		if err != nil {
			return &Trouble{Code: Silent, err: err}
		}
		if b&0x93 != 0x12 { // fixed bits of every DLE EOT
			return &Trouble{Code: Garbled}
		}
		if code := q.says(b); code != "" {
			return &Trouble{Code: code}
		}
	}
	return nil
}

func answer(c net.Conn) (byte, error) {
	var b [1]byte
	_, err := io.ReadFull(c, b[:])
	return b[0], err
}
