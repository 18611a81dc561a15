package router

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/templates"
)

// OwnText is a text of a notification that the municipality wrote in the place
// of the built-in one.
type OwnText struct {
	bun.BaseModel `bun:"table:texts,alias:t"`

	Event     string `bun:",pk"`
	Channel   string `bun:",pk"` // empty for all
	Lang      string `bun:",pk"`
	Subject   string
	Body      string
	UpdatedAt clock.Instant
	UpdatedBy int64
}

// Text is the text as templates want it.
func (t *OwnText) Text() templates.Text {
	return templates.Text{Event: t.Event, Channel: t.Channel, Lang: t.Lang, Subject: t.Subject, Plain: t.Body}
}

// TextError is a text that cannot be used, with each mistake and its place.
type TextError struct{ Mistakes templates.ParseErrors }

// Error lists the mistakes in English.
func (e *TextError) Error() string { return "not valid: " + e.Mistakes.Error() }

// Is makes errors.Is(err, inbox.ErrInvalid) true.
func (e *TextError) Is(target error) bool { return target == inbox.ErrInvalid }

// TextChannels are the channels for which a text may be written; the empty one
// is for all.
var TextChannels = []string{templates.Any, templates.Mail, templates.PEC, templates.Telegram, templates.SMS, templates.Page}

// textLangs are the languages of the texts.
var textLangs = []string{"it", "en"}

// What a text may be long, in characters.
const (
	mostSubject = 200
	mostBody    = 20_000
)

// OwnTexts are all own texts. Administrators and heads may see them.
func (r *Router) OwnTexts(ctx context.Context, v inbox.Viewer) ([]OwnText, error) {
	if _, err := r.mayRule(ctx, v); err != nil {
		return nil, err
	}
	var out []OwnText
	if err := r.db.Read.NewSelect().Model(&out).OrderExpr("t.event, t.channel, t.lang").Scan(ctx); err != nil {
		return nil, fmt.Errorf("read the texts: %w", err)
	}
	return out, nil
}

// SaveText stores an own text. seen is when the text that the caller changes was
// last changed, 0 for none: over a newer one it is inbox.ErrChanged. Other
// errors: inbox.ErrForbidden, inbox.InvalidError on "event", "channel", "lang",
// "subject" or "body", and *TextError for what does not parse.
func (r *Router) SaveText(ctx context.Context, v inbox.Viewer, t templates.Text, seen clock.Instant) error {
	if _, err := r.mayRule(ctx, v); err != nil {
		return err
	}
	t, err := checkText(t)
	if err != nil {
		return err
	}
	row := &OwnText{Event: t.Event, Channel: t.Channel, Lang: t.Lang, Subject: t.Subject, Body: t.Plain, UpdatedBy: v.OperatorID}
	return r.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		old, err := textAsSeen(ctx, tx, row, seen)
		if err != nil {
			return err
		}
		row.UpdatedAt = max(tx.Now, old+1) // two changes in one instant are two
		if old.IsZero() {
			_, err = tx.NewInsert().Model(row).Exec(ctx)
		} else {
			_, err = tx.NewUpdate().Model(row).WherePK().Exec(ctx)
		}
		if db.IsUnique(err) {
			return inbox.ErrChanged
		}
		if err != nil {
			return fmt.Errorf("store a text: %w", err)
		}
		return r.event(ctx, tx, v, "text.changed", 0, map[string]any{"event": t.Event, "channel": t.Channel, "lang": t.Lang})
	})
}

// RestoreText takes an own text away, so that the built-in one speaks again.
// inbox.ErrNotFound when there is none.
func (r *Router) RestoreText(ctx context.Context, v inbox.Viewer, event, channel, lang string) error {
	if _, err := r.mayRule(ctx, v); err != nil {
		return err
	}
	return r.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := must(tx.NewRaw("DELETE FROM texts WHERE event = ? AND channel = ? AND lang = ?", event, channel, lang).Exec(ctx)); err != nil {
			return err
		}
		return r.event(ctx, tx, v, "text.restored", 0, map[string]any{"event": event, "channel": channel, "lang": lang})
	})
}

// textAsSeen gives when the stored text was last changed, 0 when there is none,
// and inbox.ErrChanged when that is not what was seen.
func textAsSeen(ctx context.Context, tx *db.Tx, row *OwnText, seen clock.Instant) (clock.Instant, error) {
	old := new(OwnText)
	q := tx.NewSelect().Model(old).Column("updated_at").Where("t.event = ? AND t.channel = ? AND t.lang = ?", row.Event, row.Channel, row.Lang)
	if tx.Postgres {
		q = q.For("UPDATE")
	}
	err := noRow(q.Scan(ctx))
	switch {
	case errors.Is(err, inbox.ErrNotFound):
	case err != nil:
		return 0, fmt.Errorf("read a text: %w", err)
	}
	if old.UpdatedAt != seen {
		return 0, inbox.ErrChanged
	}
	return old.UpdatedAt, nil
}

// checkText cleans what a browser adds to a text and says what is wrong with it.
func checkText(t templates.Text) (templates.Text, error) {
	bad := func(field, code string) (templates.Text, error) {
		return t, &inbox.InvalidError{Field: field, Code: code}
	}
	t.Plain, t.Subject = strings.TrimRightFunc(unixLines(t.Plain), unicode.IsSpace), strings.TrimSpace(t.Subject)
	event, ok := templates.Lookup(t.Event)
	switch {
	case !ok:
		return bad("event", "unknown")
	case !slices.Contains(TextChannels, t.Channel):
		return bad("channel", "unknown")
	case !slices.Contains(textLangs, t.Lang):
		return bad("lang", "unknown")
	case utf8.RuneCountInString(t.Subject) > mostSubject:
		return bad("subject", "too_long")
	case utf8.RuneCountInString(t.Plain) > mostBody:
		return bad("body", "too_long")
	case event.SubjectOnly:
		t.Plain = ""
	}
	_, err := templates.Parse(t)
	if mistakes, ok := errors.AsType[templates.ParseErrors](err); ok {
		return t, &TextError{mistakes}
	}
	return t, err
}

// unixLines is a text with the line ends that browsers send made into ours.
func unixLines(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }
