package inbox

import (
	"context"
	"fmt"
)

// OfficeLoad is how many cases an office has to do.
type OfficeLoad struct {
	Open   int // open, or waiting for the citizen
	Nobody int // those of them that nobody has
}

// OfficesLoad counts the cases of every office. It tells no contents; only an
// administrator may ask.
func (in *Inbox) OfficesLoad(ctx context.Context, v Viewer) (map[int64]OfficeLoad, error) {
	if !v.Admin && !v.System {
		return nil, ErrForbidden
	}
	var rows []struct {
		OfficeID     int64
		Open, Nobody int
	}
	err := in.db.Read.NewRaw(`SELECT office_id, count(*) AS open, sum(CASE WHEN assignee_id = 0 THEN 1 ELSE 0 END) AS nobody
		FROM cases WHERE status IN ('open','waiting') GROUP BY office_id`).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("count the cases of the offices: %w", err)
	}
	out := make(map[int64]OfficeLoad, len(rows))
	for _, r := range rows {
		out[r.OfficeID] = OfficeLoad{Open: r.Open, Nobody: r.Nobody}
	}
	return out, nil
}
