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

// matter is one thing that people of Pontelieto turn to the Comune for.
// letters/README.md explains the fields and the marks in the texts.
type matter struct {
	Key       string    `yaml:"key"`
	Office    string    `yaml:"office"`
	Kind      string    `yaml:"kind"`
	Weight    int       `yaml:"weight"`
	Procedure string    `yaml:"procedure"`
	Personal  bool      `yaml:"personal"`
	Photo     bool      `yaml:"photo"` // in all its threads
	PDF       bool      `yaml:"pdf"`
	Notes     []string  `yaml:"notes"`
	Handover  string    `yaml:"handover"`
	Threads   []*thread `yaml:"threads"`
}

// thread is one question within a matter with what is written about it on both
// sides, so that the answers are answers to it.
type thread struct {
	Subjects  []string `yaml:"subjects"`
	Letters   []string `yaml:"letters"`
	Chats     []string `yaml:"chats"`
	Visits    []string `yaml:"visits"`
	Questions []string `yaml:"questions"`
	Replies   []string `yaml:"replies"`
	Answers   []string `yaml:"answers"`
	Outcomes  []string `yaml:"outcomes"`
	Photo     bool     `yaml:"photo"`
	PDF       bool     `yaml:"pdf"`
}

// reactions is what citizens write back whatever the matter is.
type reactions struct {
	Thanks      []string `yaml:"thanks"`
	Unhappy     []string `yaml:"unhappy"`
	Again       []string `yaml:"again"`
	Chase       []string `yaml:"chase"`
	ChaseWeek   []string `yaml:"chase_week"` // where more than a week has gone by
	Given       []string `yaml:"given"`
	ToUnhappy   []string `yaml:"to_unhappy"`
	ToAgain     []string `yaml:"to_again"`
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

// matter finds a matter by its key.
func (l *library) matter(key string) *matter {
	for _, m := range l.matters {
		if m.Key == key {
			return m
		}
	}
	panic("demo: no matter " + key) // a test looks for them all
}

// on are the threads of a matter that are spoken of on a channel.
func (m *matter) on(channel string) []*thread {
	var out []*thread
	for _, t := range m.Threads {
		if len(t.texts(channel)) > 0 {
			out = append(out, t)
		}
	}
	return out
}

// texts are the first words of a thread on a channel.
func (t *thread) texts(channel string) []string {
	switch channel {
	case "mail":
		return t.Letters
	case "telegram":
		return t.Chats
	}
	return t.Visits
}
