package demo

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"path"

	"go.yaml.in/yaml/v3"
)

//go:embed letters
var letterFiles embed.FS

// matter is one thing that people of Pontelieto turn to the Comune for, with
// all that is written about it on both sides. letters/README.md explains the
// fields and the marks in the texts.
type matter struct {
	Key       string         `yaml:"key"`
	Office    string         `yaml:"office"`
	Kind      string         `yaml:"kind"`
	Weight    int            `yaml:"weight"`
	Procedure string         `yaml:"procedure"`
	Channels  map[string]int `yaml:"channels"`
	Personal  bool           `yaml:"personal"`
	Photo     bool           `yaml:"photo"`
	PDF       bool           `yaml:"pdf"`
	Subjects  []string       `yaml:"subjects"`
	Letters   []string       `yaml:"letters"`
	Chats     []string       `yaml:"chats"`
	Visits    []string       `yaml:"visits"`
	Questions []string       `yaml:"questions"`
	Replies   []string       `yaml:"replies"`
	Answers   []string       `yaml:"answers"`
	Notes     []string       `yaml:"notes"`
	Handover  string         `yaml:"handover"`
	Outcomes  []string       `yaml:"outcomes"`
}

// reactions is what citizens write back whatever the matter is.
type reactions struct {
	Thanks      []string `yaml:"thanks"`
	Unhappy     []string `yaml:"unhappy"`
	Again       []string `yaml:"again"`
	Chase       []string `yaml:"chase"`
	Given       []string `yaml:"given"`
	TicketNotes []string `yaml:"ticket_notes"`
	Away        string   `yaml:"away"`
	Edits       []string `yaml:"edits"`
}

// library is everything that is written in Pontelieto.
type library struct {
	matters []*matter
	reactions
}

// readLibrary reads the texts that come with the program.
func readLibrary() (*library, error) {
	l := &library{}
	names, err := fs.Glob(letterFiles, "letters/*.yaml")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		text, err := letterFiles.ReadFile(name)
		if err != nil {
			return nil, err
		}
		d := yaml.NewDecoder(bytes.NewReader(text))
		d.KnownFields(true)
		if path.Base(name) == "reactions.yaml" {
			err = d.Decode(&l.reactions)
		} else {
			var some []*matter
			err = d.Decode(&some)
			l.matters = append(l.matters, some...)
		}
		if err != nil {
			return nil, fmt.Errorf("demo: %s: %w", name, err)
		}
	}
	return l, nil
}

// on are the channels with texts for a matter, with their weights.
func (m *matter) on(channel string) int {
	switch {
	case channel == "mail" && len(m.Letters) == 0, channel == "telegram" && len(m.Chats) == 0,
		(channel == "counter" || channel == "phone") && len(m.Visits) == 0:
		return 0
	}
	return m.Channels[channel]
}
