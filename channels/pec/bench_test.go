package pec

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"filodiretto/channels"
)

// withFile is a citizen's message with a file of so many bytes, that nothing packs.
func withFile(size int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	file := make([]byte, size)
	for i := range file {
		file[i] = byte(r.Uint32())
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "From: Anna Verdi <%s>\r\nTo: %s\r\nSubject: Richiesta di accesso agli atti\r\nDate: Fri, 20 Nov 2026 09:30:00 +0100\r\nMessage-ID: <o1@pec.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=i\r\n\r\n", anna, box)
	b.WriteString("--i\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nLa sottoscritta chiede copia del permesso di costruire.\r\n--i\r\nContent-Type: application/pdf; name=domanda.pdf\r\nContent-Disposition: attachment; filename=domanda.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n")
	base64Lines(&b, file)
	b.WriteString("--i--\r\n")
	return b.Bytes()
}

func base64Lines(b *bytes.Buffer, file []byte) {
	for text := base64.StdEncoding.EncodeToString(file); text != ""; {
		n := min(76, len(text))
		b.WriteString(text[:n] + "\r\n")
		text = text[n:]
	}
}

// An envelope costs: the provider's signature, its data, the message inside.
func BenchmarkEnvelope(b *testing.B) {
	w := newWorld(b)
	for _, x := range []struct {
		name  string
		inner []byte
	}{
		{"text", written("Anna Verdi <"+anna+">", "Richiesta", "La sottoscritta chiede copia del permesso.\r\n")},
		{"file of 60 kB", withFile(60_000)},
	} {
		raw, err := w.provider.Envelope(anna, box, x.inner, now)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(x.name, func(b *testing.B) {
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				if !w.parse(b, raw).Certified.Proven() {
					b.Fatal("not proven")
				}
			}
		})
	}
}

// A letter of 30 MB, the least that every provider takes, is read within seconds,
// and needs no more memory than a few times its files.
func TestALetterOfThirtyMegabytes(t *testing.T) {
	w := newWorld(t)
	raw, err := w.provider.Envelope(anna, box, withFile(22<<20), now)
	if err != nil {
		t.Fatal(err)
	}
	if len(raw) < 30<<20 {
		t.Fatal(len(raw))
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	start := time.Now()
	items, err := Parse(channels.Raw{Body: raw, ReceivedAt: now}, own, w.trust)
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	if err != nil || !items[0].Certified.Proven() || len(items[0].Parts) != 1 || len(items[0].Parts[0].Body) != 22<<20 {
		t.Fatalf("%v %+v", err, items)
	}
	if took > 20*time.Second {
		t.Errorf("took %s", took)
	}
	if made := after.TotalAlloc - before.TotalAlloc; made > 3*uint64(len(raw)) {
		t.Errorf("%d MB were made for %d MB", made>>20, len(raw)>>20)
	}
}
