package app

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/internal/db/dbtest"
)

// How long the queue is, how old its oldest item is, when an account was last
// looked at with success and when it was last compared with its provider are
// figures apart from whether a worker lives (mail rules 15, 16 and 81e). An account from
// which nothing leaves is broken though it can be read (rules 13 and 66).
func TestRule16And81eFiguresOfTheIntake(t *testing.T) {
	for name, url := range map[string]string{"sqlite": dbtest.SQLite(t), "postgres": dbtest.Postgres(t)} {
		t.Run(name, func(t *testing.T) {
			now := clock.NewManual(time.Date(2026, 11, 17, 10, 0, 0, 0, time.UTC))
			d, err := db.Open(t.Context(), url, now, db.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			if err := d.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			at := now.Now()
			for _, q := range []struct {
				text string
				args []any
			}{
				{"INSERT INTO offices (id, key, name, level, created_at) VALUES (1, 'urp', 'URP', 'front', ?)", []any{at}},
				{"INSERT INTO accounts (id, key, kind, name, office_id, origin, settings, enabled, created_at, last_ok_at, error_class) VALUES (2, 'posta', 'mail', 'Posta', 1, 'file', '{}', ?, ?, ?, 'auth_broken')", []any{true, at, at.Add(-time.Hour)}},
				{"INSERT INTO raws (id, account_id, dedup_key, stream, content_type, size, sha256, received_at, accepted_at) VALUES (3, 2, 'a', 'INBOX', 'message/rfc822', 1, 'x', ?, ?)", []any{at, at.Add(-90 * time.Second)}},
				{"INSERT INTO raws (id, account_id, dedup_key, stream, content_type, size, sha256, received_at, accepted_at) VALUES (4, 2, 'b', 'INBOX', 'message/rfc822', 1, 'y', ?, ?)", []any{at, at}},
				{"INSERT INTO reconcile_runs (id, account_id, asked_at, ended_at, state) VALUES (5, 2, ?, ?, 'done')", []any{at, at}},
				{"INSERT INTO scans (content, state, word, attempts, next_at, asked_at, at) VALUES ('x', 'pending', '', 2, ?, ?, 0), ('y', 'pending', '', 0, ?, ?, 0), ('z', 'clean', '', 1, 0, ?, ?)", []any{at, at.Add(-45 * time.Second), at, at, at.Add(-time.Hour), at}},
				{"INSERT INTO reconcile_streams (run_id, stream, held, here, waiting, gone, older, missing, fetched, absent) VALUES (5, 'INBOX', 9, 7, 0, 0, 0, 2, 1, 1)", nil},
				{"INSERT INTO reconcile_streams (run_id, stream, held, here, waiting, gone, older, missing, fetched, absent) VALUES (5, 'Junk', 9, 6, 0, 0, 0, 3, 3, 0)", nil},
				// mailboxes that can be read: one is refused at sending, one does not reach the server, one is well
				{"INSERT INTO accounts (id, key, kind, name, office_id, origin, settings, enabled, created_at, last_ok_at) VALUES (6, 'respinta', 'mail', 'A', 1, 'file', '{}', ?, ?, ?), (7, 'ferma', 'mail', 'B', 1, 'file', '{}', ?, ?, ?), (8, 'sana', 'mail', 'C', 1, 'file', '{}', ?, ?, ?)", []any{true, at, at, true, at, at, true, at, at}},
				{"INSERT INTO messages (id, citizen_id, channel, direction, origin, at) VALUES (9, 0, 'email', 'out', 'operator', ?)", []any{at}},
				{"INSERT INTO deliveries (id, message_id, account_id, kind, address, state, attempts, next_at, expires_at, created_at, updated_at) VALUES (10, 9, 6, 'email', 'a@x.example', 'failed', 1, 0, 0, ?, ?), (11, 9, 7, 'email', 'b@x.example', 'queued', 1, 0, 0, ?, ?)", []any{at, at, at, at}},
				{"INSERT INTO delivery_events (id, delivery_id, at, state, source, class, code) VALUES (12, 10, ?, 'failed', 'answer', 'auth_broken', '535 5.7.8'), (13, 11, ?, 'queued', 'answer', 'retry_backoff', '')", []any{at, at}},
			} {
				if _, err := d.Write.NewRaw(q.text, q.args...).Exec(t.Context()); err != nil {
					t.Fatal(q.text, err)
				}
			}
			w := httptest.NewRecorder()
			newMetrics(d, inbox.New(inbox.Deps{DB: d}).AccountsFaring).handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
			body, _ := io.ReadAll(w.Body)
			for _, want := range []string{
				`filodiretto_raw_pending_items{account="posta"} 2`, `filodiretto_raw_oldest_pending_seconds{account="posta"} 90`,
				`filodiretto_account_last_ok_timestamp_seconds{account="posta"} 1.79`, `filodiretto_account_broken{account="posta"} 1`,
				`filodiretto_account_broken{account="respinta"} 1`, `filodiretto_account_broken{account="ferma"} 1`, `filodiretto_account_broken{account="sana"} 0`,
				`filodiretto_reconcile_last_timestamp_seconds{account="posta"} 1.7949`, `filodiretto_reconcile_missing_items{account="posta"} 5`, `filodiretto_reconcile_absent_items{account="posta"} 1`,
				"filodiretto_scans_waiting_files 2\n", "filodiretto_scans_oldest_waiting_seconds 45\n",
			} {
				if !strings.Contains(string(body), want) {
					t.Errorf("%s is not among the figures", want)
				}
			}
			if t.Failed() {
				t.Logf("%d %.800s", w.Code, body)
			}
		})
	}
}
