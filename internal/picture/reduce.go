package picture

import "image"

// reduced is src with no side longer than edge, each point the mean of those that
// it stands for. It is never made larger. What is transparent becomes white. Beside
// src it takes one row of sums.
func reduced(src image.Image, edge int) *image.RGBA {
	b := src.Bounds()
	w, h := b.Dx(), b.Dy()
	if most := max(w, h); most > edge {
		w, h = max(1, w*edge/most), max(1, h*edge/most)
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	sums := make([]sum, w)
	at := colours(src)
	for y := range h {
		clear(sums)
		for sy := y * b.Dy() / h; sy < max((y+1)*b.Dy()/h, y*b.Dy()/h+1); sy++ {
			for x := range w {
				s := &sums[x]
				for sx := x * b.Dx() / w; sx < max((x+1)*b.Dx()/w, x*b.Dx()/w+1); sx++ {
					r, g, bl := at(b.Min.X+sx, b.Min.Y+sy)
					s.r, s.g, s.b, s.n = s.r+r, s.g+g, s.b+bl, s.n+1
				}
			}
		}
		for x, s := range sums {
			i := out.PixOffset(x, y)
			out.Pix[i], out.Pix[i+1], out.Pix[i+2], out.Pix[i+3] = uint8(s.r/s.n), uint8(s.g/s.n), uint8(s.b/s.n), 255
		}
	}
	return out
}

type sum struct{ r, g, b, n uint32 }

// colours gives a function that reads a point as three bytes, on white.
func colours(src image.Image) func(x, y int) (r, g, b uint32) {
	if p, is := src.(*image.YCbCr); is {
		return func(x, y int) (uint32, uint32, uint32) {
			c := p.COffset(x, y)
			return light(int32(p.Y[p.YOffset(x, y)]), int32(p.Cb[c]), int32(p.Cr[c]))
		}
	}
	return func(x, y int) (uint32, uint32, uint32) {
		r, g, b, a := src.At(x, y).RGBA() // times its own opacity
		white := 0xffff - a
		return (r + white) >> 8, (g + white) >> 8, (b + white) >> 8
	}
}

// light is a point of JPEG as red, green and blue (JFIF section 7).
func light(y, cb, cr int32) (r, g, b uint32) {
	y <<= 16
	cb, cr = cb-128, cr-128
	return clamp(y + 91881*cr), clamp(y - 22554*cb - 46802*cr), clamp(y + 116130*cb)
}

func clamp(v int32) uint32 { return uint32(min(max((v+1<<15)>>16, 0), 255)) }

// turned is a picture as it is to be looked at: the eight orientations of EXIF.
func turned(src *image.RGBA, orientation int) *image.RGBA {
	if orientation < 2 || orientation > 8 {
		return src
	}
	w, h := src.Bounds().Dx(), src.Bounds().Dy()
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	if orientation > 4 {
		out = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	for y := range out.Bounds().Dy() {
		for x := range out.Bounds().Dx() {
			sx, sy := x, y
			switch orientation {
			case 2:
				sx = w - 1 - x
			case 3:
				sx, sy = w-1-x, h-1-y
			case 4:
				sy = h - 1 - y
			case 5:
				sx, sy = y, x
			case 6:
				sx, sy = y, h-1-x
			case 7:
				sx, sy = w-1-y, h-1-x
			case 8:
				sx, sy = w-1-y, x
			}
			copy(out.Pix[out.PixOffset(x, y):][:4], src.Pix[src.PixOffset(sx, sy):][:4])
		}
	}
	return out
}
