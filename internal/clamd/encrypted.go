package clamd

import (
	"encoding/binary"
	"errors"
	"io"
)

// Bounds of looking at a zip file's directory.
const (
	tailSize   = 64<<10 + 22 // where its end record stands, before a comment
	maxEntries = 10_000
)

// Encrypted reports whether a file is a zip archive in which something is
// encrypted, at which no scanner can look. The daemon tells it only when it is set
// up to (AlertEncryptedArchive). The file is left where reading ended; an error is
// one of reading.
func Encrypted(f io.ReadSeeker) (bool, error) {
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil || size < 22 {
		return false, err
	}
	start := max(0, size-tailSize)
	if _, err := f.Seek(start, io.SeekStart); err != nil {
		return false, err
	}
	tail := make([]byte, size-start)
	if _, err := io.ReadFull(f, tail); err != nil {
		return false, err
	}
	for i := len(tail) - 22; i >= 0; i-- {
		if binary.LittleEndian.Uint32(tail[i:]) == 0x06054b50 {
			at := int64(binary.LittleEndian.Uint32(tail[i+16:]))
			if at >= size {
				return false, nil
			}
			if _, err := f.Seek(at, io.SeekStart); err != nil {
				return false, err
			}
			return anyEncrypted(f)
		}
	}
	return false, nil
}

// anyEncrypted reads a directory: bit 0 of an entry's flags says that it is
// encrypted (APPNOTE section 4.4.4).
func anyEncrypted(f io.ReadSeeker) (bool, error) {
	var head [46]byte
	for range maxEntries {
		_, err := io.ReadFull(f, head[:])
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || err == nil && binary.LittleEndian.Uint32(head[:]) != 0x02014b50 {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		if head[8]&1 != 0 {
			return true, nil
		}
		more := int64(binary.LittleEndian.Uint16(head[28:])) + int64(binary.LittleEndian.Uint16(head[30:])) + int64(binary.LittleEndian.Uint16(head[32:]))
		if _, err := f.Seek(more, io.SeekCurrent); err != nil {
			return false, err
		}
	}
	return false, nil
}
