package page_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filodiretto/web/page"
	"filodiretto/web/page/sample"
)

var update = flag.Bool("update", false, "write the golden files again")

// TestGoldenFragments pins the HTML that scripts and htmx rely on. After a
// wanted change: go test ./web/page -update, and read the difference.
func TestGoldenFragments(t *testing.T) {
	r := renderer(t)
	row := sample.Rows().Rows
	entries := sample.Timeline().Entries
	entry := func(ids ...int64) page.Timeline {
		var out page.Timeline
		for _, e := range entries {
			for _, id := range ids {
				if e.ID == id {
					out.Entries = append(out.Entries, e)
				}
			}
		}
		out.Number, out.Last = "2026/004127", ids[len(ids)-1]
		return out
	}
	live := func(tl page.Timeline) page.View {
		return page.CaseLive{Head: page.CaseHead{Number: "2026/004127", Kind: page.KindRequest, Status: page.StatusOpen, Office: "URP"}, Timeline: tl}
	}
	for name, v := range map[string]page.View{
		"row": row[0], "row-unread": row[1], "row-failed": row[4], "health": page.Health{Total: 4, Up: 2, Paused: 1},
		"views": sample.Views(), "composer-state": sample.Composer().State, "composer-undo": sample.ComposerUndo(),
		"picker": sample.Picker(), "draft-files": sample.Fragments()["draft-files"],
		"entry-visit-event": live(entry(10, 11)), "entry-deliveries": live(entry(12, 13)), "entry-mail": live(entry(14, 15)),
		"entry-deleted-edited": live(entry(16, 17)), "entry-note-out": live(entry(18, 20)),
	} {
		t.Run(name, func(t *testing.T) {
			// a tag a line, so that a difference can be read
			got := strings.ReplaceAll(render(t, r, page.Italian, v), "><", ">\n<") + "\n"
			file := filepath.Join("testdata", "golden", name+".html")
			if *update {
				if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("differs from %s:\n%s", file, got)
			}
		})
	}
}
