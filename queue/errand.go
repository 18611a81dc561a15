package queue

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// Errand is why somebody comes for a service, tied to a procedure by its key. What
// is to be brought is shown before the number is given, so that nobody waits in vain
// (queue reference 5, point 7).
type Errand struct {
	bun.BaseModel `bun:"table:errands,alias:er"`

	ID        int64 `bun:",pk"`
	ServiceID int64
	Key       string // the procedure's
	Names     Names
	Documents Papers // what to bring
	Online    string // where the same can be done without coming, "" for nowhere
	Ord       int
	EndedAt   clock.Instant
}

// Papers are lists of documents by language, kept as JSON.
type Papers map[string][]string

// In is the list in a language, else in Italian.
func (p Papers) In(lang string) []string {
	if list := p[lang]; len(list) > 0 {
		return list
	}
	return p["it"]
}

// Value writes the lists into their column.
func (p Papers) Value() (driver.Value, error) {
	if p == nil {
		p = Papers{}
	}
	b, err := json.Marshal(map[string][]string(p))
	return string(b), err
}

// Scan reads them from their column.
func (p *Papers) Scan(v any) error { return scanJSON(v, p) }

// Open are the errands that can be chosen, in their order.
func (s *Service) Open() []*Errand {
	return slices.DeleteFunc(slices.Clone(s.Errands), func(p *Errand) bool { return p.EndedAt != 0 })
}

// Errand is the errand with a key, also one that has ended, for the names of old
// tickets; nil for none.
func (s *Service) Errand(key string) *Errand {
	i := slices.IndexFunc(s.Errands, func(p *Errand) bool { return p.Key == key })
	if i < 0 || key == "" {
		return nil
	}
	return s.Errands[i]
}

// has reports whether a service is for a procedure.
func (s *Service) has(procedure string) bool {
	p := s.Errand(procedure)
	return p != nil && p.EndedAt == 0
}

// loadErrands fills the services of a house.
func (h *House) loadErrands(ctx context.Context, tx bun.IDB) error {
	var list []*Errand
	err := tx.NewSelect().Model(&list).Where("er.service_id IN (SELECT id FROM services WHERE site_id = ?)", h.Site.ID).OrderExpr("er.ord, er.id").Scan(ctx)
	if err != nil {
		return err
	}
	by := map[int64]*Service{}
	for _, s := range h.Services {
		by[s.ID] = s
	}
	for _, p := range list {
		if s := by[p.ServiceID]; s != nil {
			s.Errands = append(s.Errands, p)
		}
	}
	return nil
}

// What is allowed of an errand.
const (
	mostPapers = 20  // documents
	mostPaper  = 200 // characters of one
)

// SaveErrand adds an errand to a service (ID 0) or changes one, and returns its id.
// An errand that had ended begins again.
func (q *Queue) SaveErrand(ctx context.Context, v inbox.Viewer, siteID int64, p Errand) (int64, error) {
	if err := p.check(); err != nil {
		return 0, err
	}
	p.EndedAt = 0
	return q.saveRow(ctx, v, siteID, "errand", &p.ID, &p, func(h *House) error {
		s := h.Service(p.ServiceID)
		switch {
		case s == nil || s.EndedAt != 0:
			return invalid("service", "unknown")
		case p.ID != 0 && !slices.ContainsFunc(s.Errands, func(x *Errand) bool { return x.ID == p.ID }):
			return ErrNotFound
		}
		return nil
	}, "key", "names", "documents", "online", "ord", "ended_at")
}

func (p *Errand) check() error {
	switch {
	case !keyShape.MatchString(p.Key):
		return invalid("key", "shape")
	case p.Names.In("it") == "":
		return invalid("names", "required")
	case p.Online != "" && !isWebAddress(p.Online):
		return invalid("online", "shape")
	}
	for _, list := range p.Documents {
		if len(list) > mostPapers || slices.ContainsFunc(list, func(s string) bool {
			return strings.TrimSpace(s) == "" || strings.Contains(s, "\n") || utf8.RuneCountInString(s) > mostPaper
		}) {
			return invalid("documents", "too_long")
		}
	}
	return nil
}

func isWebAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && len(s) <= 500
}

// EndErrand takes an errand off. Tickets that were taken for it keep it.
func (q *Queue) EndErrand(ctx context.Context, v inbox.Viewer, siteID, id int64) error {
	return q.setUp(ctx, v, siteID, 0, "errand_ended", func(ctx context.Context, tx *db.Tx, h *House) (int64, error) {
		known := slices.ContainsFunc(h.Services, func(s *Service) bool {
			return slices.ContainsFunc(s.Errands, func(p *Errand) bool { return p.ID == id })
		})
		if !known {
			return 0, ErrNotFound
		}
		_, err := tx.NewRaw("UPDATE errands SET ended_at = ? WHERE id = ? AND ended_at = 0", tx.Now, id).Exec(ctx)
		return id, err
	})
}

// checkMissing bounds what a counter says was not brought.
func checkMissing(list []string) error {
	if len(list) > mostPapers || slices.ContainsFunc(list, func(s string) bool {
		return strings.TrimSpace(s) == "" || strings.Contains(s, "\n") || utf8.RuneCountInString(s) > mostPaper
	}) {
		return invalid("missing", "too_long")
	}
	return nil
}
