package lmtp

import (
	"bytes"
	"io"
	"os"
)

// inMemory is the size up to which a message is held in memory while it is
// stored for each of its recipients; larger ones wait in a temporary file.
const inMemory = 1 << 20

// spooled is a message that can be read several times.
type spooled struct {
	head []byte
	file *os.File
}

func spool(r io.Reader) (*spooled, error) {
	head, err := io.ReadAll(io.LimitReader(r, inMemory))
	if err != nil || len(head) < inMemory {
		return &spooled{head: head}, err
	}
	f, err := os.CreateTemp("", "lmtp-*")
	if err != nil {
		return nil, err
	}
	s := &spooled{head: head, file: f}
	if err := os.Remove(f.Name()); err != nil { // it lives as long as it is open
		s.close()
		return nil, err
	}
	if _, err := io.Copy(f, r); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// again reads the message from its beginning.
func (s *spooled) again() (io.Reader, error) {
	if s.file == nil {
		return bytes.NewReader(s.head), nil
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	return io.MultiReader(bytes.NewReader(s.head), s.file), nil
}

func (s *spooled) close() {
	if s.file != nil {
		_ = s.file.Close()
	}
}
