// Package speech says words aloud with a program of this machine, so that the
// voice of a room needs neither a service elsewhere nor a voice in the browser of
// its display (queue reference 3, row 31). The program is espeak-ng or one that
// takes the same options; words go in through a pipe, never through a shell.
package speech

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Off is the program's name that asks for no voice.
const Off = "off"

// known are the programs that are looked for when none is named.
var known = []string{"espeak-ng", "espeak"}

// Bounds of one clip and of all that are kept.
const (
	within   = 4 * time.Second // a longer one would come after the call was read
	mostText = 300             // bytes
	mostClip = 2 << 20         // bytes: 45 s of 22,050 samples
	mostKept = 24 << 20        // bytes of clips that are kept
	atOnce   = 2               // programs that run

	usualPace = 145 // words a minute
)

// Errors of Say.
var (
	// ErrNone says that this machine has no voice.
	ErrNone = errors.New("speech: no program")
	// ErrText says that there is nothing to say, or too much.
	ErrText = errors.New("speech: no words, or too many")
)

// Voice says words. Nil says nothing. It is safe for many goroutines.
type Voice struct {
	program string
	pace    int // words a minute
	within  time.Duration
	running chan struct{}
	clips   *clips
}

// Find looks for the program: a path or a name of PATH, Off for none, or ""
// for the first that is known. A nil Voice without an error means that none was
// named and none is there; an error, that the named one is not.
func Find(program string, pace int) (*Voice, error) {
	names := known
	if pace <= 0 {
		pace = usualPace
	}
	switch program {
	case Off:
		return nil, nil
	case "":
	default:
		names = []string{program}
	}
	for _, name := range names {
		path, err := exec.LookPath(name)
		if err == nil {
			return &Voice{program: path, pace: pace, within: within, running: make(chan struct{}, atOnce), clips: newClips(mostKept)}, nil
		}
		if program != "" {
			return nil, fmt.Errorf("find the voice: %w", err)
		}
	}
	return nil, nil
}

// Name is the program's, without its folder.
func (v *Voice) Name() string { return filepath.Base(v.program) }

// Say gives words in a language ("it", "de") as a WAV file of 16-bit samples.
// The same words are made once, whoever asks and however many at once. It ends
// after four seconds at the latest.
func (v *Voice) Say(ctx context.Context, lang, words string) ([]byte, error) {
	if v == nil {
		return nil, ErrNone
	}
	words = plain(words)
	if words == "" || len(words) > mostText {
		return nil, ErrText
	}
	return v.clips.get(ctx, lang+" "+words, func() ([]byte, error) { return v.make(lang, words) })
}

// Try says a word in a language, for the check: an error when the program fails
// or does not know the language.
func (v *Voice) Try(ctx context.Context, lang string) error {
	_, err := v.Say(ctx, lang, "A, 1.")
	return err
}

// make runs the program. It asks no caller's context: others wait for the same
// clip, and the one who asked first may have gone.
func (v *Voice) make(lang, words string) ([]byte, error) {
	if !language(lang) {
		return nil, fmt.Errorf("speech: %q is no language", lang)
	}
	ctx, stop := context.WithTimeout(context.Background(), v.within)
	defer stop()
	select {
	case v.running <- struct{}{}:
		defer func() { <-v.running }()
	case <-ctx.Done():
		return nil, fmt.Errorf("speech: %w", ctx.Err())
	}
	out, faults := &limited{most: mostClip}, &limited{most: 200}
	cmd := exec.CommandContext(ctx, v.program, "-v", lang, "-s", fmt.Sprint(v.pace), "-b", "1", "--stdin", "--stdout")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(words+"\n"), out, faults
	cmd.WaitDelay = time.Second // it may have left a child that holds the pipe
	if err := cmd.Run(); err != nil {
		switch {
		case out.over:
			err = errTooMuch
		case ctx.Err() != nil:
			err = ctx.Err()
		}
		return nil, fmt.Errorf("speech: %s in %s: %w: %s", v.Name(), lang, err, strings.TrimSpace(faults.kept.String()))
	}
	return repaired(out.kept.Bytes())
}

// plain are words without what a program could take for a command: letters,
// digits and the stops that make pauses.
func plain(words string) string {
	words = strings.Map(func(r rune) rune {
		switch {
		case r == ',', r == '.', r == '\'', r == '-', spoken(r):
			return r
		case r == '’':
			return '\''
		}
		return ' '
	}, words)
	return strings.TrimLeft(strings.Join(strings.Fields(words), " "), "-,. ")
}

// language reports whether a tag can be one: "it", "fr-ch". It becomes an
// argument, so that nothing else may.
func language(tag string) bool {
	for i, r := range tag {
		if (r < 'a' || r > 'z') && (i == 0 || r != '-') {
			return false
		}
	}
	return len(tag) >= 2 && len(tag) <= 12
}
