package inbox

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"filodiretto/internal/blob"
)

// neither are the questions that must find nothing: messages that came by mail with a
// file, each of which is whole or wholly erased (mail rule 81b). Of their rows, the first
// group is of the erased, the second of the others.
var neither = map[string]string{
	"erased with words":            "SELECT count(*) FROM messages WHERE erased_at > 0 AND (notes <> 'erased' OR subject <> '' OR text <> '' OR html <> '' OR markup <> '')",
	"erased with a former version": "SELECT count(*) FROM message_versions AS v JOIN messages AS m ON m.id = v.message_id WHERE m.erased_at > 0",
	"erased with a file":           "SELECT count(*) FROM parts AS p JOIN messages AS m ON m.id = p.message_id WHERE m.erased_at > 0 AND (p.name <> '' OR p.sha256 <> '' OR p.data IS NOT NULL OR p.state <> 'none')",
	"erased with an original": `SELECT count(*) FROM raws AS r JOIN copies AS cp ON cp.raw_id = r.id JOIN messages AS m ON m.id = cp.message_id WHERE m.erased_at > 0 AND (r.body IS NOT NULL OR r.blob <> '')
		AND NOT EXISTS (SELECT 1 FROM copies AS o JOIN messages AS x ON x.id = o.message_id WHERE o.raw_id = r.id AND x.erased_at = 0)`,
	"an original with bytes beside an erased one": `SELECT count(*) FROM raws AS r JOIN raws AS o ON o.account_id = r.account_id AND o.sha256 = r.sha256
		WHERE (r.body IS NOT NULL OR r.blob <> '') AND o.body IS NULL AND o.blob = '' AND o.size > 0`,
	"erased and in the index":                           "SELECT count(*) FROM messages WHERE erased_at > 0 AND id IN (SELECT INDEXED)",
	"erased and told not once":                          "SELECT count(*) FROM messages AS m WHERE m.erased_at > 0 AND (SELECT count(*) FROM events AS ev WHERE ev.message_id = m.id AND ev.kind = 'message.erased') <> 1",
	"told of, and not erased":                           "SELECT count(*) FROM events AS ev WHERE ev.kind = 'message.erased' AND NOT EXISTS (SELECT 1 FROM messages AS m WHERE m.id = ev.message_id AND m.erased_at > 0)",
	"whole without words":                               "SELECT count(*) FROM messages WHERE erased_at = 0 AND (text = '' OR subject = '' AND channel = 'mail')",
	"whole without its file":                            "SELECT count(*) FROM messages AS m WHERE m.direction = 'in' AND m.erased_at = 0 AND NOT EXISTS (SELECT 1 FROM parts AS p WHERE p.message_id = m.id AND p.name <> '' AND p.sha256 <> '' AND p.state = 'stored')",
	"whole without its original":                        "SELECT count(*) FROM messages AS m JOIN raws AS r ON r.id = m.raw_id WHERE m.erased_at = 0 AND r.body IS NULL AND r.blob = ''",
	"whole and not in the index":                        "SELECT count(*) FROM messages WHERE direction = 'in' AND erased_at = 0 AND id NOT IN (SELECT INDEXED)",
	"known by other than one key":                       "SELECT count(*) FROM messages AS m WHERE m.direction = 'in' AND (SELECT count(*) FROM message_keys AS k WHERE k.message_id = m.id) <> 1",
	"not read":                                          "SELECT count(*) FROM raws WHERE state = 'pending'",
	"before a person":                                   "SELECT count(*) FROM quarantine",
	"still to be erased":                                "SELECT count(*) FROM erasing",
	"a case that tells the beginning of what is erased": "SELECT count(*) FROM cases AS c JOIN messages AS m ON m.id = c.last_message_id WHERE m.erased_at > 0 AND c.snippet <> ''",
}

// half tells what is neither whole nor erased, which files are missing that something
// names, and which are left that nothing does.
func (x *erasure) half() (out []string) {
	x.t.Helper()
	for what, q := range neither {
		indexed := "SELECT id FROM search_docsize"
		if x.db.Postgres {
			indexed = "SELECT message_id FROM search"
		}
		if n := x.number(strings.ReplaceAll(q, "SELECT INDEXED", indexed)); n != 0 {
			out = append(out, fmt.Sprintf("%s: %d", what, n))
		}
	}
	var named []string
	must(x.t, x.db.Read.NewRaw("SELECT sha256 FROM parts WHERE sha256 <> '' AND data IS NULL AND state = 'stored' UNION SELECT blob FROM raws WHERE blob <> '' UNION SELECT blob FROM pictures WHERE blob <> ''").Scan(x.t.Context(), &named))
	for _, sum := range named {
		f, err := x.blobs.Open(x.t.Context(), sum)
		if err == nil {
			_, err = io.Copy(io.Discard, f) // the store verifies what it reads
			f.Close()
		}
		if err != nil {
			out = append(out, fmt.Sprintf("a file that is named cannot be read: %v", err))
		}
	}
	for where, walk := range map[string]func(context.Context, func(blob.Info) error) error{"in the store": x.blobs.Walk, "aside": x.blobs.WalkDiscarded} {
		must(x.t, walk(x.t.Context(), func(f blob.Info) error {
			if !slices.Contains(named, f.Sum) {
				out = append(out, fmt.Sprintf("a file of %d bytes is left %s", f.Size, where))
			}
			return nil
		}))
	}
	writing, err := filepath.Glob(filepath.Join(x.store, "tmp", "*"))
	must(x.t, err)
	return append(out, writing...)
}

// settled lets all that is to be done be done, with hours between, and fails where
// anything is neither whole nor erased.
func (x *erasure) settled() {
	x.t.Helper()
	x.ingest(x.mail)
	for range 5 + x.number("SELECT count(*) FROM erasing")/erasedStep*5 { // put aside; taken away, or found to be back; aside anew; taken away; the index
		if _, err := x.FinishErasing(x.t.Context()); err != nil {
			x.t.Fatal(err)
		}
		x.manual.Advance(2 * erasedFor)
	}
	faults := x.half()
	slices.Sort(faults)
	for _, f := range slices.Compact(faults) {
		x.t.Error(f)
	}
}
