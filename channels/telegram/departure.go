package telegram

import (
	"errors"
	"io"
	"sync"
)

// departure finds out whether a request left whole. A server acts on nothing
// before it has the whole body, so that a body that was not read to its last
// byte is a request that was not made.
type departure struct {
	mu     sync.Mutex
	sealed bool
	whole  bool
}

// complete reports whether some body was read to its end, and makes sure that
// none will be from now on: a transport may go on reading after it gave up.
func (d *departure) complete() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sealed = true
	return d.whole
}

// watch wraps a body of exactly size bytes. It is called again only when the
// transport knows that nothing of the former body was written.
func (d *departure) watch(body io.ReadCloser, size int64) io.ReadCloser {
	d.mu.Lock()
	d.whole = false
	d.mu.Unlock()
	return &watched{ReadCloser: body, d: d, left: size}
}

type watched struct {
	io.ReadCloser
	d    *departure
	left int64
}

var errGivenUp = errors.New("the call was given up")

// Read passes bytes on, the last one only while the call is not given up.
func (w *watched) Read(p []byte) (int, error) {
	w.d.mu.Lock()
	sealed := w.d.sealed
	w.d.mu.Unlock()
	if sealed {
		return 0, errGivenUp
	}
	n, err := w.ReadCloser.Read(p)
	w.left -= int64(n)
	if w.left > 0 && err != io.EOF {
		return n, err
	}
	w.d.mu.Lock()
	defer w.d.mu.Unlock()
	if w.d.sealed {
		return 0, errGivenUp
	}
	if w.left > 0 {
		// Shorter than said: the transport will refuse to send it.
		return n, io.ErrUnexpectedEOF
	}
	if w.left < 0 {
		return 0, errors.New("the body is longer than it was said to be")
	}
	w.d.whole = true
	return n, err
}
