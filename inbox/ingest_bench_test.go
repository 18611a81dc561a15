package inbox

import (
	"fmt"
	"testing"

	"filodiretto/channels"
	"filodiretto/channels/mail"
	"filodiretto/channels/mail/mailgen"
	"filodiretto/internal/db/dbtest"
)

// BenchmarkIngest accepts, reads, files and routes realistic mails in batches
// of 100, each committed for good, and reports messages a second.
func BenchmarkIngest(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { benchIngest(b, dbtest.SQLite(b)) })
	b.Run("postgres", func(b *testing.B) { benchIngest(b, dbtest.Postgres(b)) })
}

func benchIngest(b *testing.B, url string) {
	const n = 5000
	g := mailgen.New(1)
	raws := make([][]byte, n)
	for i := range raws {
		raws[i], _ = g.Next()
	}
	e := newEnv(b, url)
	realMail(e)
	b.ResetTimer()
	for i := 0; i < n; i += 100 {
		batch := channels.Batch{Stream: "INBOX", Cursor: []byte("x")}
		for j := i; j < i+100; j++ {
			batch.Items = append(batch.Items, channels.Raw{DedupKey: fmt.Sprint(j), ContentType: mail.TypeMessage, Body: raws[j], ReceivedAt: e.manual.Now()})
		}
		if err := e.Accept(b.Context(), e.mail.ID, batch); err != nil {
			b.Fatal(err)
		}
		e.ingest(e.mail)
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "msg/s")
	b.StopTimer()
	if got := e.number("SELECT count(*) FROM messages"); got+e.number("SELECT count(*) FROM quarantine") != n {
		b.Fatal(got, "messages of", n)
	}
}
