package templates

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

//go:embed text
var files embed.FS

// builtin holds the embedded texts: text/LANG/EVENT.txt for all channels and
// text/LANG/EVENT.CHANNEL.txt for one. A mistake in them stops the program at
// its start, and the tests before.
var builtin = func() map[key]Text {
	m := map[key]Text{}
	err := fs.WalkDir(files, "text", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		t, err := readFile(name, string(b))
		if err != nil {
			return fmt.Errorf("built-in text %s: %w", name, err)
		}
		m[key{t.Event, t.Channel, t.Lang}] = t
		return nil
	})
	if err != nil {
		panic(err)
	}
	return m
}()

// readFile reads an embedded text: an optional first line "Subject: ...", a
// blank line, the body.
func readFile(name, content string) (Text, error) {
	event, channel, _ := strings.Cut(strings.TrimSuffix(path.Base(name), ".txt"), ".")
	t := Text{Event: event, Channel: channel, Lang: path.Base(path.Dir(name)), Plain: content}
	if rest, ok := strings.CutPrefix(content, "Subject: "); ok {
		t.Subject, t.Plain, _ = strings.Cut(rest, "\n")
		if t.Plain != "" && t.Plain[0] != '\n' {
			return Text{}, errors.New("no blank line after the subject")
		}
	}
	t.Plain = strings.TrimSpace(t.Plain)
	_, err := Parse(t)
	return t, err
}
