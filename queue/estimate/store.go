package estimate

import (
	"encoding/json"
	"fmt"
	"iter"
)

// format is the number of the form in which an estimator is stored. One of another
// form is made again from the events.
const format = 1

type stored struct {
	Format   int      `json:"format"`
	Settings Settings `json:"settings"`
	State    state    `json:"state"`
}

// MarshalJSON gives the whole estimator: one that is read back says the same, to
// the bit. It holds sums and the open tickets of today, nothing of a person.
func (e *Estimator) MarshalJSON() ([]byte, error) {
	return json.Marshal(stored{format, e.set, e.state})
}

// Load reads an estimator that was stored. An error means that it must be rebuilt.
func Load(b []byte) (*Estimator, error) {
	var s stored
	if err := json.Unmarshal(b, &s); err != nil {
		return nil, fmt.Errorf("estimate: load: %w", err)
	}
	if s.Format != format {
		return nil, fmt.Errorf("estimate: load: form %d, this program reads %d", s.Format, format)
	}
	e, err := New(s.Settings)
	if err != nil {
		return nil, err
	}
	e.state = s.State
	e.state.repair()
	return e, nil
}

// repair puts empty maps where the text had none.
func (s *state) repair() {
	k, t := newKnow(), newToday(s.Today.Midnight)
	if s.Know.Services == nil {
		s.Know.Services = k.Services
	}
	if s.Know.Groups == nil {
		s.Know.Groups = k.Groups
	}
	if s.Know.Gaps.Size == 0 {
		s.Know.Gaps = k.Gaps
	}
	if s.Today.Waiting == nil || s.Today.Issued == nil || s.Today.Held == nil || s.Today.Counters == nil || s.Today.Recent == nil {
		s.Today = t
	}
	for i := range s.Conform {
		if s.Conform[i].Level == nil {
			s.Conform[i].Level = map[int]float64{}
		}
	}
}

// Rebuild makes an estimator again from everything that was observed, in order of
// time. It is the same as the one that observed it live.
func Rebuild(s Settings, all iter.Seq[Observation]) (*Estimator, error) {
	e, err := New(s)
	if err != nil {
		return nil, err
	}
	for o := range all {
		e.Take(o)
	}
	return e, nil
}
