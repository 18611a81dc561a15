package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"filodiretto/demo"
	"filodiretto/internal/clock"
)

type demoCommand struct {
	Dir      string  `type:"path" help:"Where the town's data are. It is emptied at each start, unless --keep. Default: .filodiretto/demo in this folder."`
	Keep     bool    `help:"Go on where the last demo ended."`
	Seed     uint64  `default:"1" help:"Another number is another town."`
	Speed    float64 `default:"1" help:"How lively the town is: 1 is something every 3 to 8 seconds, 0.1 is calm, 0 stands still."`
	Citizens string  `placeholder:"ADDRESS" help:"Where the citizens' side is served. Without it: 127.0.0.1:8081, or a free port when that one is taken."`
	Log      bool    `help:"Show the technical log on stderr."`
}

// Help is shown by `filodiretto demo --help`.
func (demoCommand) Help() string {
	return `Starts Pontelieto, a made-up town of 18,000, on this machine, with no other server: embedded database, a mail server and a Telegram stand-in of its own, six months of history, and robots that go on writing, coming and answering. All of it goes through the same adapters as in production. It listens on 127.0.0.1:8080 unless FILODIRETTO_SERVER_LISTEN says otherwise.

Examples:
  filodiretto demo
  filodiretto demo --speed 0.2
  FILODIRETTO_SERVER_LISTEN=0.0.0.0:8080 filodiretto demo --keep`
}

// Run starts the town and keeps it until ctx ends.
func (c *demoCommand) Run(ctx context.Context, s *shell) error {
	began := clock.System{}.Now()
	o := demo.Options{Dir: c.Dir, Keep: c.Keep, Seed: c.Seed, Speed: c.Speed, CitizensListen: c.Citizens, Env: s.env, Progress: s.progress()}
	if c.Speed == 0 {
		o.Speed = -1
	}
	if c.Log {
		o.Log = s.err
	}
	d, err := demo.Start(ctx, o)
	if err != nil {
		return err
	}
	s.welcome(d, clock.System{}.Now().Sub(began))
	<-ctx.Done()
	s.say("")
	return d.Stop()
}

// progress shows how far the history is told, on one line where there is a
// terminal.
func (s *shell) progress() func(day, of int) {
	f, ok := s.out.(*os.File)
	if !ok || !isTerminal(f) {
		s.say("Pontelieto: sei mesi di storia…")
		return nil
	}
	return func(day, of int) {
		const width = 40
		done := width * day / max(of, 1)
		fmt.Fprintf(s.out, "\rPontelieto: sei mesi di storia  [%s%s] ", strings.Repeat("=", done), strings.Repeat(" ", width-done))
		if day == of {
			fmt.Fprintln(s.out)
		}
	}
}

// welcome says where to go and what to look at.
func (s *shell) welcome(d *demo.Demo, took time.Duration) {
	s.say("Pontelieto è aperta (in %.0f secondi).", took.Seconds())
	s.say("")
	s.say("  Il Comune:      http://%s", d.Addr())
	s.say("  I cittadini:    %s", d.CitizensURL())
	s.say("  Il totem:       %s", d.KioskURL())
	s.say("  Il tabellone:   %s", d.DisplayURL())
	s.say("  Configurazione: %s", d.Config().Path)
	s.say("")
	s.say("Accessi, tutti con la password  %s", demo.Password)
	for _, l := range demo.Staff {
		s.say("  %-10s %-16s %s", l.Login, l.Name, l.What)
	}
	s.say("")
	s.say("Da provare:")
	for i, line := range d.Recipe() {
		s.say("  %d. %s", i+1, line)
	}
	s.say("")
	s.say("La posta si riempie da sola. Ctrl-C per chiudere.")
}
