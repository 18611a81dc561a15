package app

import (
	"os"
	"strconv"
	"strings"
	"syscall"
)

// leaveProgram takes the pages of the program's own file out of this process's
// memory: starting goes through most of it once. Those that are used come back
// from the system's cache. The kernel would do it when memory is short; who
// looks at what the process holds should not see what it does not need.
func leaveProgram() error {
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		return err
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(maps)) {
		// 00401000-01a4f000 r-xp 00000000 fe:00 1234  /usr/bin/filodiretto
		f := strings.Fields(line)
		if len(f) < 6 || strings.Contains(f[1], "w") || !strings.HasSuffix(strings.TrimSpace(line), program) {
			continue
		}
		first, last, _ := strings.Cut(f[0], "-")
		from, err1 := strconv.ParseUint(first, 16, 64)
		to, err2 := strconv.ParseUint(last, 16, 64)
		if err1 != nil || err2 != nil {
			continue
		}
		if _, _, errno := syscall.Syscall(syscall.SYS_MADVISE, uintptr(from), uintptr(to-from), syscall.MADV_DONTNEED); errno != 0 {
			return errno
		}
	}
	return nil
}
