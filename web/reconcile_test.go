package web

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"testing"

	"filodiretto/channels"
)

// heldMail is a mailbox of which a test says what its provider holds.
type heldMail struct {
	channels.Channel
	held []string
	gone bool // held and not given
}

func (h *heldMail) Held(context.Context, func(string) ([]byte, error)) ([]channels.Held, error) {
	return []channels.Held{{Stream: "INBOX", Prefix: "INBOX/3/", Keys: h.held}}, nil
}

func (h *heldMail) Describe(_ context.Context, _ string, _ []byte, keys []string) (out []channels.HeldItem, err error) {
	for _, k := range keys {
		out = append(out, channels.HeldItem{Key: k, Subject: "Buca <in> via Roma", At: 1_700_000_000_000_000, Size: 2048})
	}
	return out, nil
}

func (h *heldMail) Refetch(ctx context.Context, in channels.Intake, stream string, keys []string, taken func(string)) error {
	for _, k := range keys {
		if h.gone {
			continue
		}
		if err := in.Accept(ctx, channels.Batch{Stream: stream, Items: []channels.Raw{{DedupKey: k, ContentType: "message/rfc822", Body: []byte(k)}}}); err != nil {
			return err
		}
		taken(k)
	}
	return nil
}

// townIntake is the intake of the town's mailbox.
type townIntake struct {
	channels.Intake
	e *siteTown
}

func (k townIntake) Cursor(ctx context.Context, s string) ([]byte, error) {
	return k.e.inbox.Cursor(ctx, k.e.mail.ID, s)
}

func (k townIntake) Accept(ctx context.Context, b channels.Batch) error {
	return k.e.inbox.Accept(ctx, k.e.mail.ID, b)
}

func (k townIntake) Store(ctx context.Context, r io.Reader) (string, int64, error) {
	return k.e.inbox.Store(ctx, r)
}

// The page of comparisons: empty, asked for, under way, with what is missing, and
// with what came; and the same by the API (mail rule 15).
func TestRule15PageOfComparisons(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		opened := e.chans.by[e.mail.ID]
		box := &heldMail{Channel: opened.ch, held: []string{"INBOX/3/1"}, gone: true}
		opened.ch = box
		e.chans.by[e.mail.ID] = opened
		b, path := e.as("admin"), fmt.Sprintf("/channels/%d/reconcile", e.mail.ID)
		api := fmt.Sprintf("/accounts/%d/reconciliations", e.mail.ID)
		b.get("/channels").want(http.StatusOK, path, "non ancora")
		b.get(path).want(http.StatusOK, "Nessun confronto ancora", "Confronta ora").without("hx-trigger")
		if r := e.call("admin", "GET", api, nil).want(http.StatusOK); len(r.list("items")) != 0 {
			t.Errorf("%s", r.Bytes)
		}
		b.post(path).to(path)
		b.get(path).want(http.StatusOK, `hx-trigger="every 1s"`, "In attesa di cominciare")
		compare := func() {
			t.Helper()
			if err := e.inbox.Reconcile(t.Context(), e.mail.ID, townIntake{e: e}); err != nil {
				t.Fatal(err)
			}
		}
		compare()
		b.get(path).want(http.StatusOK, "Manca 1 messaggio", "Buca &lt;in&gt; via Roma", "il gestore non lo dà", "Scarica quello che manca").without("hx-trigger")
		b.get("/channels").want(http.StatusOK, "Manca 1 messaggio", "messaggi che il gestore non dà")
		r := e.call("admin", "GET", api, nil).want(http.StatusOK)
		if fmt.Sprint(r.at("items", 0, "streams", 0, "absent")) != "1" || r.at("items", 0, "daily") != false || r.str("items", 0, "state") != "done" {
			t.Errorf("%s", r.Bytes)
		}
		box.gone = false
		b.send(path).want(http.StatusOK, `id="reconcile"`, "In attesa di cominciare").without("<html")
		compare()
		b.get(path+"/state").want(http.StatusOK, "Mancavano e sono stati scaricati", "scaricato").without("Buca", "<html")
		b.get("/channels").want(http.StatusOK, "non manca niente")
		e.call("admin", "POST", fmt.Sprintf("/accounts/%d/reconcile", e.mail.ID), nil).want(http.StatusOK)
		compare()

		for _, who := range []string{"giulia", "sara"} {
			e.as(who).get(path).want(http.StatusForbidden)
			e.as(who).post(path).want(http.StatusForbidden)
		}
		e.call("giulia", "GET", api, nil).want(http.StatusForbidden)
		b.get("/channels/999/reconcile").want(http.StatusNotFound)
		b.post("/channels/999/reconcile").want(http.StatusNotFound)
		b.post(fmt.Sprintf("/channels/%d/pause", e.mail.ID)).to("/channels")
		b.post(path).want(http.StatusUnprocessableEntity, "Il canale è in pausa")
		b.send(path).want(http.StatusOK, "Il canale è in pausa")
		b.post(fmt.Sprintf("/channels/%d/resume", e.mail.ID)).to("/channels")
		delete(e.chans.by, e.mail.ID)
		b.post(path).want(http.StatusUnprocessableEntity, "non si può confrontare")
	})
}

// An account that is never compared says why, and what stands in for it.
func TestRule15NothingToCompare(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		b, path := e.as("admin"), fmt.Sprintf("/channels/%d/reconcile", e.mail.ID)
		opened := e.chans.by[e.mail.ID]
		set := func(settings, kind string, ch channels.Channel) {
			t.Helper()
			if _, err := e.db.Write.NewRaw("UPDATE accounts SET settings = ?, kind = ? WHERE id = ?", settings, kind, e.mail.ID).Exec(t.Context()); err != nil {
				t.Fatal(err)
			}
			opened.ch = ch
			e.chans.by[e.mail.ID] = opened
		}
		plain := opened.ch
		set(`{"reading":"handed"}`, "mail", plain)
		b.get(path).want(http.StatusOK, "Perché qui non si confronta", "nella sua coda").without("Confronta ora", "Nessun confronto ancora", "Ogni giorno")
		b.get("/channels").want(http.StatusOK, "non si confronta", path)
		b.post(path).want(http.StatusUnprocessableEntity, "nella sua coda")
		set(`{}`, "telegram", plain)
		b.get(path).want(http.StatusOK, "Telegram non dà un elenco")
		set(`{}`, "counter", struct{ channels.Channel }{plain})
		b.get(path).want(http.StatusOK, "si scrive direttamente qui")
		set(`{}`, "mail", &heldMail{Channel: plain})
		b.get(path).want(http.StatusOK, "Nessun confronto ancora", "Confronta ora").without("Perché qui")
	})
}
