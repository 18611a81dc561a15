package register

import (
	"context"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"filodiretto/inbox"
)

// documents are all that an entry registers, with their hashes (DPR 445/2000 art. 53
// letter f): the message byte for byte as it came or was given to the provider, and
// each of its files as it was before anything was made of it.
//
// composed stands for what was written with the product and of which no bytes of a
// transmission are kept.
func gather(ctx context.Context, idb bun.IDB, m *inbox.Message, composed *Document) ([]*Document, error) {
	docs, err := whole(ctx, idb, m, composed)
	if err != nil {
		return nil, err
	}
	var parts []*inbox.Part
	err = idb.NewSelect().Model(&parts).ExcludeColumn("data").Where("p.message_id = ? AND p.former = 0 AND p.state <> 'none'", m.ID).OrderExpr("p.ord").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("files to be registered: %w", err)
	}
	for _, p := range parts {
		if p.State == "pending" {
			return nil, &inbox.InvalidError{Field: "message", Code: "files_pending"}
		}
		docs = append(docs, &Document{What: Attachment, Name: p.Name, Type: p.Detected, Size: p.Size, SHA256: p.SHA256, OfID: p.ID})
	}
	for i, d := range docs {
		d.Ord = i
	}
	return docs, nil
}

// whole is the message itself.
func whole(ctx context.Context, idb bun.IDB, m *inbox.Message, composed *Document) ([]*Document, error) {
	switch {
	case m.RawID > 0:
		raw := new(inbox.Raw)
		if err := idb.NewSelect().Model(raw).ExcludeColumn("body").Where("r.id = ?", m.RawID).Scan(ctx); err != nil {
			return nil, fmt.Errorf("original to be registered: %w", err)
		}
		return []*Document{{What: Received, Name: nameOf(m, raw.ContentType), Type: raw.ContentType, Size: raw.Size, SHA256: raw.SHA256, OfID: raw.ID}}, nil
	case m.Channel == "pec":
		return sent(ctx, idb, m)
	}
	return []*Document{composed}, nil
}

// sent are the certified mails as they were given to the provider, one for each
// recipient. One that has not left has no bytes yet, and no number.
func sent(ctx context.Context, idb bun.IDB, m *inbox.Message) ([]*Document, error) {
	var mails []*inbox.SentMail
	err := idb.NewSelect().Model(&mails).ExcludeColumn("data").Where("sm.delivery_id IN (SELECT id FROM deliveries WHERE message_id = ?)", m.ID).
		OrderExpr("sm.delivery_id, sm.at, sm.sha256").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("sent mail to be registered: %w", err)
	}
	if len(mails) == 0 {
		return nil, &inbox.InvalidError{Field: "message", Code: "not_sent"}
	}
	docs := make([]*Document, len(mails))
	for i, s := range mails {
		docs[i] = &Document{What: Sent, Name: fmt.Sprintf("inviato-%02d.eml", i+1), Type: "message/rfc822", Size: s.Size, SHA256: s.SHA256, OfID: s.DeliveryID}
	}
	return docs, nil
}

// nameOf names what came as the evidence package does.
func nameOf(m *inbox.Message, contentType string) string {
	if end := ending(contentType); end != ".eml" {
		return "messaggio" + end
	}
	return m.EnvelopeName()
}

func ending(contentType string) string {
	switch {
	case strings.HasPrefix(contentType, "message/rfc822"):
		return ".eml"
	case strings.HasPrefix(contentType, "application/json"):
		return ".json"
	}
	return ".bin"
}

// keepComposed keeps what was written with the product and of which no bytes of a
// transmission are kept (an ordinary mail, a chat), as a text in the blob store, so
// that the hash is one of something that can be shown. Nil for all other messages.
func (r *Register) keepComposed(ctx context.Context, v inbox.Viewer, messageID int64) (*Document, error) {
	m, parts, err := r.inbox.MessageWithParts(ctx, v, messageID)
	if err != nil {
		return nil, err
	}
	if m.RawID > 0 || m.Channel == "pec" || m.Direction == inbox.Note {
		return nil, nil
	}
	sum, size, err := r.blobs.Put(ctx, strings.NewReader(composedText(m, parts)))
	if err != nil {
		return nil, fmt.Errorf("keep what is registered: %w", err)
	}
	return &Document{What: Composed, Name: "messaggio.txt", Type: "text/plain", Size: size, SHA256: sum, OfID: m.ID}, nil
}

// composedText is a message as one text: who wrote it to whom, when, what, and the
// hashes of its files. The same message is the same text for ever.
func composedText(m *inbox.Message, parts []*inbox.Part) string {
	var b strings.Builder
	for _, h := range [][2]string{
		{"Canale", m.Channel},
		{"Da", m.Sender},
		{"A", m.Recipients},
		{"Data", m.At.Time().Format("2006-01-02T15:04:05Z")},
		{"Oggetto", m.Subject},
		{"Identificativo", m.ExternalID},
	} {
		if h[1] != "" {
			fmt.Fprintf(&b, "%s: %s\n", h[0], line(h[1]))
		}
	}
	for _, p := range parts {
		if p.SHA256 != "" {
			fmt.Fprintf(&b, "Allegato: %s (SHA-256 %s)\n", line(p.Name), p.SHA256)
		}
	}
	b.WriteString("\n" + m.Text + "\n")
	return b.String()
}

// documentsOf reads the documents of entries.
func (r *Register) documentsOf(ctx context.Context, entry int64) ([]*Document, error) {
	var docs []*Document
	err := r.db.Ask(ctx, "SELECT rd.* FROM register_documents AS rd WHERE rd.entry_id = ? ORDER BY rd.ord", []any{entry}, &docs)
	if err != nil {
		return nil, fmt.Errorf("documents of an entry: %w", err)
	}
	return docs, nil
}
