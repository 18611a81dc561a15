package mail

import (
	"bufio"
	"io"
)

// popBody reads a message of an answer (RFC 1939 section 3): a dot at the
// beginning of a line is taken away, and a line of a dot alone ends it. All else,
// line ends included, is given as it came.
type popBody struct {
	in     *bufio.Reader
	middle bool // what was read last did not end a line
	rest   []byte
	err    error // how it ended; io.EOF is good
}

func (b *popBody) Read(p []byte) (int, error) {
	for len(b.rest) == 0 {
		if b.err == nil {
			b.fill()
		}
		if b.err != nil {
			return 0, b.err
		}
	}
	n := copy(p, b.rest)
	b.rest = b.rest[n:]
	return n, nil
}

// fill reads the next line, or as much of a long one as fits. What it gives is
// good until the next call.
func (b *popBody) fill() {
	line, err := b.in.ReadSlice('\n')
	whole := err == nil
	if err != nil && err != bufio.ErrBufferFull {
		if b.err = err; err == io.EOF {
			b.err = io.ErrUnexpectedEOF // the end is a dot and not the connection's
		}
		return
	}
	if !b.middle && line[0] == '.' {
		if text := string(line); text == ".\r\n" || text == ".\n" {
			b.err = io.EOF
			return
		}
		line = line[1:]
	}
	b.middle, b.rest = !whole, line
}

// drain reads to the end, so that the next answer begins where it should.
func (b *popBody) drain() error {
	_, err := io.Copy(io.Discard, b)
	return err
}
