// Command filodiretto is the whole program: it serves a municipality, and holds
// the tools that an administrator needs. `filodiretto --help` teaches them.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"filodiretto/internal/config"
	"filodiretto/internal/picture"
)

// How the program ends: all went well, something is wrong with what it looked
// at or could not be done, or it was called or configured wrongly.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	picture.Child(os.Args[1:])
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, &shell{args: os.Args[1:], env: os.Environ(), in: os.Stdin, out: os.Stdout, err: os.Stderr})
	stop()
	os.Exit(code)
}

// shell is what a command may use of the world around it.
type shell struct {
	args []string
	env  []string // in the form of os.Environ
	in   io.Reader
	out  io.Writer
	err  io.Writer
}

// say writes a line for people.
func (s *shell) say(format string, args ...any) { fmt.Fprintf(s.out, format+"\n", args...) }

// hint writes a line for people beside what a program may read from the output.
func (s *shell) hint(format string, args ...any) { fmt.Fprintf(s.err, format+"\n", args...) }

// getenv is the value of a variable.
func (s *shell) getenv(name string) string {
	for _, e := range s.env {
		if len(e) > len(name) && e[:len(name)] == name && e[len(name)] == '=' {
			return e[len(name)+1:]
		}
	}
	return ""
}

// exit is what kong calls after it printed a help page or a version.
type exit int

// run does one command and gives the code with which to end.
func run(ctx context.Context, s *shell) (code int) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case exit:
			code = int(e)
		default:
			panic(e)
		}
	}()
	parser, err := kong.New(&commands{}, kong.Name("filodiretto"), kong.Description(about), kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, Summary: false, WrapUpperBound: 100}),
		kong.Writers(s.out, s.err), kong.Exit(func(n int) { panic(exit(n)) }), kong.Bind(s), kong.BindTo(ctx, (*context.Context)(nil)))
	if err != nil {
		fmt.Fprintln(s.err, "filodiretto:", err)
		return exitUsage
	}
	k, err := parser.Parse(s.args)
	if err != nil {
		fmt.Fprintf(s.err, "filodiretto: %v\nTry: filodiretto --help\n", err)
		return exitUsage
	}
	return s.verdict(k.Run())
}

// verdict tells an error to the person and gives its code.
func (s *shell) verdict(err error) int {
	if err == nil {
		return exitOK
	}
	if found := (*foundError)(nil); errors.As(err, &found) {
		return exitFailed // what is wrong is printed already
	}
	fmt.Fprintln(s.err, "filodiretto:", err)
	wrong, usage := (*config.Errors)(nil), (*usageError)(nil)
	if errors.As(err, &wrong) || errors.As(err, &usage) {
		return exitUsage
	}
	return exitFailed
}

// usageError is a command that was called wrongly; its text names the remedy.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func wrongUse(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

// foundError says that a command did its work and found something wrong, which
// it has printed.
type foundError struct{ count int }

func (e *foundError) Error() string { return fmt.Sprintf("%d problems found", e.count) }
