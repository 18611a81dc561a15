package inbox

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/mail"
	"filodiretto/internal/blob"
	"filodiretto/internal/clock"
)

// doomed is one of the messages that heads erase: four of each citizen, on one case, and
// every third with a file too large for its row, which another message has too.
func doomed(n int) string {
	return parcelOf(fmt.Sprintf("Via <via%d@posta.example>", n/4), fmt.Sprintf("via%d@posta.example", n), "Oggetto", fmt.Sprintf("Il testo numero %d.", n), "carta.pdf", fileOf(n),
		fmt.Sprintf("References: <via%d@posta.example>", n/4*4))
}

// beside is a letter of the same citizen on the same case, with the same file, that stays.
func beside(n int, id string) string {
	return parcelOf(fmt.Sprintf("Via <via%d@posta.example>", n/4), id+"@posta.example", "Oggetto", "Questo resta: "+id+".", "carta.pdf", fileOf(n),
		fmt.Sprintf("References: <via%d@posta.example>", n/4*4))
}

func fileOf(n int) []byte {
	if n%3 > 0 {
		return fmt.Appendf(nil, "%%PDF-1.7\nfoglio %d\n", n)
	}
	return bytes.Repeat(fmt.Appendf(nil, "%%PDF-1.7\nfascicolo %d\n", n/6), 8000)
}

// onceMore is mail that comes while others are erased: one of them byte for byte and by
// another way, and a further one on its case with the same file.
func onceMore(i, most int) channels.Batch {
	n := i * 7 % most
	b := channels.Batch{Stream: "INBOX"}
	for what, body := range map[string]string{"again": doomed(n), "way": fmt.Sprintf("Received: by mx%d\r\n%s", i, doomed(n)), "new": beside(n, fmt.Sprintf("resta%d", i))} {
		b.Items = append(b.Items, channels.Raw{DedupKey: fmt.Sprintf("%s/%d", what, i), ContentType: mail.TypeMessage, Body: []byte(body)})
	}
	return b
}

// eraseLives is how many processes are killed in a test; FILODIRETTO_ERASE_KILLS asks for
// more (tools/soak).
func eraseLives() int {
	if n, err := strconv.Atoi(os.Getenv("FILODIRETTO_ERASE_KILLS")); err == nil {
		return n
	}
	return 4
}

// TestRule81bKilledWhileErasing kills processes that erase messages with files while mail
// with the same bytes comes in and while what was erased leaves the store, hours later by
// their clocks. Each message is whole or erased afterwards, with its event; whatever was
// answered as done is; what another message has is there, and nothing else.
func TestRule81bKilledWhileErasing(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		x := newErasure(t, e)
		lives := eraseLives()
		most := 16 * lives
		var letters []string
		for n := range most {
			if letters = append(letters, doomed(n)); n%2 == 0 {
				letters = append(letters, beside(n, fmt.Sprintf("prima%d", n)))
			}
		}
		e.arrive(e.mail, letters...)
		if n := e.number("SELECT count(*) FROM messages"); n != most+most/2 || len(e.allCases()) != most/4 {
			t.Fatalf("%d messages on %d cases", n, len(e.allCases()))
		}
		random := rand.New(rand.NewPCG(81, uint64(lives)))
		erased, taken := map[string]bool{}, 0
		for range lives {
			e.manual.Advance(erasedFor + 10*time.Minute) // what is aside is taken away now
			for _, line := range x.life(most, taken, 6+random.IntN(12)) {
				switch what, id, _ := strings.Cut(line, " "); what {
				case "erased":
					erased[id] = true
				case "taken":
					taken++
				default:
					t.Fatal("the child failed: ", line)
				}
			}
		}
		e.manual.Advance(time.Hour)
		store, err := blob.OpenDir(x.store) // started again
		must(t, err)
		e.blobs = store
		must(t, e.Accept(t.Context(), e.mail.ID, onceMore(taken, most)))
		x.settled()
		for id := range erased {
			if n := e.number("SELECT count(*) FROM messages WHERE id = ? AND erased_at > 0", id); n != 1 {
				t.Errorf("message %s was said to be erased", id)
			}
		}
		if n := e.number("SELECT count(*) FROM messages WHERE erased_at > 0"); n < len(erased) || n > len(erased)+2*lives {
			t.Errorf("%d are erased, %d were said to be", n, len(erased))
		}
		if n := e.number("SELECT count(*) FROM messages WHERE external_id LIKE 'via%'"); n != most {
			t.Errorf("%d messages that were %d: they came back", n, most)
		}
		if n := e.number("SELECT count(*) FROM messages WHERE external_id LIKE 'resta%'"); n != taken+1 {
			t.Errorf("%d came beside, of %d", n, taken+1)
		}
		if len(erased) < lives || taken < lives {
			t.Errorf("%d erased and %d taken in: the lives are too short", len(erased), taken)
		}
	})
}

// life is one process, killed when it has told a number of things. It gives all that it
// told.
func (x *erasure) life(most, taken, tells int) (told []string) {
	x.t.Helper()
	order, err := json.Marshal(&eraseLife{
		URL: x.url, Store: x.store, Doomed: most, Taken: taken, Account: x.mail.ID, Head: x.giulia.OperatorID, By: x.manual.Now().Sub(clock.System{}.Now()),
	})
	must(x.t, err)
	cmd := exec.Command(os.Args[0])
	cmd.Env, cmd.Stderr = append(os.Environ(), eraseChild+"="+string(order)), x.t.Output()
	out, err := cmd.StdoutPipe()
	must(x.t, err)
	must(x.t, cmd.Start())
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if told = append(told, lines.Text()); len(told) == tells || strings.HasPrefix(lines.Text(), "error") {
			must(x.t, cmd.Process.Kill())
		}
	}
	_ = cmd.Wait()
	// PostgreSQL may still be at what a dead process asked for.
	for x.db.Postgres && x.number("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state <> 'idle' AND pid <> pg_backend_pid()") > 0 { //nolint:revive // its answer is the pause
	}
	return told
}
