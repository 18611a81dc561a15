package inbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"filodiretto/channels"
	"filodiretto/internal/db"
)

// check looks at what can be judged without the database, and cleans the texts.
func (c *ReplyCommand) check() error {
	text, err := cleanText(c.Text)
	if err != nil {
		return err
	}
	c.Text, c.Subject = text, clean(c.Subject)
	switch {
	case strings.TrimSpace(c.Text) == "" && len(c.Files) == 0:
		return &InvalidError{"text", "empty"}
	case utf8.RuneCountInString(c.Subject) > mostSubject:
		return &InvalidError{"subject", "too_long"}
	case len(c.To) == 0:
		return &InvalidError{"to", "missing"}
	case len(c.To)+len(c.Cc) > mostRecipients:
		return &InvalidError{"to", "too_many"}
	case len(c.Files) > mostFiles:
		return &InvalidError{"files", "too_many"}
	case c.AccountID == 0:
		return &InvalidError{"account", "missing"}
	case len(c.IdempotencyKey) > 200:
		return &InvalidError{"idempotency_key", "too_long"}
	}
	return nil
}

// cleanText makes a text that both databases and every channel take: valid
// UTF-8 without NUL, lines ended by \n.
func cleanText(s string) (string, error) {
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "\uFFFD")
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	s = strings.TrimRight(s, " \t\n")
	if utf8.RuneCountInString(s) > mostText {
		return "", &InvalidError{"text", "too_long"}
	}
	return s, nil
}

// hash tells one command from another under the same idempotency key. What the
// page saw does not count: a repeated click may have seen more.
func (c ReplyCommand) hash() string {
	c.SeenInID, c.SeenID, c.Version, c.Override, c.IdempotencyKey = 0, 0, 0, false, ""
	return commandHash(c)
}

func commandHash(c any) string {
	b, err := json.Marshal(c)
	if err != nil {
		panic("inbox: a command does not marshal: " + err.Error()) // its fields are plain
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16])
}

// repeated looks an idempotency key up. It returns the row's key for a new
// command ("" without a key), or the message that the first command made. The
// same key with another command is an *InvalidError.
func (in *Inbox) repeated(ctx context.Context, tx *db.Tx, v Viewer, kind, key, hash string) (row string, first int64, err error) {
	if key == "" {
		return "", 0, nil
	}
	row = fmt.Sprintf("%s:%d:%s", kind, v.OperatorID, key)
	var known struct {
		MessageID int64
		BodyHash  string
	}
	err = tx.NewRaw("SELECT mk.message_id, m.body_hash FROM message_keys AS mk JOIN messages AS m ON m.id = mk.message_id WHERE mk.key = ?", row).Scan(ctx, &known)
	switch {
	case notFound(err) == ErrNotFound:
		return row, 0, nil
	case err != nil:
		return "", 0, fmt.Errorf("look an idempotency key up: %w", err)
	case known.BodyHash != hash:
		return "", 0, &InvalidError{"idempotency_key", "reused"}
	}
	return "", known.MessageID, nil
}

// checkNewer stops an answer when the citizen wrote, or a colleague answered,
// after what the operator saw (mail rule 70; inbox.md section 8, test 9).
func (r *replying) checkNewer(ctx context.Context) error {
	sameIn := r.c.LastInID == r.cmd.SeenInID
	sameOut := r.cmd.SeenID == 0 || r.c.LastMessageID == r.cmd.SeenID
	if r.cmd.Override || sameIn && sameOut {
		return nil
	}
	var newer []*Message
	q := r.tx.NewSelect().Model(&newer).Where("m.case_id IN "+family+" AND m.erased_at = 0", r.c.ID).OrderExpr("m.at, m.id").Limit(50)
	in := "m.direction = 'in' AND m.auto = '' AND (m.id > ? OR m.id = ?)"
	seen := max(r.cmd.SeenInID, 0)
	last := r.c.LastInID
	if sameIn {
		last = 0
	}
	if r.cmd.SeenID > 0 {
		q = q.Where("("+in+" OR m.direction = 'out' AND m.origin IN ('operator', 'external') AND m.id > ?)", seen, last, r.cmd.SeenID)
	} else {
		q = q.Where("("+in+")", seen, last)
	}
	if err := q.Scan(ctx); err != nil {
		return fmt.Errorf("look for newer messages: %w", err)
	}
	if len(newer) == 0 {
		return nil
	}
	return &NewerError{newer}
}

func (r *replying) loadAnswered(ctx context.Context) error {
	id := r.cmd.SeenInID
	if id == 0 || r.cmd.Override {
		id = r.c.LastInID
	}
	if id == 0 {
		return nil
	}
	m, err := db.AskOne[Message](ctx, r.tx, "SELECT "+db.Columns[Message](r.in.db, "m", "html")+" FROM messages AS m WHERE m.id = ? AND m.direction = 'in'", []any{id})
	if err != nil {
		if notFound(err) == ErrNotFound {
			return &InvalidError{"seen_in", "unknown"}
		}
		return fmt.Errorf("read the answered message: %w", err)
	}
	if m.CaseID != r.c.ID {
		n, err := r.tx.NewSelect().Table("cases").Where("id = ? AND id IN "+family, m.CaseID, r.c.ID).Count(ctx)
		if err != nil {
			return fmt.Errorf("read the answered message: %w", err)
		}
		if n == 0 {
			return &InvalidError{"seen_in", "unknown"}
		}
	}
	r.answered = m
	return nil
}

// loadAccount finds the account that sends, and whether the viewer may use it:
// it must be the case's, one of the case's office or one of the viewer's own.
func (r *replying) loadAccount(ctx context.Context) error {
	ch, _, ok := r.in.channels.Channel(r.cmd.AccountID)
	if code := canSend(ch, ok); code != "" {
		return &InvalidError{"account", code}
	}
	type sending struct {
		Key, Kind, Name      string
		OfficeID             int64
		Enabled              bool
		OfficeName, SignName string
	}
	row, err := db.AskOne[sending](ctx, r.tx, `SELECT a.key, a.kind, a.name, a.office_id, a.enabled, o.name AS office_name, o.sign_name
		FROM accounts AS a, offices AS o WHERE a.id = ? AND o.id = ?`, []any{r.cmd.AccountID, r.c.OfficeID})
	if err != nil {
		if notFound(err) == ErrNotFound {
			return &InvalidError{"account", "unknown"}
		}
		return fmt.Errorf("read the account: %w", err)
	}
	r.acc = &Account{ID: r.cmd.AccountID, Key: row.Key, Kind: row.Kind, Name: row.Name, OfficeID: row.OfficeID, Enabled: row.Enabled}
	switch {
	case !row.Enabled:
		return &InvalidError{"account", "account_off"}
	case !mayUse(r.v, r.c, r.acc):
		return &InvalidError{"account", "other_office"}
	}
	if s, ok := ch.(channels.Sized); ok && sizeOf(r.files) > s.MostFiles() {
		return &InvalidError{"files", "too_heavy"}
	}
	r.fromName = row.SignName
	if r.fromName == "" {
		r.fromName = row.OfficeName
		if r.in.set.Municipality != "" {
			r.fromName = r.in.set.Municipality + " - " + row.OfficeName
		}
	}
	return nil
}

// sizeOf is the bytes of all files.
func sizeOf(files []preparedFile) (n int64) {
	for _, f := range files {
		n += f.Size
	}
	return n
}

func mayUse(v Viewer, c *Case, a *Account) bool {
	return v.System || a.ID == c.AccountID || a.OfficeID == c.OfficeID || v.Member(a.OfficeID)
}
