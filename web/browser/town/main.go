// Command town runs the whole program for the browser tests: a real Dovecot, an
// SMTP server, the Telegram stand-in and Filo Diretto on SQLite, with offices,
// people and rules. When all of it listens it prints one line of JSON with the
// addresses; it ends when its standard input is closed or it is told to.
//
// With -demo it starts the demo's town instead, whose six months of history are
// what the pictures for the documentation show.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"filodiretto/demo"
	"filodiretto/internal/picture"
)

// addresses are what the tests are told.
type addresses struct {
	URL      string `json:"url"`                // of the pages
	Control  string `json:"control,omitempty"`  // of the orders, see control.go
	Citizens string `json:"citizens,omitempty"` // of the demo's side for citizens
	Password string `json:"password"`           // of every login
	Shift    int64  `json:"shift"`              // milliseconds by which the town's clock is ahead of the machine's
}

func main() {
	picture.Child(os.Args[1:]) // ends here when it was started to make a picture
	withDemo := flag.Bool("demo", false, "start the demo's town, for pictures")
	dir := flag.String("dir", "", "folder for the data; empty means one that is removed at the end")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *withDemo, *dir); err != nil {
		fmt.Fprintln(os.Stderr, "town:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, withDemo bool, dir string) error {
	ctx, cancel := context.WithCancel(ctx)
	go func() { // whoever started this has gone
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	if dir == "" {
		made, err := os.MkdirTemp("", "fd-town-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(made)
		dir = made
	}
	start := startTown
	if withDemo {
		start = startDemo
	}
	a, end, err := start(ctx, dir)
	if err != nil {
		return err
	}
	if err := json.NewEncoder(os.Stdout).Encode(a); err != nil {
		return err
	}
	<-ctx.Done()
	return end()
}

func startDemo(ctx context.Context, dir string) (addresses, func() error, error) {
	listen, err := freeAddress()
	if err != nil {
		return addresses{}, nil, err
	}
	d, err := demo.Start(ctx, demo.Options{Dir: dir, Keep: true, Listen: listen, Speed: -1, Env: os.Environ(), Log: os.Stderr})
	if err != nil {
		return addresses{}, nil, err
	}
	return addresses{URL: "http://" + d.Addr(), Citizens: d.CitizensURL(), Password: demo.Password}, d.Stop, nil
}

// logger keeps quiet but for what is wrong: the tests' own output counts.
func logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
}
