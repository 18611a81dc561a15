package web

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/mail"
	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/router"
	"filodiretto/web/openapi"
)

// intakePath begins the addresses at which other servers hand over what came.
const intakePath = apiPrefix + "/intake/"

// apiHanded is a message that was handed over.
type apiHanded struct {
	ID         apiID         `json:"id"`
	Account    apiID         `json:"account"`
	SHA256     string        `json:"sha256"`
	Size       int64         `json:"size"`
	AcceptedAt clock.Instant `json:"accepted_at"`
}

var handedSchema = openapi.Named("Handed", "A message that was handed over and is stored.", openapi.Object(
	openapi.Req("id", openapi.ID(), "Of the original. The same message has the same id, however often it comes."),
	openapi.Req("account", openapi.ID(), ""),
	openapi.Req("sha256", openapi.Text(64), "Of the bytes as they came, in hex."),
	openapi.Req("size", openapi.Int(), "In bytes."),
	openapi.Req("accepted_at", openapi.Time(), "When it was first stored.")))

func (a *api) intakeOps() []apiOp {
	return []apiOp{
		op(openapi.Operation{
			Method: "POST", Path: "/intake/mail/{account}", ID: "handOverMail", Tag: "channels", Scope: string(router.ScopeIntake), Summary: "Hand over a message that came for a mailbox",
			Doc: "The body is the message as it came, headers first, at most intake.max_message_mb. It is answered when the message is committed; until then, and with every answer of 500 and more, keep it and send it again. " +
				"The same bytes are one message: a second time is answered with 200 and the first id, unless X-Envelope-To has other detail addresses (urp+detail@) than before, or none: that is one more original of it. The account is named by its id or its key.",
			OK: http.StatusCreated, Again: http.StatusOK, Out: handedSchema, Body: openapi.Bytes(), BodyType: mail.TypeMessage,
			Params: []openapi.Param{
				{Name: "archive", In: "query", Schema: openapi.Bool(), Doc: "true for old mail that is brought in: a closed case with the message's own date (the first Received, else Date), no receipt, no term, no answer."},
				{Name: "X-Envelope-From", In: "header", Schema: openapi.Text(320), Doc: "The envelope sender, as <address>; <> for reports."},
				{Name: "X-Envelope-To", In: "header", Schema: openapi.Text(4000), Doc: "The envelope recipients, separated by commas."},
			},
		}, apiRead(a.handed)).after(a.handOver).withoutKey(),
	}
}

// mostMail is the largest message that may be handed over, in bytes.
func (s *Server) mostMail() int64 { return int64(s.Config.Intake.MaxMessageMB) << 20 }

// handOver stores the message that is the body (mail rules 19 and 81c). It is read
// as it comes and never whole in memory.
func (a *api) handOver(q *apiCall) error {
	if err := q.mustAdmin(); err != nil {
		return err
	}
	acc, err := a.mailAccount(q)
	if err != nil {
		return err
	}
	if kind, _, _ := mime.ParseMediaType(q.r.Header.Get("Content-Type")); kind != mail.TypeMessage {
		return &apiError{status: http.StatusUnsupportedMediaType, code: "not_mail", detail: "This address takes a message as it came.", remedy: "Send the message as the body, with the header Content-Type: message/rfc822."}
	}
	if q.r.ContentLength > a.mostMail() {
		return errMailTooLarge
	}
	body := &telling{r: q.r.Body}
	to := &mailKeeper{in: a.Inbox, account: acc.ID, within: commitWithin}
	h := mail.Handover{Via: "http", At: a.clock.Now(), Max: a.mostMail(), From: envelope(q.r.Header.Get("X-Envelope-From")), To: envelopes(q.r.Header.Get("X-Envelope-To")), Archive: q.query("archive") == "true"}
	switch err := mail.TakeOver(q.ctx, to, h, body); {
	case err == nil:
	case errors.Is(err, mail.ErrTooLarge), errors.As(body.err, new(*http.MaxBytesError)):
		return errMailTooLarge
	case errors.Is(err, mail.ErrEmpty):
		return &apiError{status: http.StatusUnprocessableEntity, code: "empty", detail: "The body is empty.", remedy: "Send the message as the body."}
	case body.err != nil:
		return &apiError{status: http.StatusBadRequest, code: "body_cut", detail: "The body ended before its length.", remedy: "Send it again."}
	default: // whatever is wrong here, the message is safe where it is
		_, _ = io.Copy(io.Discard, q.r.Body) // who is still sending would see a broken connection, and no answer
		a.Log.WarnContext(q.ctx, "mail that was handed over could not be stored; the other server keeps it", "account", acc.ID, "error", db.SafeError(err))
		return &apiError{
			status: http.StatusServiceUnavailable, code: "cannot_store", detail: "The message cannot be stored now.",
			remedy: "Keep the message, and send it again after Retry-After.", retryAfter: time.Minute,
		}
	}
	if mail.OnlyHanded(settingsOf(acc)) && a.clock.Now().Sub(acc.LastOkAt) >= aliveEvery {
		if err := a.Inbox.Alive(context.WithoutCancel(q.ctx), acc.ID); err != nil { // the message is stored: the next one will do
			a.Log.WarnContext(q.ctx, "that a mailbox is alive could not be noted", "account", acc.ID, "error", db.SafeError(err))
		}
	}
	q.taken, q.again = &to.got, !to.got.Fresh
	q.takenBy = acc.ID
	return nil
}

var errMailTooLarge = &apiError{
	status: http.StatusRequestEntityTooLarge, code: "too_large", detail: "The message is larger than intake.max_message_mb.",
	remedy: "Let the sender know; or let the administrator raise max_message_mb under [intake].",
}

// aliveEvery is how often a message is noted as a sign of life of its mailbox.
const aliveEvery = 15 * time.Second

func (a *api) handed(q *apiCall) (apiHanded, error) {
	return apiHanded{apiID(q.taken.ID), apiID(q.takenBy), q.taken.SHA256, q.taken.Size, q.taken.AcceptedAt}, nil
}

// mailAccount is the mailbox that the address names by key or id. It may be paused
// or unable to work: what comes for it is stored all the same.
func (a *api) mailAccount(q *apiCall) (*inbox.Account, error) {
	list, err := a.Inbox.MailAccounts(q.ctx)
	if err != nil {
		return nil, err
	}
	name := q.r.PathValue("account")
	i := slices.IndexFunc(list, func(x inbox.Account) bool { return x.Key == name || formatID(x.ID) == name })
	if i < 0 {
		return nil, inbox.ErrNotFound
	}
	return &list[i], nil
}

// envelope is an address of an envelope without its brackets.
func envelope(s string) string { return strings.Trim(strings.TrimSpace(s), "<>") }

func envelopes(s string) []string {
	var out []string
	for part := range strings.SplitSeq(s, ",") {
		if part = envelope(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// mailKeeper stores messages for one mailbox.
type mailKeeper struct {
	in      *inbox.Inbox
	account int64
	within  time.Duration // how long the database may take
	got     inbox.Handed
}

// commitWithin is how long a message may wait for the database before who hands it
// over is told to keep it: programs wait for half a minute at least.
const commitWithin = 10 * time.Second

// Take commits the message.
func (k *mailKeeper) Take(ctx context.Context, via string, it channels.Raw) (err error) {
	ctx, cancel := context.WithTimeout(ctx, k.within)
	defer cancel()
	k.got, err = k.in.Take(ctx, k.account, via, it)
	return err
}

// Store keeps a large body.
func (k *mailKeeper) Store(ctx context.Context, r io.Reader) (string, int64, error) {
	return k.in.Store(ctx, r)
}

// telling remembers why a body could not be read to its end, so that a program
// that broke off is not taken for a store that is away.
type telling struct {
	r   io.Reader
	err error
}

func (t *telling) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	if err != nil && err != io.EOF {
		t.err = err
	}
	return n, err
}
