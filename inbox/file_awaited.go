package inbox

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"filodiretto/channels"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// AwaitedFor is how long a mail that another one names is awaited.
const AwaitedFor = 60 * 24 * time.Hour

const (
	// mostNamed is how many of the mails that one item names are awaited, the nearest ones.
	mostNamed = 10
	// mostAwaiting is how many cases may await the same mail.
	mostAwaiting = 20
	// aCircular is above how many cases a mail that all of them name is no dialogue
	// but a circular, so that they have nothing to do with each other: nobody is
	// asked about them.
	aCircular = 5
)

// awaited is a mail that a mail on a case names, by its Message-ID, and that is not
// on it. When it comes, or another mail that names it, it means that case as well:
// mails overtake each other, and what has just arrived is filed before a backlog
// that may hold what it answers. Who may join the case is decided as for every
// candidate.
type awaited struct {
	bun.BaseModel `bun:"table:awaited,alias:aw"`

	Ref    string `bun:",pk"`
	CaseID int64  `bun:",pk"`
	At     clock.Instant
}

// named are the mails of others that an item names, the nearest first.
func (f *filing) named(it *channels.Item) []string {
	if !isMail(f.acc.Kind) || forged(it) || untrusted(it) {
		return nil
	}
	var out []string
	for _, ref := range it.References {
		if _, own := f.in.sign.ParseMessageID(ref); !own && !slices.Contains(out, ref) {
			if out = append(out, ref); len(out) == mostNamed {
				break
			}
		}
	}
	return out
}

// loadAwaited finds the cases whose mails name what the batch holds, or name the
// same mails as the batch does.
func (f *filing) loadAwaited(ctx context.Context) error {
	f.awaited = map[string][]int64{}
	if !isMail(f.acc.Kind) {
		return nil
	}
	var refs []string
	f.eachItem(func(_ *reading, it *channels.Item) {
		if it.ExternalID != "" {
			refs = append(refs, it.ExternalID)
		}
		refs = append(refs, f.named(it)...)
	})
	for step := range slices.Chunk(refs, 500) {
		var rows []awaited
		if err := f.tx.NewSelect().Model(&rows).Where("aw.ref IN (?)", bun.List(step)).OrderExpr("aw.at, aw.case_id").Scan(ctx); err != nil {
			return err
		}
		for _, a := range rows {
			if !slices.Contains(f.awaited[a.Ref], a.CaseID) {
				f.awaited[a.Ref] = append(f.awaited[a.Ref], a.CaseID)
			}
		}
	}
	return nil
}

// awaiting are the cases that await an item, and those that await what it names. These
// last are a weak sign: one person may answer a circular twice, about two matters. Where
// a mail of that id is here nobody is asked about them: it is on another's case.
func (f *filing) awaiting(it *channels.Item) (out []candidate) {
	add := func(ref string, weak, crowd bool) {
		cases := f.awaited[ref]
		for _, id := range cases {
			if c := f.cases[id]; c != nil {
				out = append(out, candidate{c: c, reason: "reference", weak: weak, crowd: crowd || len(cases) > aCircular})
			}
		}
	}
	for _, ref := range f.named(it) {
		add(ref, true, len(f.byRef[ref]) > 0)
	}
	if it.ExternalID != "" && isMail(f.acc.Kind) {
		add(it.ExternalID, false, false)
	}
	return out
}

// await notes what a mail names and what is not on its case. Another's mail of that id
// is not what it means, or not yet. It is called before the mail itself is known.
func (f *filing) await(it *channels.Item, c *Case) {
	for _, ref := range f.named(it) {
		if len(f.awaited[ref]) >= mostAwaiting || slices.Contains(f.awaited[ref], c.ID) || f.on(ref, c) != nil {
			continue
		}
		f.awaited[ref] = append(f.awaited[ref], c.ID)
		f.newAwaited = append(f.newAwaited, &awaited{Ref: ref, CaseID: c.ID, At: f.tx.Now})
	}
}

// ForgetAwaited gives up on mails that never came.
func ForgetAwaited(ctx context.Context, tx *db.Tx) error {
	_, err := tx.NewRaw("DELETE FROM awaited WHERE at < ?", tx.Now.Add(-AwaitedFor)).Exec(ctx)
	return err
}
