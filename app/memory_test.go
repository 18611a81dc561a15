//go:build linux

package app

import (
	"os"
	"strconv"
	"strings"
	"testing"
)

// A program that gave its own pages back holds less, and goes on as before.
func TestStartingLeavesLittleBehind(t *testing.T) {
	const page = 4096
	junk := make([]byte, 16<<20)
	for i := 0; i < len(junk); i += page {
		junk[i] = byte(i)
	}
	before := held(t)
	junk = nil
	if n := settled(); n != room {
		t.Error("the room is", n)
	}
	if after := held(t); after > before-(8<<20) {
		t.Errorf("%d KiB are held, before it was %d", after>>10, before>>10)
	}
	if _, err := strconv.Atoi("x"); err == nil || !strings.Contains(err.Error(), "invalid syntax") {
		t.Error("what was left behind does not come back:", err)
	}
}

// held is the memory of this process, in bytes.
func held(t *testing.T) int {
	t.Helper()
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		if name, value, _ := strings.Cut(line, ":"); name == "VmRSS" {
			n, err := strconv.Atoi(strings.Fields(value)[0])
			if err != nil {
				t.Fatal(err)
			}
			return n << 10
		}
	}
	t.Fatal("the kernel does not tell")
	return 0
}
