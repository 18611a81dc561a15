package mail

import (
	"os"
	"path/filepath"
	"testing"

	"filodiretto/channels"
	"filodiretto/channels/mail/mailgen"
)

// BenchmarkParse reads a realistic mixture; the floor is 2,000 messages a
// second on one core.
func BenchmarkParse(b *testing.B) {
	g := mailgen.New(1)
	var raws []channels.Raw
	size := 0
	for range 1000 {
		body, _ := g.Next()
		size += len(body)
		raws = append(raws, channels.Raw{Body: body, ReceivedAt: testReceived})
	}
	own := OwnAddresses{Address: mailgen.URP.Address}
	b.SetBytes(int64(size / len(raws)))
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if _, err := Parse(raws[i%len(raws)], own); err != nil {
			b.Fatal(err)
		}
		i++
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
}

// BenchmarkParseOdd reads the fixtures, all of them broken in some way.
func BenchmarkParseOdd(b *testing.B) {
	files, _ := filepath.Glob("testdata/*.eml")
	var raws []channels.Raw
	for _, f := range files {
		body, err := os.ReadFile(f)
		if err != nil {
			b.Fatal(err)
		}
		raws = append(raws, channels.Raw{Body: body, ReceivedAt: testReceived})
	}
	i := 0
	for b.Loop() {
		if _, err := Parse(raws[i%len(raws)], testOwn); err != nil {
			b.Fatal(err)
		}
		i++
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
}
