package inbox

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"
	"unicode"

	"golang.org/x/sync/errgroup"

	"filodiretto/channels"
	"filodiretto/internal/db"
	"filodiretto/internal/fiscalcode"
	"filodiretto/internal/person"
	"filodiretto/internal/textfold"
)

// How much one transaction of the ingest files.
const (
	batchItems = 250
	batchBytes = 24 << 20
	// parseDeadline bounds one message; a parser that is slower is a fault, and
	// its message goes to quarantine (mail rule 21).
	parseDeadline = 20 * time.Second
)

// reading is a raw item with what the channel read in it.
type reading struct {
	raw    *Raw
	items  []channels.Item
	facts  []itemFacts
	parser int
	fail   string // why it could not be read
	force  bool   // a person released it from quarantine
	again  bool   // it waited in quarantine and is read again
	attach int64  // case that a person chose for it
	key    string // what made it the same message before a person let it in as somebody else's
	said   bool   // its sender is only said, where a person let in a mail of our own
	by     Viewer
	sender *Identity // who it was, when staff knows better than the item (a visit)
}

// itemFacts is what is worked out of an item's text before the transaction.
type itemFacts struct {
	words   []string
	snippet string
	claims  []claim
	files   []keptFile // one for each part
}

// keptFile is a file that came with a message: in data when it is small, else in
// the blob store.
type keptFile struct {
	sha256 string
	size   int64
	data   []byte
}

// claim is an identity that a person wrote in a text: a telephone number, a
// codice fiscale. It is evidence for a proposal and no more.
type claim struct{ kind, value string }

// Ingest reads and files what is pending of an account, in order, one batch. It
// reports how many raw items it dealt with; 0 means that nothing waits. One
// process at a time calls it for an account (the caller holds the lease).
func (in *Inbox) Ingest(ctx context.Context, accountID int64) (int, error) {
	raws, err := in.pending(ctx, accountID)
	if err != nil || len(raws) == 0 {
		return 0, err
	}
	ch, acc, ok := in.channels.Channel(accountID)
	if !ok {
		return 0, fmt.Errorf("ingest: account %d is not open", accountID)
	}
	from := in.clock.Now()
	list, err := in.readAll(ctx, ch, raws)
	if err == nil {
		err = in.letInBefore(ctx, list)
	}
	if err != nil {
		return 0, err
	}
	read := in.clock.Now()
	err = in.file(ctx, acc, list)
	in.log.DebugContext(ctx, "raw items filed", "account", accountID, "items", len(list), "read", read.Sub(from), "file", in.clock.Now().Sub(read))
	if err == nil || ctx.Err() != nil {
		return len(raws), err
	}
	in.log.Warn("a batch could not be filed, trying its messages one by one", "account", acc.Key, "items", len(list), "error", errText(err))
	return len(raws), in.fileSingly(ctx, acc, list)
}

// letInBefore marks what was filed once, is filed anew (freeCertified) and a person let
// in the first time: it does not wait for one again.
func (in *Inbox) letInBefore(ctx context.Context, list []*reading) error {
	for _, r := range list {
		if r.raw.Parser == 0 { // it has just come
			continue
		}
		n := 0
		err := in.db.Read.NewRaw("SELECT count(*) FROM quarantine WHERE raw_id = ? AND state IN ('released','attached')", r.raw.ID).Scan(ctx, &n)
		if err != nil {
			return fmt.Errorf("ingest: what was let in before: %w", err)
		}
		r.force = n > 0
	}
	return nil
}

// fileSingly files each message in a transaction of its own, so that one which
// cannot be filed goes to quarantine and the others do not wait (mail rule 23).
func (in *Inbox) fileSingly(ctx context.Context, acc Account, list []*reading) error {
	for _, r := range list {
		err := in.file(ctx, acc, []*reading{r})
		if err == nil {
			continue
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if isOutage(err) {
			return err // the database is away: nothing is wrong with the message
		}
		in.log.Error("a message could not be filed and goes to quarantine", "raw", r.raw.ID, "error", errText(err))
		r.fail = "not_filed"
		if err := in.file(ctx, acc, []*reading{r}); err != nil {
			return err
		}
	}
	return nil
}

func (in *Inbox) readAll(ctx context.Context, ch channels.Channel, raws []*Raw) ([]*reading, error) {
	out := make([]*reading, len(raws))
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i, r := range raws {
		g.Go(func() error {
			rd, err := in.read(gctx, ch, r)
			out[i] = rd
			return err
		})
	}
	return out, g.Wait()
}

// read parses one raw item. An error means that the bytes could not be had;
// what cannot be understood is a reading with fail set.
func (in *Inbox) read(ctx context.Context, ch channels.Channel, r *Raw) (*reading, error) {
	raw, err := in.load(ctx, ch, r)
	if err != nil {
		return nil, err
	}
	rd := &reading{raw: r, parser: ch.ParserVersion()}
	rd.onPage(raw.Meta)
	rd.items, err = in.parse(ch, raw, parseDeadline)
	if errors.Is(err, channels.ErrCuts) {
		if raw.Body, err = in.wholeBody(ctx, r); err != nil {
			return nil, err
		}
		raw.Cuts, raw.BodyHash = nil, ""
		rd.items, err = in.parse(ch, raw, parseDeadline)
	}
	if err != nil {
		in.log.Warn("an item could not be read", "raw", r.ID, "error", errText(err))
		rd.fail = "unparseable"
		return rd, nil
	}
	rd.facts = make([]itemFacts, len(rd.items))
	for i := range rd.items {
		rd.facts[i] = factsOf(&rd.items[i])
		if rd.facts[i].files, err = in.keepFiles(ctx, rd.items[i].Parts); err != nil {
			return nil, err
		}
	}
	return rd, nil
}

// errSlow means that a parser took longer than parseDeadline.
var errSlow = errors.New("the parser took too long")

// parse reads one item with a deadline and survives a panic (mail rule 21).
func (in *Inbox) parse(ch channels.Parser, raw channels.Raw, within time.Duration) ([]channels.Item, error) {
	type result struct {
		items []channels.Item
		err   error
	}
	done := make(chan result, 1)
	go func() {
		var res result
		defer func() {
			if p := recover(); p != nil {
				res = result{err: fmt.Errorf("parser panicked: %v", p)}
			}
			done <- res
		}()
		res.items, res.err = ch.Parse(raw)
	}()
	t := time.NewTimer(within)
	defer t.Stop()
	select {
	case res := <-done:
		return res.items, res.err
	case <-t.C:
		return nil, errSlow
	}
}

// keepFiles stores the large files of a message, before the transaction whose
// rows name them.
func (in *Inbox) keepFiles(ctx context.Context, parts []channels.Part) ([]keptFile, error) {
	out := make([]keptFile, len(parts))
	for i := range parts {
		if parts[i].Blob != "" { // it was kept while the item was read as a stream
			out[i] = keptFile{sha256: parts[i].Blob, size: parts[i].Size}
			continue
		}
		if parts[i].Body == nil {
			continue
		}
		k, err := in.keepFile(ctx, parts[i].Body)
		if err != nil {
			return nil, err
		}
		out[i] = k
	}
	return out, nil
}

// keepFile keeps bytes in the row or in the blob store, by their size.
func (in *Inbox) keepFile(ctx context.Context, body []byte) (keptFile, error) {
	k := keptFile{size: int64(len(body))}
	if len(body) > inRow {
		sum, _, err := in.blobs.Put(ctx, bytes.NewReader(body))
		if err != nil {
			return k, fmt.Errorf("store a file: %w", err)
		}
		k.sha256 = sum
		return k, nil
	}
	sum := sha256.Sum256(body)
	k.sha256, k.data = hex.EncodeToString(sum[:]), body
	return k, nil
}

func factsOf(it *channels.Item) itemFacts {
	f := itemFacts{snippet: snippet(it.Text)}
	if it.Kind != channels.Message && it.Kind != channels.Edit && it.Kind != channels.Unsupported && it.Kind != channels.Button {
		return f
	}
	var b strings.Builder
	b.WriteString(it.Subject)
	b.WriteByte('\n')
	b.WriteString(it.From.Display)
	b.WriteByte('\n')
	b.WriteString(it.Text)
	for _, p := range it.Parts {
		b.WriteByte('\n')
		b.WriteString(p.Name)
		if p.Kind == channels.Nested { // a mail in the mail is found by its words (mail rule 33)
			b.WriteByte('\n')
			b.WriteString(p.Preview)
		}
	}
	f.words = textfold.Words(b.String())
	if it.Auto == channels.NotAuto {
		f.claims = claimsIn(it.Text)
	}
	return f
}

// snippet is the beginning of a text on one line, for lists.
func snippet(text string) string {
	const most = 140
	var b strings.Builder
	space := false
	n := 0
	for _, r := range text {
		if unicode.IsSpace(r) || !unicode.IsPrint(r) {
			space = n > 0
			continue
		}
		if space {
			b.WriteByte(' ')
			n++
			space = false
		}
		b.WriteRune(r)
		if n++; n >= most {
			b.WriteRune('…')
			break
		}
	}
	return b.String()
}

// claimsIn finds what identifies a person in the fresh part of a text: at most
// one codice fiscale and one telephone number, since with more it is not clear
// whose they are.
func claimsIn(text string) []claim {
	const most = 4000
	if len(text) > most {
		text = text[:most]
	}
	if i := strings.Index(text, "\n>"); i >= 0 {
		text = text[:i]
	}
	var out []claim
	if cfs := fiscalcode.Find(text); len(cfs) == 1 && fiscalcode.Check(cfs[0]).OK() {
		out = append(out, claim{"cf", cfs[0]})
	}
	if tel := person.FindPhones(text, "IT"); len(tel) == 1 {
		out = append(out, claim{"phone", tel[0]})
	}
	return out
}

// isOutage reports whether err is the database's being away, or too busy with the same
// rows, and not a row's fault.
func isOutage(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || db.IsContended(err) || db.IsDown(err)
}

// errText is an error for the log. Database errors can quote values of rows,
// so only their code is kept.
func errText(err error) string { return db.SafeError(err) }
