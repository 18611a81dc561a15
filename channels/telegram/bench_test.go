package telegram

import (
	"testing"

	"filodiretto/channels"
	"filodiretto/channels/channeltest"
	"filodiretto/channels/telegram/standin"
)

func BenchmarkParse(b *testing.B) {
	all := seeds(b)
	raws := []channels.Raw{all["text_links"], all["photo"], all["contact_own"], all["reply"], all["button"]}
	c := &Channel{}
	for b.Loop() {
		for _, raw := range raws {
			if _, err := c.Parse(raw); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.N*len(raws))/b.Elapsed().Seconds(), "updates/s")
}

// BenchmarkReceive is a backlog of 10,000 updates, from the stand-in to an
// intake in memory.
func BenchmarkReceive(b *testing.B) {
	const backlog = 10_000
	for b.Loop() {
		b.StopTimer()
		w := newBench(b, standin.Limits{Off: true})
		for range backlog {
			w.Say(ada, "C'è una buca in via Roma, davanti al numero 12, e di sera non si vede.")
		}
		in := channeltest.NewIntake()
		c := w.open(b)
		b.StartTimer()
		receive(b, c, in)
		if _, err := in.AwaitItems(guard(b), backlog); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*backlog)/b.Elapsed().Seconds(), "updates/s")
}

// BenchmarkSend is one message after the other, without any limit.
func BenchmarkSend(b *testing.B) {
	w := newBench(b, standin.Limits{Off: true})
	w.Say(ada, "/start")
	w.set["messages_per_second"] = "1000"
	c := w.open(b)
	for b.Loop() {
		w.at.Advance(1_000_000_000)
		if _, err := c.Send(b.Context(), to(ada)); err != nil {
			b.Fatal(err)
		}
	}
}
