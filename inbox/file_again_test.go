package inbox

import (
	"context"
	"strings"
	"testing"

	"filodiretto/channels"
	"filodiretto/channels/mail"
)

// Rules 19 and 75: a server hands the same bytes over for each recipient, and the
// detail of one of them names the case.
func TestRule75HandedOverForADetailToo(t *testing.T) {
	for name, x := range map[string]struct {
		from    string
		between bool // the first is filed before the second comes
		first   string
		cases   int
		open    int // suggestions
	}{
		"both wait":                    {"Ada <ada@posta.example>", false, "urp@", 1, 0},
		"the detail first":             {"Ada <ada@posta.example>", true, "", 1, 0},
		"after it was filed":           {"Ada <ada@posta.example>", true, "urp@", 2, 1},
		"a stranger's, both wait":      {"Eva <eva@evil.example>", false, "urp@", 2, 1},
		"a stranger's, after the case": {"Eva <eva@evil.example>", true, "urp@", 2, 1},
	} {
		t.Run(name, func(t *testing.T) {
			eachDB(t, func(t *testing.T, e *env) {
				realMail(e)
				e.arrive(e.mail, letter("Ada <ada@posta.example>", "a1@posta.example", "Buca", "C'è una buca."))
				c := e.allCases()[0]
				plus := "urp+" + e.sign.ReplyDetail(c.ID) + "@comune.pontelieto.example"
				body := letter(x.from, "x2@posta.example", "La buca", "Ancora.")
				to := []string{"urp@comune.pontelieto.example", plus}
				if x.first == "" {
					to[0], to[1] = to[1], to[0]
				}
				for i, one := range append(to, to...) { // and each once more, as after a lost answer
					h := mail.Handover{Via: "lmtp", From: "ada@posta.example", To: []string{one}, At: e.manual.Now(), Max: 1 << 20}
					if err := mail.TakeOver(t.Context(), handedTo{e, e.mail.ID}, h, strings.NewReader(body)); err != nil {
						t.Fatal(err)
					}
					if x.between || i > 0 {
						e.ingest(e.mail)
					}
				}
				if n := len(e.allCases()); n != x.cases {
					t.Error(n, "cases")
				}
				if n := e.number("SELECT count(*) FROM messages WHERE direction = 'in'"); n != 2 {
					t.Error(n, "messages")
				}
				if n := e.number("SELECT count(*) FROM suggestions WHERE other_id = ? AND case_id <> other_id AND state = 'open' AND reason = 'reply_address'", c.ID); n != x.open {
					t.Error(n, "suggestions")
				}
				if n := e.number("SELECT count(*) FROM raws WHERE stream = 'lmtp'"); n != 2 {
					t.Error(n, "originals")
				}
			})
		})
	}
}

// handedTo is the intake of one account.
type handedTo struct {
	*env
	account int64
}

func (h handedTo) Take(ctx context.Context, via string, it channels.Raw) error {
	_, err := h.Inbox.Take(ctx, h.account, via, it)
	return err
}
