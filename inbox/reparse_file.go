package inbox

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"filodiretto/channels"
	"filodiretto/internal/db"
)

// sameFile tells of two handles that an account's platform gave whether they lead to
// the same file.
func (in *Inbox) sameFile(account int64) func(a, b string) bool {
	ch, _, _ := in.channels.Channel(account)
	f, _ := ch.(channels.Fetcher)
	return func(a, b string) bool { return a == b || f != nil && f.SameFile(a, b) }
}

// sameParts reports whether the files are the ones that are kept, with all that is
// known of each. What the platform gives by a name counts by that: nobody knows its
// bytes while the message is read.
func sameParts(old []*Part, now []channels.Part, files []keptFile, same func(a, b string) bool) bool {
	if len(old) != len(now) {
		return false
	}
	for i, p := range old {
		n := &now[i]
		if p.Remote != "" && n.Remote != "" && same(p.Remote, n.Remote) {
			if p.Kind != string(n.Kind) || p.Name != n.Name || p.Inside != n.Inside {
				return false
			}
			continue
		}
		if p.Kind != string(n.Kind) || p.Name != n.Name || p.Detected != n.Detected || p.Remote == "" && p.Problem != n.Problem || p.Preview != n.Preview ||
			p.Inside != n.Inside || p.Signatures != stored(n.Signatures, len(n.Signatures) > 0) || n.Remote == "" && n.Problem == "" && p.SHA256 != files[i].sha256 {
			return false
		}
	}
	return true
}

// replaceParts takes the files of the new reading. One that was here already keeps its
// row's id, which links and the register name; and what was fetched from the platform
// stays as it is, since the platform may not give it again. What was stored and is not
// found again stays as a file of the former reading; it reports whether there is such.
func (x *rereading) replaceParts(ctx context.Context, tx *db.Tx) (bool, error) {
	var old []*Part
	if err := tx.NewSelect().Model(&old).Where("p.message_id = ? AND p.former = 0", x.m.ID).OrderExpr("p.ord").Scan(ctx); err != nil {
		return false, err
	}
	f := &filing{in: x.in, tx: tx}
	m := *x.m
	f.addParts(&m, x.it, x.rd.facts[x.i].files)
	var gone, former []int64
	for _, o := range keepParts(old, f.parts, x.same) {
		if o.State == "stored" {
			former = append(former, o.ID)
		}
	}
	for _, o := range old {
		if !slices.Contains(former, o.ID) {
			gone = append(gone, o.ID)
		}
	}
	if err := makeFormer(ctx, tx, x.m, former); err != nil {
		return false, err
	}
	if len(gone) > 0 {
		if _, err := tx.NewDelete().Model((*Part)(nil)).Where("id IN (?)", bun.List(gone)).Exec(ctx); err != nil {
			return false, err
		}
	}
	if err := insertAll(ctx, tx, f.parts); err != nil {
		return false, err
	}
	return len(former) > 0, x.in.askScans(ctx, tx, f.parts)
}

// makeFormer leaves files to the version that a message has now and had last with them.
func makeFormer(ctx context.Context, tx *db.Tx, m *Message, parts []int64) error {
	if len(parts) == 0 {
		return nil
	}
	_, err := tx.NewRaw("UPDATE parts SET former = ? WHERE id IN (?)", m.Version, bun.List(parts)).Exec(ctx)
	return err
}

// keepParts finds for each new row the old one of the same file, the one in the same
// place first, and returns the old ones that are no new one's.
func keepParts(old, now []*Part, same func(a, b string) bool) (left []*Part) {
	taken, settled := map[*Part]bool{}, map[*Part]bool{}
	for _, inPlace := range []bool{true, false} {
		for _, n := range now {
			for _, o := range old {
				if settled[n] || taken[o] || inPlace && o.Ord != n.Ord || !isFileOf(o, n, same) {
					continue
				}
				taken[o], settled[n] = true, true
				n.ID = o.ID
				if n.Remote != "" {
					n.Detected, n.Size, n.SHA256, n.Data, n.State, n.Problem = o.Detected, o.Size, o.SHA256, o.Data, o.State, o.Problem
					n.Preview, n.Signatures, n.Attempts, n.NextAt = o.Preview, o.Signatures, o.Attempts, o.NextAt
				}
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(old), func(o *Part) bool { return taken[o] })
}

func isFileOf(o, n *Part, same func(a, b string) bool) bool {
	if n.Remote != "" || o.Remote != "" {
		return n.Remote != "" && o.Remote != "" && same(o.Remote, n.Remote)
	}
	return n.SHA256 != "" && n.SHA256 == o.SHA256
}
