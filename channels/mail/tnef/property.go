package tnef

import (
	"encoding/binary"
	"strconv"
)

// The types of a property (MS-OXCDATA section 2.11.1) that have a size of
// their own or a meaning here.
const (
	typeShort   = 0x0002
	typeLong    = 0x0003
	typeFloat   = 0x0004
	typeDouble  = 0x0005
	typeMoney   = 0x0006
	typeAppTime = 0x0007
	typeError   = 0x000a
	typeBool    = 0x000b
	typeObject  = 0x000d
	typeInt64   = 0x0014
	typeString  = 0x001e
	typeUnicode = 0x001f
	typeTime    = 0x0040
	typeGUID    = 0x0048
	typeBinary  = 0x0102
	manyValues  = 0x1000
)

var sizes = map[uint16]int{
	typeShort: 4, typeLong: 4, typeFloat: 4, typeDouble: 8, typeMoney: 8, typeAppTime: 8, typeError: 4, typeBool: 4,
	typeInt64: 8, typeTime: 8, typeGUID: 16,
}

// property is one value; of several, the first.
type property struct {
	id, kind uint16
	data     []byte
}

func (p property) text() string {
	switch p.kind {
	case typeUnicode:
		return wide(p.data)
	default:
		return plain(p.data)
	}
}

// each reads a block of properties; it stops where something does not fit.
func (r *reader) each(b []byte, use func(property)) {
	n, b, ok := number(b)
	for ; ok && n > 0; n-- {
		if r.properties++; r.properties > maxProperties || len(b) < 4 {
			ok = false
			break
		}
		p := property{kind: binary.LittleEndian.Uint16(b), id: binary.LittleEndian.Uint16(b[2:])}
		b = b[4:]
		if p.id >= 0x8000 {
			if b, ok = skipName(b); !ok {
				break
			}
		}
		if p.data, b, ok = value(b, p.kind); ok && p.id < 0x8000 {
			p.kind &^= manyValues
			use(p)
		}
	}
	if !ok {
		r.m.Cut = true
	}
}

func number(b []byte) (n uint32, rest []byte, ok bool) {
	if len(b) < 4 {
		return 0, nil, false
	}
	return binary.LittleEndian.Uint32(b), b[4:], true
}

// skipName steps over the name of a property that has one.
func skipName(b []byte) ([]byte, bool) {
	if len(b) < 24 {
		return nil, false
	}
	kind := binary.LittleEndian.Uint32(b[16:])
	if kind == 0 { // a number
		return b[24:], true
	}
	return skip(b[24:], binary.LittleEndian.Uint32(b[20:]))
}

// skip steps over n bytes and what fills them up to four.
func skip(b []byte, n uint32) ([]byte, bool) {
	padded := (uint64(n) + 3) &^ 3
	if padded > uint64(len(b)) {
		return nil, false
	}
	return b[padded:], true
}

// value cuts the first value off b, and steps over the others of its property.
func value(b []byte, kind uint16) (data, rest []byte, ok bool) {
	size, fixed := sizes[kind&^manyValues]
	count := uint32(1)
	if !fixed || kind&manyValues != 0 {
		if count, b, ok = number(b); !ok {
			return nil, nil, false
		}
	}
	if fixed {
		if uint64(count)*uint64(size) > uint64(len(b)) {
			return nil, nil, false
		}
		if count > 0 {
			data = b[:size]
		}
		return data, b[int(count)*size:], true
	}
	for i := uint32(0); i < count; i++ {
		n, after, there := number(b)
		if !there || uint64(n) > uint64(len(after)) {
			return nil, nil, false
		}
		if i == 0 {
			data = after[:n]
		}
		if b, ok = skip(after, n); !ok {
			if uint64(n) != uint64(len(after)) { // the very last value may lack its filling
				return nil, nil, false
			}
			b = nil
		}
	}
	return data, b, true
}

// codePage is the charset of a Windows code page.
func codePage(n uint32) string {
	switch n {
	case 65001:
		return "utf-8"
	case 28591:
		return "iso-8859-1"
	case 20127:
		return "us-ascii"
	case 932:
		return "shift_jis"
	case 936:
		return "gb18030"
	case 949:
		return "euc-kr"
	case 950:
		return "big5"
	}
	if n >= 28592 && n <= 28605 {
		return "iso-8859-" + strconv.Itoa(int(n-28590))
	}
	if n >= 1250 && n <= 1258 || n == 874 {
		return "windows-" + strconv.Itoa(int(n))
	}
	return "windows-1252"
}
