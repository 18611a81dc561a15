package filetype

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"testing/iotest"
)

func TestOf(t *testing.T) {
	der := "\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x80"
	for name, c := range map[string]struct{ in, want string }{
		"a PDF":                         {"%PDF-1.7\n", "application/pdf"},
		"one behind a mark":             {"\xef\xbb\xbf\r\n%PDF-1.7\n", "application/pdf"},
		"what Outlook packs":            {"\x78\x9f\x3e\x22\x01\x00 lettera.pdf %PDF-1.4", "application/ms-tnef"},
		"a signed PDF":                  {der + "\x30\x80%PDF-1.7\n", "application/pkcs7-signature"},
		"a text about PDF":              {"The sign is %PDF-1.7 in the first line.", "text/plain; charset=utf-8"},
		"something binary with one":     {"\x01\x02\x03\x00\xff%PDF-1.7", "application/octet-stream"},
		"nothing":                       {"", "text/plain"},
		"beyond what is looked at, pdf": {strings.Repeat("\x01", HeadLength) + "%PDF-", "application/octet-stream"},
	} {
		if got := Of([]byte(c.in)); got != c.want {
			t.Errorf("%s is %s", name, got)
		}
		if got, err := OfReader(iotest.OneByteReader(strings.NewReader(c.in))); got != c.want || err != nil {
			t.Errorf("%s, read, is %s, %v", name, got, err)
		}
	}
	if _, err := OfReader(iotest.ErrReader(errors.New("gone"))); err == nil {
		t.Error("a file that cannot be read has a type")
	}
	if got := Of(bytes.Repeat([]byte("a"), 10_000)); got != "text/plain; charset=utf-8" {
		t.Error(got)
	}
}
