package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filodiretto/channels/telegram/standin"
	"filodiretto/internal/config"
	"filodiretto/internal/db/dbtest"
)

// childFile is the environment variable by which the test's own program, started
// anew, knows that it is to be the town hall's until it is killed.
const childFile = "FILODIRETTO_TEST_CHILD"

func init() {
	file := os.Getenv(childFile)
	if file == "" {
		return
	}
	err := runChild(file)
	fmt.Fprintln(os.Stderr, "the child ended:", err)
	os.Exit(1)
}

func runChild(file string) error {
	c, err := config.Load(file, nil, Drivers())
	if err != nil {
		return err
	}
	a, err := New(context.Background(), c, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		return err
	}
	if err := a.Start(context.Background()); err != nil {
		return err
	}
	fmt.Println("up")
	_, err = io.Copy(io.Discard, os.Stdin) // until the parent goes or kills
	return err
}

// child starts the program and waits until it works.
func child(t *testing.T, file string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childFile+"="+file)
	cmd.Stderr = t.Output()
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); _ = cmd.Process.Kill(); _ = cmd.Wait() })
	word := make([]byte, 2)
	if _, err := io.ReadFull(out, word); err != nil || string(word) != "up" {
		t.Fatalf("the child did not start: %q %v", word, err)
	}
	return cmd
}

// TestKilledWhileNumbersAreTaken kills the program in the middle of many presses, again
// and again: each person gets one number in one message, and the numbers have no gap.
func TestKilledWhileNumbersAreTaken(t *testing.T) {
	for name, url := range map[string]string{"sqlite": dbtest.SQLite(t), "postgres": dbtest.Postgres(t)} {
		t.Run(name, func(t *testing.T) { killedWhileTaken(t, url) })
	}
}

func killedWhileTaken(t *testing.T, url string) {
	const rounds, people = 4, 8
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Second)
	defer cancel()
	bot := standin.New(standin.Options{Limits: standin.Limits{Off: true}})
	api, err := bot.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(bot.Close)
	file := filepath.Join(t.TempDir(), "filodiretto.toml")
	writeFile(t, file, fmt.Sprintf(`
[municipality]
name = "Comune di Pontelieto"
public_url = "http://localhost:8080"
[server]
listen = "127.0.0.1:0"
[database]
url = "%s"
[files]
url = "dir:%s"
[security]
master_key = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
[[channel]]
id = "bot"
kind = "telegram"
office = "urp"
name = "Telegram"
token = "%s"
api_url = "%s"
poll_timeout = "1s"
`, url, t.TempDir(), bot.Token(), apiURL(api)))
	furnished(t, file)
	said := 0
	for round := range rounds {
		running := child(t, file)
		var ps []standin.User
		for i := range people {
			u := standin.User{ID: int64(5550000000 + 100*round + i), First: fmt.Sprintf("Persona %d", i), Lang: "it"}
			ps = append(ps, u)
			bot.Say(u, "/numero")
		}
		offers := map[int64]string{}
		for _, u := range ps {
			m := shown(t, ctx, bot, u, "Per che cosa vieni?")
			pressUnder(t, bot, u, m, "Certificati")
			m = shown(t, ctx, bot, u, "Certificati", "Prima di te")
			offers[u.ID] = pressUnder(t, bot, u, m, "")
		}
		before := len(bot.Calls("editMessageText"))
		for _, u := range ps {
			pressUnder(t, bot, u, shown(t, ctx, bot, u, "Prima di te"), "Prendi il numero")
		}
		// The more rounds, the more were answered already when the lights go out.
		if _, err := bot.AwaitCalls(ctx, "editMessageText", before+2*round+1); err != nil {
			t.Fatal(err)
		}
		if err := running.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = running.Wait()
		again := child(t, file)
		for _, u := range ps {
			m := shown(t, ctx, bot, u, "il tuo numero è A")
			bot.PressForged(u, m.MessageID, offers[u.ID]) // a finger that is late
		}
		for _, u := range ps {
			last := of(bot, u.ID)
			bot.Say(u, "/coda")
			shownAfter(t, ctx, bot, u, last[len(last)-1].N)
		}
		if err := again.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = again.Wait()
		said += people
	}
	checkNumbers(t, file, said)
	chats := map[int64][]string{}
	for _, m := range bot.Sent(0) {
		chats[m.ChatID] = append(chats[m.ChatID], m.Text)
	}
	for chat, texts := range chats {
		// The first in line may be told that they are next, as the minute turns: once.
		asked := slices.DeleteFunc(slices.Clone(texts), func(s string) bool { return strings.Contains(s, "tocca quasi a te") })
		if len(asked) != 2 || len(texts)-len(asked) > 1 {
			t.Errorf("chat %d has %d messages of the bot; the card and the answer to /coda were asked for: %q", chat, len(texts), texts)
		}
	}
}

// furnished sets the room up with the program itself.
func furnished(t *testing.T, file string) {
	t.Helper()
	c, err := config.Load(file, nil, Drivers())
	if err != nil {
		t.Fatal(err)
	}
	a, err := New(t.Context(), c, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	dir, err := a.Router.Directory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w := &town{App: a, t: t}
	w.urp.Offices = []int64{dir.OfficeByKey("urp").ID}
	w.bot = standin.New(standin.Options{})
	newChatRoom(w)
	w.bot.Close()
	if err := a.Stop(); err != nil {
		t.Fatal(err)
	}
}

func checkNumbers(t *testing.T, file string, people int) {
	t.Helper()
	c, err := config.Load(file, nil, Drivers())
	if err != nil {
		t.Fatal(err)
	}
	a, err := New(t.Context(), c, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer a.Stop()
	var rows []struct{ Number, CitizenID int64 }
	if err := a.DB.Read.NewRaw("SELECT number, citizen_id FROM tickets ORDER BY number").Scan(t.Context(), &rows); err != nil {
		t.Fatal(err)
	}
	if len(rows) != people {
		t.Errorf("%d tickets for %d people", len(rows), people)
	}
	owners := map[int64]bool{}
	for i, r := range rows {
		if r.Number != int64(i+1) || owners[r.CitizenID] {
			t.Errorf("number %d of citizen %d at place %d", r.Number, r.CitizenID, i+1)
		}
		owners[r.CitizenID] = true
	}
	var n int
	err = a.DB.Read.NewRaw("SELECT (SELECT count(*) FROM dialogue_turns WHERE answered_at = 0 OR outcome = 'failed') + (SELECT count(*) FROM cases)").Scan(t.Context(), &n)
	if err != nil || n != 0 {
		t.Error("turns left, or cases opened:", n, err)
	}
}

// of are the bot's messages in a chat.
func of(bot *standin.Server, chat int64) []standin.Sent {
	return slices.DeleteFunc(bot.Sent(0), func(s standin.Sent) bool { return s.ChatID != chat })
}

func shown(t *testing.T, ctx context.Context, bot *standin.Server, u standin.User, words ...string) standin.Sent {
	t.Helper()
	m, err := bot.AwaitShown(ctx, func(s standin.Sent) bool {
		return s.ChatID == u.ID && !slices.ContainsFunc(words, func(x string) bool { return !strings.Contains(s.Text, x) })
	})
	if err != nil {
		t.Fatalf("waited for %q: %v", words, err)
	}
	return m
}

// shownAfter waits until the bot has written a further message to somebody.
func shownAfter(t *testing.T, ctx context.Context, bot *standin.Server, u standin.User, n int) {
	t.Helper()
	if _, err := bot.AwaitSent(ctx, n, standin.To(u)); err != nil {
		t.Fatal(err)
	}
}

// pressUnder presses the button with a label, or only gives the data of the first for
// none.
func pressUnder(t *testing.T, bot *standin.Server, u standin.User, m standin.Sent, label string) string {
	t.Helper()
	for _, row := range m.Buttons {
		for _, b := range row {
			switch {
			case label == "":
				return b.Data
			case b.Text == label:
				if _, err := bot.Press(u, m.MessageID, b.Data); err != nil {
					t.Fatal(err)
				}
				return b.Data
			}
		}
	}
	t.Fatalf("no button %q under %q", label, m.Text)
	return ""
}
