package register

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"filodiretto/channels/mail/rfc822"
	"filodiretto/queue"
)

// Class is one voice of the classification (titolario).
type Class struct {
	Code string // "VI.3"
	Name string
	// From and To are the first and the last day on which it may be chosen; empty
	// for no bound.
	From, To queue.Day
	// Group is the name of the title to which it belongs; Leaf is false for a title
	// that has classes, which cannot be chosen itself.
	Group string
	Leaf  bool
}

// Scheme is a whole classification. Comuni change it, so that it is data.
type Scheme struct{ classes []Class }

// The national classification for municipalities of 2005 (Italian reference 1.3).
//
//go:embed titolario.csv
var national []byte

// NationalScheme is what holds where a municipality has none of its own.
func NationalScheme() *Scheme {
	s, err := ReadScheme(bytes.NewReader(national))
	if err != nil {
		panic(fmt.Sprintf("register: the national classification cannot be read: %v", err))
	}
	return s
}

// OpenScheme reads the file that the configuration names; the national one for none.
func OpenScheme(path string) (*Scheme, error) {
	if path == "" {
		return NationalScheme(), nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("register.titolario: %w", err)
	}
	defer f.Close()
	s, err := ReadScheme(f)
	if err != nil {
		return nil, fmt.Errorf("register.titolario: %w", err)
	}
	return s, nil
}

// mostScheme is the size in bytes of a classification.
const mostScheme = 4 << 20

// ReadScheme reads lines of code;description;valid_from;valid_to, of which the last
// two may be left out. A first line that names the columns is passed over.
func ReadScheme(r io.Reader) (*Scheme, error) {
	b, err := io.ReadAll(io.LimitReader(r, mostScheme))
	if err != nil {
		return nil, err
	}
	text := strings.TrimPrefix(string(b), "\ufeff")
	if !utf8.ValidString(text) {
		text, _ = rfc822.DecodeCharset(b, "windows-1252")
	}
	in := csv.NewReader(strings.NewReader(text))
	in.Comma, in.FieldsPerRecord, in.TrimLeadingSpace = ';', -1, true
	s := &Scheme{}
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		no, _ := in.FieldPos(0)
		if err := s.add(row, no); err != nil {
			return nil, err
		}
	}
	if len(s.classes) == 0 {
		return nil, errors.New("holds no class: write lines such as VI.3;Edilizia privata")
	}
	s.group()
	return s, nil
}

func (s *Scheme) add(row []string, no int) error {
	for len(row) < 4 {
		row = append(row, "")
	}
	c := Class{Code: strings.TrimSpace(row[0]), Name: strings.TrimSpace(row[1])}
	switch low := strings.ToLower(c.Code); {
	case low == "code" || low == "codice" || low == "" && c.Name == "":
		return nil
	case c.Code == "" || c.Name == "" || len(c.Code) > 40:
		return fmt.Errorf("line %d is not a code and a description", no)
	}
	for i, d := range []*queue.Day{&c.From, &c.To} {
		if text := strings.TrimSpace(row[2+i]); text != "" {
			day, err := queue.ParseDay(text)
			if err != nil {
				return fmt.Errorf("line %d: write days like 2026-01-31", no)
			}
			*d = day
		}
	}
	s.classes = append(s.classes, c)
	return nil
}

// group finds titles and their classes by their codes: VI stands above VI.3.
func (s *Scheme) group() {
	names, above := map[string]string{}, map[string]bool{}
	for _, c := range s.classes {
		names[c.Code] = c.Name
		if i := strings.LastIndexByte(c.Code, '.'); i > 0 {
			above[c.Code[:i]] = true
		}
	}
	for i := range s.classes {
		c := &s.classes[i]
		title, _, _ := strings.Cut(c.Code, ".")
		c.Group, c.Leaf = title, !above[c.Code]
		if n := names[title]; n != "" {
			c.Group = title + " " + n
		}
	}
}

// On are the classes that may be chosen on a day, in the order of the file.
func (s *Scheme) On(day queue.Day) []Class {
	return slices.DeleteFunc(slices.Clone(s.classes), func(c Class) bool { return !c.Leaf || !c.holds(day) })
}

func (c *Class) holds(day queue.Day) bool {
	return (c.From == "" || c.From <= day) && (c.To == "" || day <= c.To)
}

// Find is the class that bears a code on a day. Codes with an Arabic title (6.3) are
// known as those with a Roman one (VI.3).
func (s *Scheme) Find(code string, day queue.Day) (Class, bool) {
	code = strings.TrimSpace(code)
	for _, want := range []string{code, roman(code)} {
		for _, c := range s.classes {
			if strings.EqualFold(c.Code, want) && c.Leaf && c.holds(day) {
				return c, true
			}
		}
	}
	return Class{}, false
}

var romans = []string{"", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV", "XV", "XVI", "XVII", "XVIII", "XIX", "XX"}

func roman(code string) string {
	title, rest, more := strings.Cut(code, ".")
	for n, r := range romans {
		if n > 0 && title == fmt.Sprint(n) {
			if more {
				return r + "." + rest
			}
			return r
		}
	}
	return code
}
