package picture

import (
	"encoding/binary"
	"errors"
	"io"
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// Word is the argument under which the program is a process of this package.
const Word = "picture-child"

// How a process ends that made nothing.
const (
	exitBroken = 1
	exitLarge  = 3
)

// Bounds that the kernel keeps. The address space of a Go program is much larger
// than what it uses: there the collector's limit and the number of points count.
const (
	heicSpace = 512 << 20 // bytes of address space of the foreign program
	goSpace   = 320 << 20 // bytes of data of our own
	seconds   = 2         // of the processor
	forHEIC   = 4         // the same for HEIC: 24 million points; a bomb ends before it begins
	written   = 64 << 20  // bytes of a file
)

// asked says that this program's main calls Child: without that a process of ours
// would do what the program does else.
var asked bool

// Child does the work of a process of this package and ends it, when args, those
// of the program without its name, say that it is one.
func Child(args []string) {
	asked = true
	if len(args) < 2 || args[0] != Word {
		return
	}
	code := exitBroken
	switch {
	case args[1] == "shrink" && len(args) == 5:
		code = shrinkTo(os.Stdout, args[2], args[3], args[4] == "true")
	case args[1] == "heic" && len(args) == 5:
		bound(unix.RLIMIT_AS, heicSpace, forHEIC)
		_ = syscall.Exec(args[2], []string{"heif-convert", "-q", "90", args[3], args[4]}, os.Environ()) // comes back only when it fails
	}
	os.Exit(code)
}

// bound sets the limits of this process and of what it becomes.
func bound(memory int, most, time uint64) {
	for what, n := range map[int]uint64{memory: most, unix.RLIMIT_CPU: time, unix.RLIMIT_FSIZE: written, unix.RLIMIT_CORE: 0} {
		_ = unix.Setrlimit(what, &unix.Rlimit{Cur: n, Max: n}) // lower ones are in force already
	}
}

func shrinkTo(w io.Writer, path, edge string, upright bool) int {
	bound(unix.RLIMIT_DATA, goSpace, seconds)
	n, err := strconv.Atoi(edge)
	if err != nil || n < 1 {
		return exitBroken
	}
	f, err := os.Open(path)
	if err != nil {
		return exitBroken
	}
	defer f.Close()
	made, err := shrink(f, n, upright)
	switch {
	case errors.Is(err, ErrLarge):
		return exitLarge
	case err != nil:
		return exitBroken
	}
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, uint32(made.Width)), uint32(made.Height))
	if _, err := w.Write(append(head, made.Body...)); err != nil {
		return exitBroken
	}
	return 0
}
