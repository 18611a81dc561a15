package picture

import (
	"bufio"
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
)

const (
	quality  = 80        // of the JPEG that is made
	headSize = 256 << 10 // bytes in which a file says what it is
)

// shrink decodes a picture, once its head says that it is not too large, and makes
// a small one of it. upright leaves out what the file says of its orientation.
func shrink(f io.ReadSeeker, edge int, upright bool) (*Made, error) {
	kind, turn, err := look(f)
	if err != nil {
		return nil, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	src, err := kind.decode(bufio.NewReader(f))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBroken, err)
	}
	if upright {
		turn = 1
	}
	small := turned(reduced(src, edge), turn)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, small, &jpeg.Options{Quality: quality}); err != nil {
		return nil, err
	}
	return &Made{Body: b.Bytes(), Width: small.Bounds().Dx(), Height: small.Bounds().Dy()}, nil
}

// kind is a way to read a file.
type kind struct {
	magic  string
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

var kinds = []kind{
	{"\xff\xd8", jpeg.DecodeConfig, jpeg.Decode},
	{"\x89PNG\r\n\x1a\n", png.DecodeConfig, png.Decode},
	{"GIF8", gif.DecodeConfig, gif.Decode},
}

// look reads what a file says of itself: which kind it is, how many points it has,
// how it is turned. The bytes count, not what anybody calls it.
func look(f io.ReadSeeker) (kind, int, error) {
	head := make([]byte, headSize)
	n, err := io.ReadFull(f, head)
	if err != nil && n == 0 {
		return kind{}, 0, ErrBroken
	}
	head = head[:n]
	for _, k := range kinds {
		if !bytes.HasPrefix(head, []byte(k.magic)) {
			continue
		}
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return k, 0, err
		}
		c, err := k.config(bufio.NewReader(f))
		if err != nil {
			return k, 0, fmt.Errorf("%w: %w", ErrBroken, err)
		}
		if points := int64(c.Width) * int64(c.Height); points > maxPoints || c.Width > maxSide || c.Height > maxSide || memory(c, points, head) > maxMemory {
			return k, 0, ErrLarge
		}
		return k, orientation(head), nil
	}
	return kind{}, 0, ErrKind
}

// memory is how many bytes a decoder takes for so many points.
func memory(c image.Config, points int64, head []byte) int64 {
	switch c.ColorModel {
	case color.RGBA64Model, color.NRGBA64Model:
		return 8 * points
	case color.Gray16Model:
		return 2 * points
	}
	if bytes.HasPrefix(head, []byte("\xff\xd8")) {
		return jpegMemory(points, head)
	}
	if _, is := c.ColorModel.(color.Palette); is || c.ColorModel == color.GrayModel {
		return points
	}
	return 4 * points
}

// jpegMemory reads the frame header (ISO 10918-1 section B.2.2). Colours are often
// coarser than the light; of a progressive file every coefficient is held until the
// end, as four bytes.
func jpegMemory(points int64, head []byte) int64 {
	for at := 2; at+10 <= len(head) && head[at] == 0xff; {
		marker, n := head[at+1], 2+int(head[at+2])<<8+int(head[at+3])
		if marker < 0xc0 || marker > 0xc2 || at+n > len(head) {
			at += n
			continue
		}
		sum, most := int64(0), int64(1)
		for i := at + 10; i+3 <= at+n; i += 3 {
			area := int64(head[i+1]>>4) * int64(head[i+1]&15)
			sum, most = sum+area, max(most, area)
		}
		bytes := points * sum / most
		if marker == 0xc2 {
			bytes *= 5
		}
		return bytes
	}
	return 20 * points // the header stands behind a very long beginning: better too careful
}
