package lease

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"

	"filodiretto/internal/secret"
)

// Self names this process among all that share a database: the machine's boot,
// the process table that it is in, its number there, when it began, and a word
// of chance. From the first four another process of the same machine can tell
// whether it still lives. Where the system does not say them, the host's name
// stands for the first, and nobody can tell.
func Self() string {
	place := machine()
	if place == "" {
		host, _ := os.Hostname()
		place = "host:" + host
	}
	return fmt.Sprintf("%s/%d/%s/%s", place, os.Getpid(), begun(os.Getpid()), secret.Token(6))
}

// machine is the running system and the process table in it, which two
// containers do not share: a process number means something only within one.
// Empty where the system does not tell.
func machine() string {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	table, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(boot)) + ":" + strings.Trim(strings.TrimPrefix(table, "pid:"), "[]")
}

// begun is when a process began, in the system's ticks since its boot; empty
// when there is no such process. A number that was given to another process
// since has another beginning.
func begun(pid int) string {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return ""
	}
	// the name in the second field may hold spaces and brackets
	fields := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
	const state, beginning = 0, 19
	if len(fields) <= beginning || fields[state] == "Z" || fields[state] == "X" {
		return ""
	}
	return fields[beginning]
}

// dead reports whether a holder certainly does not live any more.
func dead(holder string) bool {
	part := strings.Split(holder, "/")
	here := machine()
	if len(part) != 4 || here == "" || part[0] != here {
		return false
	}
	pid, err := strconv.Atoi(part[1])
	return err == nil && part[2] != "" && begun(pid) != part[2]
}

// DropDead forgets the leases of processes of this machine that were killed, and
// returns how many. A program calls it at start: it is most often its own former
// life, and nobody need wait for that one's leases to run out.
func (k *Keeper) DropDead(ctx context.Context) (int, error) {
	var rows []struct{ Name, Holder string }
	if err := k.db.Read.NewRaw("SELECT name, holder FROM leases").Scan(ctx, &rows); err != nil {
		return 0, fmt.Errorf("leases of the dead: %w", err)
	}
	n := 0
	for _, r := range rows {
		if !dead(r.Holder) {
			continue
		}
		if _, err := k.db.Write.NewRaw("DELETE FROM leases WHERE name = ? AND holder = ?", r.Name, r.Holder).Exec(ctx); err != nil {
			return n, fmt.Errorf("leases of the dead: %w", err)
		}
		n++
	}
	return n, nil
}
