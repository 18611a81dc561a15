package inbox

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"filodiretto/internal/db"
	"filodiretto/templates"
)

// StatusLink is the address at which the citizen sees how a case stands. It
// holds the case's secret: it goes to the citizen and nowhere else.
func (in *Inbox) StatusLink(c *Case) string {
	return in.set.PublicURL + "/p/case?" + url.Values{"number": {c.Ref()}, "secret": {c.Secret}}.Encode()
}

// dress puts the closing lines under an answer and makes the HTML of a mail. In
// a chat only the first answer of the case has them. What is stored is what was
// sent; a note says how many bytes at the end are not the operator's.
func (in *Inbox) dress(ctx context.Context, tx *db.Tx, c *Case, m *Message) error {
	if m.Lang == "" {
		m.Lang = in.set.Lang
	}
	footer, err := in.footer(ctx, tx, c, m)
	if err != nil {
		return err
	}
	if isMail(m.Channel) {
		m.HTML = templates.Document(m.Lang, m.Subject, templates.Paragraphs(m.Text), footer.Body)
	}
	if footer.Plain != "" {
		tail := "\n\n" + footer.Plain
		m.Text += tail
		m.Notes = "footer:" + strconv.Itoa(len(tail))
	}
	return nil
}

// footer renders the closing lines. Without a public address there are none,
// and a text of the municipality that lacks a value must not stop an answer.
func (in *Inbox) footer(ctx context.Context, tx *db.Tx, c *Case, m *Message) (templates.Rendered, error) {
	if in.set.PublicURL == "" {
		return templates.Rendered{}, nil
	}
	if !isMail(m.Channel) {
		var n int
		err := tx.NewRaw("SELECT COUNT(*) FROM messages WHERE case_id = ? AND direction = 'out' AND origin = 'operator' AND account_id = ? AND erased_at = 0",
			c.ID, m.AccountID).Scan(ctx, &n)
		if err != nil {
			return templates.Rendered{}, fmt.Errorf("look for earlier answers: %w", err)
		}
		if n > 0 {
			return templates.Rendered{}, nil
		}
	}
	phone, err := in.officePhone(ctx, tx, c.OfficeID)
	if err != nil {
		return templates.Rendered{}, err
	}
	r, err := in.texts(ctx).Render(templates.ReplyFooter, m.Channel, m.Lang, map[string]string{
		"municipality": in.set.Municipality, "office": m.Sender, "office_phone": phone, "case_number": c.Ref(), "status_link": in.StatusLink(c),
	})
	var missing *templates.MissingError
	if errors.As(err, &missing) {
		in.log.Warn("the closing lines of answers lack a value", "event", missing.Event, "names", strings.Join(missing.Names, ","))
		return templates.Rendered{}, nil
	}
	if err != nil {
		return r, fmt.Errorf("closing lines: %w", err)
	}
	return r, nil
}

// Written is the text of a message without the closing lines put under it.
func (m *Message) Written() string {
	for _, note := range strings.Fields(m.Notes) {
		if s, ok := strings.CutPrefix(note, "footer:"); ok {
			if n, err := strconv.Atoi(s); err == nil && n >= 0 && n <= len(m.Text) {
				return m.Text[:len(m.Text)-n]
			}
		}
	}
	return m.Text
}
