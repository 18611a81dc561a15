package picture

import (
	"bytes"
	"encoding/binary"
	"io"
	"os"
)

// orientation is how a JPEG is to be turned, 1 when it does not say (EXIF 2.3
// section 4.6.4, tag 0x0112). Nothing else of EXIF is read.
func orientation(head []byte) int {
	for at := 2; at+4 <= len(head) && head[at] == 0xff && head[at+1] != 0xda; {
		n := 2 + int(head[at+2])<<8 + int(head[at+3])
		if head[at+1] == 0xe1 && at+n <= len(head) {
			if tiff, is := bytes.CutPrefix(head[at+4:at+n], []byte("Exif\x00\x00")); is {
				return tiffOrientation(tiff)
			}
		}
		at += n
	}
	return 1
}

func tiffOrientation(b []byte) int {
	if len(b) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.LittleEndian
	if b[0] == 'M' {
		order = binary.BigEndian
	}
	first := int64(order.Uint32(b[4:]))
	if first+2 > int64(len(b)) {
		return 1
	}
	entries := b[first+2:]
	for range order.Uint16(b[first:]) {
		if len(entries) < 12 {
			return 1
		}
		if order.Uint16(entries) == 0x0112 {
			if v := int(order.Uint16(entries[8:])); v >= 1 && v <= 8 {
				return v
			}
			return 1
		}
		entries = entries[12:]
	}
	return 1
}

// heicPoints is the most that one picture of a HEIC file says to have: its "ispe"
// boxes (ISO 23008-12 section 6.5.3). A file that says less than it has is stopped
// by the limits of its process.
func heicPoints(path string) (int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	head := make([]byte, 1<<20)
	n, err := io.ReadFull(f, head)
	if err != nil && n == 0 {
		return 0, ErrBroken
	}
	head = head[:n]
	most := int64(0)
	for {
		i := bytes.Index(head, []byte("ispe"))
		if i < 0 || i+16 > len(head) {
			return most, nil
		}
		w, h := int64(binary.BigEndian.Uint32(head[i+8:])), int64(binary.BigEndian.Uint32(head[i+12:]))
		if w > maxPoints || h > maxPoints {
			return maxPoints + 1, nil
		}
		most, head = max(most, w*h), head[i+16:]
	}
}
