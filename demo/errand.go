package demo

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"

	"filodiretto/inbox"
	"filodiretto/queue"
)

//go:embed errands.json
var errandsFile []byte

// errand is why somebody comes to a counter, as errands.json has it.
type errand struct {
	Key    string   `json:"key"`
	It     string   `json:"it"`
	En     string   `json:"en"`
	Online bool     `json:"online"`
	Bring  []string `json:"bring"`
}

// townSite is where things can be done without coming. Nobody lives there.
const townSite = "https://www.comune.pontelieto.example/servizi/"

// readErrands reads the errands by the services' keys.
func readErrands() (map[string][]errand, error) {
	out := map[string][]errand{}
	if err := json.Unmarshal(errandsFile, &out); err != nil {
		return nil, fmt.Errorf("demo: errands.json: %w", err)
	}
	return out, nil
}

// tellErrands puts the errands on the services that have none yet.
func (h *hall) tellErrands(ctx context.Context, q *queue.Queue) error {
	all, err := readErrands()
	if err != nil {
		return err
	}
	for key, list := range all {
		sv := h.services[key]
		if sv == nil {
			return fmt.Errorf("demo: errands.json: there is no service %q", key)
		}
		if len(sv.Errands) > 0 {
			continue // as an earlier run left them
		}
		for i, e := range list {
			row := queue.Errand{ServiceID: sv.ID, Key: e.Key, Names: queue.Names{"it": e.It, "en": e.En}, Documents: queue.Papers{"it": e.Bring}, Ord: i}
			if e.Online {
				row.Online = townSite + e.Key
			}
			if _, err := q.SaveErrand(ctx, inbox.Viewer{System: true}, h.site.ID, row); err != nil {
				return fmt.Errorf("demo: errand %s: %w", e.Key, err)
			}
		}
	}
	return nil
}
