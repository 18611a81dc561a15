package mail

import (
	"strings"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/mail/mailgen"
	"filodiretto/internal/clock"
)

// plainForm takes away what the older charsets cannot hold, so that texts may
// be compared across them.
var plainForm = strings.NewReplacer("’", "'", "€", "EUR")

func TestParseReadsWhatTheGeneratorWrote(t *testing.T) {
	g := mailgen.New(11)
	own := OwnAddresses{Address: mailgen.URP.Address}
	for i := range 2000 {
		raw, m := g.Next()
		it := parseOne(t, channels.Raw{Body: raw, ReceivedAt: clock.At(m.Date.Add(time.Minute))}, own)
		if it.Quarantine != "" || it.Auto != "" || it.Kind != channels.Message || it.OnlyCopied {
			t.Fatalf("mail %d: kind %q, auto %q, quarantine %q, only copied %v", i, it.Kind, it.Auto, it.Quarantine, it.OnlyCopied)
		}
		if it.ExternalID != m.MessageID || it.From.Value != m.From.Address || it.From.Display != m.From.Name {
			t.Fatalf("mail %d: id %q from %+v, want %q %+v", i, it.ExternalID, it.From, m.MessageID, m.From)
		}
		if plainForm.Replace(it.Subject) != plainForm.Replace(m.Subject) {
			t.Fatalf("mail %d: subject %q, want %q", i, it.Subject, m.Subject)
		}
		if !strings.HasPrefix(plainForm.Replace(it.Text), strings.TrimRight(plainForm.Replace(m.Text), "\n")) {
			t.Fatalf("mail %d: text %q, want %q", i, it.Text, m.Text)
		}
		if (it.HTML != "") != m.HTML || len(it.Parts) != len(m.Attachments) {
			t.Fatalf("mail %d: HTML %v, %d parts; want %v, %d", i, it.HTML != "", len(it.Parts), m.HTML, len(m.Attachments))
		}
		for k, name := range m.Attachments {
			if p := it.Parts[k]; p.Name != name || p.Detected != p.Claimed || p.Size == 0 {
				t.Fatalf("mail %d: part %q %q/%q, want %q", i, p.Name, p.Claimed, p.Detected, name)
			}
		}
		if m.InReplyTo != "" && it.References[0] != m.InReplyTo {
			t.Fatalf("mail %d: answers %v, want %q first", i, it.References, m.InReplyTo)
		}
		if !it.SentAt.Time().Equal(m.Date) {
			t.Fatalf("mail %d: sent %v, want %v", i, it.SentAt.Time(), m.Date)
		}
	}
}

// parseOne parses and checks what is true of every item.
func parseOne(t testing.TB, raw channels.Raw, own OwnAddresses) channels.Item {
	t.Helper()
	items, err := Parse(raw, own)
	if err != nil {
		t.Fatal(err)
	}
	if len(items) != 1 {
		t.Fatalf("%d items", len(items))
	}
	checkItem(t, items[0])
	return items[0]
}
