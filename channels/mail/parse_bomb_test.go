package mail

import (
	"archive/zip"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strings"
	"testing"

	"filodiretto/channels"
	"filodiretto/internal/cms"
	"filodiretto/internal/testcost"
)

// bombs are mails whose files are made to burst whoever opens them, and mails
// that say to be larger than they are. check looks at what was made of one.
var bombs = []struct {
	name  string
	make  func() channels.Raw
	check func(channels.Item) bool
}{
	{"1 GB declared by the server", func() channels.Raw {
		r := raw(trapHead + "\nTesto.\n")
		r.Size = 1 << 30
		return r
	}, func(it channels.Item) bool { return it.Quarantine == "too_large" && it.Subject == "Trappola" }},
	{"1 GB attachment declared", func() channels.Raw {
		return raw(trapHead + "Content-Length: 1073741824\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nTesto.\n--b\n" +
			"Content-Type: application/octet-stream; name=a.bin\nContent-Length: 1073741824\nContent-Disposition: attachment; size=1073741824\n" +
			"Content-Transfer-Encoding: base64\n\nAAAA\n--b--\n")
	}, func(it channels.Item) bool { return len(it.Parts) == 1 && it.Parts[0].Size == 3 }},
	{"1 GB kept elsewhere", func() channels.Raw {
		return raw(trapHead + "Content-Type: message/external-body; access-type=URL; URL=\"http://a.example/\"; size=1073741824\n\n" +
			"Content-Type: application/octet-stream\n\n")
	}, func(it channels.Item) bool { return len(it.Parts) == 1 && it.Parts[0].Remote == "" }},
	{"winmail.dat with 1 GB declared", func() channels.Raw {
		return raw(trapHead + attached("application/ms-tnef", "winmail.dat", winmail(1<<30, 4<<30-1)))
	}, whole},
	{"winmail.dat of 25 MB in properties", func() channels.Raw {
		many := bytes.Repeat([]byte{0x02, 0x00, 0x01, 0x00, 1, 0, 0, 0}, 3<<20)
		return raw(trapHead + attached("application/ms-tnef", "winmail.dat", winmail(len(many)+4, 3<<20, many...)))
	}, whole},
	{"RTF of 4 GB declared", func() channels.Raw {
		packed := binary.LittleEndian.AppendUint32(nil, 100)
		packed = binary.LittleEndian.AppendUint32(packed, 4<<30-1)
		packed = append(binary.LittleEndian.AppendUint32(packed, 0x75465a4c), 0, 0, 0, 0)
		return raw(trapHead + attached("application/ms-tnef", "winmail.dat", rtf(append(packed, bytes.Repeat([]byte{0xff, 0, 0xf}, 1<<20)...))))
	}, whole},
	{"RTF that unfolds ninefold", func() channels.Raw {
		packed := binary.LittleEndian.AppendUint32(nil, 100)
		packed = binary.LittleEndian.AppendUint32(packed, maxRTF)
		packed = append(binary.LittleEndian.AppendUint32(packed, 0x75465a4c), 0, 0, 0, 0)
		packed = append(packed, 0, '{', '{', '{', '{', '{', '{', '{', '{')
		return raw(trapHead + attached("application/ms-tnef", "winmail.dat", rtf(append(packed, bytes.Repeat([]byte("\xff\x0d\x0f\x0d\x0f\x0d\x0f\x0d\x0f\x0d\x0f\x0d\x0f\x0d\x0f\x0d\x0f"), 40_000)...))))
	}, whole},
	{"zip bomb", func() channels.Raw {
		return raw(trapHead + attached("application/zip", "fatture.zip", zipBomb("a.xml")))
	}, whole},
	{"document that is a zip bomb", func() channels.Raw {
		return raw(trapHead + attached("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "istanza.docx", zipBomb("word/document.xml")))
	}, whole},
	{"XML entity bomb", func() channels.Raw {
		return raw(trapHead + attached("text/xml", "segnatura.xml", laughs()))
	}, whole},
	{"SVG entity bomb", func() channels.Raw {
		return raw(trapHead + "Content-Type: image/svg+xml; name=x.svg\n\n" + string(laughs()))
	}, whole},
	{"signed file in signed file 1,000 deep", func() channels.Raw {
		return raw(trapHead + attached("application/pkcs7-mime", strings.Repeat("a", 20)+".pdf"+strings.Repeat(".p7m", 1000), wrappedFile(bytes.Repeat([]byte("x"), 20<<20), 1000)))
	}, func(it channels.Item) bool { return slices.Contains(it.Notes, "limit:unpacked") }},
	{"signed file in signed file in pieces", func() channels.Raw {
		return raw(trapHead + attached("application/pkcs7-mime", "a.pdf"+strings.Repeat(".p7m", 1000), wrappedFile(bytes.Repeat([]byte("x"), 20<<20), 1000, 1000)))
	}, func(it channels.Item) bool { return slices.Contains(it.Notes, "limit:unpacked") }},
	{"a signed file of 24 MB in pieces", func() channels.Raw {
		return raw(trapHead + "Content-Type: multipart/mixed; boundary=b\n\n--b\n" +
			part("application/pkcs7-mime", "a.pdf.p7m", wrappedFile(bytes.Repeat([]byte("x"), 24<<20), 1, 250)) + "--b\n" +
			part("application/octet-stream", "a.bin", bytes.Repeat([]byte("x"), 10<<20)) + "--b--\n")
	}, func(it channels.Item) bool { return len(it.Parts) == 3 && len(it.Parts[1].Body) == 24<<20 }},
	{"30 signed files in pieces", func() channels.Raw {
		signed := wrappedFile(bytes.Repeat([]byte("x"), 1<<20), 1, 100)
		var b strings.Builder
		b.WriteString(trapHead + "Content-Type: multipart/mixed; boundary=b\n")
		for i := range 30 {
			b.WriteString("\n--b\n" + part("application/pkcs7-mime", fmt.Sprintf("a%d.pdf.p7m", i), signed))
		}
		return raw(b.String() + "\n--b--\n")
	}, whole},
	{"490 signed files", func() channels.Raw {
		signed := signedTimes(100)
		var b strings.Builder
		b.WriteString(trapHead + "Content-Type: multipart/mixed; boundary=b\n")
		for i := range 490 {
			b.WriteString("\n--b\n" + part("application/pkcs7-mime", fmt.Sprintf("a%d.pdf.p7m", i), signed))
		}
		return raw(b.String() + "\n--b--\n")
	}, func(it channels.Item) bool {
		return len(it.Parts) > 490 && slices.Contains(it.Notes, "limit:signatures")
	}},
}

// whole is a file that is there, whatever was found in it.
func whole(it channels.Item) bool { return len(it.Parts) > 0 && it.Parts[0].Body != nil }

// TestBombs: each is read in under 2 seconds by a process that grows by less
// than 64 MiB beside the message itself.
func TestBombs(t *testing.T) {
	for _, bomb := range bombs {
		t.Run(bomb.name, func(t *testing.T) {
			testcost.Within(t, testcost.Most, func() func() {
				r := bomb.make()
				return func() {
					if it := parseOne(t, r, testOwn); !bomb.check(it) {
						t.Errorf("%q, notes %v, %d parts", it.Quarantine, it.Notes, len(it.Parts))
					}
				}
			})
		})
	}
}

func raw(s string) channels.Raw { return channels.Raw{Body: []byte(s), ReceivedAt: testReceived} }

func part(kind, name string, body []byte) string {
	return "Content-Type: " + kind + "\nContent-Disposition: attachment; filename=" + name + "\nContent-Transfer-Encoding: base64\n\n" +
		wrap(base64.StdEncoding.EncodeToString(body)) + "\n"
}

func attached(kind, name string, body []byte) string {
	return "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nIn allegato.\n--b\n" + part(kind, name, body) + "--b--\n"
}

// winmail is a stream with one block of properties, which says to be so long and
// to hold so many.
func winmail(size, count int, properties ...byte) []byte {
	b := binary.LittleEndian.AppendUint32(nil, 0x223e9f78)
	b = append(b, 1, 0, 1)
	b = binary.LittleEndian.AppendUint32(b, 0x00069003)
	b = binary.LittleEndian.AppendUint32(b, uint32(size))
	b = binary.LittleEndian.AppendUint32(b, uint32(count))
	return append(append(b, properties...), 0, 0)
}

// rtf is a stream with nothing but compressed RTF.
func rtf(packed []byte) []byte {
	p := []byte{0x02, 0x01, 0x09, 0x10, 1, 0, 0, 0}
	p = binary.LittleEndian.AppendUint32(p, uint32(len(packed)))
	p = append(p, packed...)
	for len(p)%4 != 0 {
		p = append(p, 0)
	}
	return winmail(len(p)+4, 1, p...)
}

// zipBomb is 200 MB of nothing in 200 kB.
func zipBomb(name string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create(name)
	if err == nil {
		_, err = io.CopyN(w, zeros{}, 200<<20)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		panic(err)
	}
	return b.Bytes()
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// laughs is the bomb of a billion laughs.
func laughs() []byte {
	var b strings.Builder
	b.WriteString("<?xml version=\"1.0\"?>\n<!DOCTYPE postacert [\n<!ENTITY l0 \"ah\">\n")
	for i := range 12 {
		fmt.Fprintf(&b, "<!ENTITY l%d \"%s\">\n", i+1, strings.Repeat(fmt.Sprintf("&l%d;", i), 10))
	}
	return []byte(b.String() + "]>\n<postacert tipo=\"posta-certificata\">&l12;</postacert>\n")
}

// wrappedFile is a content in so many SignedData without signers; in pieces of
// that many bytes, if any are given.
func wrappedFile(content []byte, deep int, pieces ...int) []byte {
	var before, after []byte
	size := len(content)
	if len(pieces) > 0 {
		var in bytes.Buffer
		for p := range slices.Chunk(content, pieces[0]) {
			in.Write(append([]byte{0x04, 0x82}, byte(len(p)>>8), byte(len(p))))
			in.Write(p)
		}
		content, size = in.Bytes(), in.Len()
	}
	signed, data := []byte{6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0xd, 1, 7, 2}, []byte{6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0xd, 1, 7, 1}
	outer := make([][]byte, 0, deep)
	tail := []byte{0x31, 0}
	for i := range deep {
		tag := byte(4)
		if i == 0 && len(pieces) > 0 {
			tag = 0x24
		}
		h := length(tag, size)                                 // the octets
		h = append(length(0xa0, size+len(h)), h...)            // [0]
		inner := size + len(h) + len(data)                     // eContentType and content
		h = append(append(length(0x30, inner), data...), h...) // encapContentInfo
		rest := []byte{2, 1, 1, 0x31, 0}                       // version, digests
		body := len(rest) + size + len(h) + len(tail)          //
		h = append(append(length(0x30, body), rest...), h...)  // SignedData
		h = append(length(0xa0, size+len(h)+len(tail)), h...)  // [0]
		all := len(signed) + size + len(h) + len(tail)         //
		h = append(append(length(0x30, all), signed...), h...) // ContentInfo
		outer = append(outer, h)
		after = append(after, tail...)
		size += len(h) + len(tail)
	}
	for _, h := range slices.Backward(outer) {
		before = append(before, h...)
	}
	return slices.Concat(before, content, after)
}

// length is a tag with a length of four bytes.
func length(tag byte, n int) []byte {
	return binary.BigEndian.AppendUint32([]byte{tag, 0x84}, uint32(n))
}

// signedTimes is a small signed file with so many signers, by a slow curve.
func signedTimes(n int) []byte {
	key, err := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	must(err)
	from, to := testReceived.Time().AddDate(-1, 0, 0), testReceived.Time().AddDate(1, 0, 0)
	template := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "Lenta"}, NotBefore: from, NotAfter: to}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	must(err)
	cert, err := x509.ParseCertificate(der)
	must(err)
	signed, err := cms.Signer{Certificate: cert, Key: key}.Sign([]byte("%PDF-1.4 x"), false, testReceived)
	must(err)
	var info struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue
	}
	_, err = asn1.Unmarshal(signed, &info)
	must(err)
	var data struct {
		Version                        int
		Digests, Content, Certificates asn1.RawValue
		Signers                        []asn1.RawValue `asn1:"set"`
	}
	_, err = asn1.Unmarshal(info.Content.Bytes, &data)
	must(err)
	data.Signers = slices.Repeat(data.Signers, n)
	inner, err := asn1.Marshal(data)
	must(err)
	info.Content = asn1.RawValue{Class: asn1.ClassContextSpecific, IsCompound: true, Bytes: inner}
	out, err := asn1.Marshal(info)
	must(err)
	return out
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
