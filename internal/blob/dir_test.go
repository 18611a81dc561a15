package blob

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func openDir(t *testing.T, root string) *Dir {
	t.Helper()
	d, err := OpenDir(root)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func temporaries(t *testing.T, root string) []string {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(root, "tmp", "*"))
	if err != nil {
		t.Fatal(err)
	}
	return left
}

func TestDirHasItsShapeAndIsPrivate(t *testing.T) {
	root := filepath.Join(t.TempDir(), "new", "files")
	d := openDir(t, root)
	sum := put(t, d, []byte("a"))
	for path, mode := range map[string]os.FileMode{
		root: 0o700, filepath.Join(root, sum[:2], sum[2:4]): 0o700, filepath.Join(root, sum[:2], sum[2:4], sum): 0o600,
	} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v", path, info, err)
		}
	}
	if left := temporaries(t, root); len(left) != 0 {
		t.Errorf("left in tmp: %v", left)
	}
}

func TestDirCleansWhatTheDeadLeft(t *testing.T) {
	root := t.TempDir()
	living := openDir(t, root)
	f, err := living.temporary() // a Put under way, in another process
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	dead := filepath.Join(root, "tmp", "put-dead")
	if err := os.WriteFile(dead, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	openDir(t, root)
	if left := temporaries(t, root); len(left) != 1 || left[0] != f.Name() {
		t.Errorf("left in tmp: %v, want only %s", left, f.Name())
	}
}

func TestDirTellsDamage(t *testing.T) {
	d := openDir(t, t.TempDir())
	body := bytes.Repeat([]byte("x"), 100_000)
	sum := put(t, d, body)
	for name, damaged := range map[string][]byte{
		"changed": append(bytes.Repeat([]byte("x"), 99_999), 'y'), "cut": body[:50_000], "empty": nil, "longer": append(bytes.Clone(body), 'x'),
	} {
		if err := os.WriteFile(d.path(sum), damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := d.Open(t.Context(), sum)
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.Copy(io.Discard, r)
		if !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: %v", name, err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		put(t, d, body)
		if got := read(t, d, sum); !bytes.Equal(got, body) {
			t.Errorf("%s: a new Put does not heal the damage", name)
		}
	}
}

func TestDirServesRanges(t *testing.T) {
	d := openDir(t, t.TempDir())
	sum := put(t, d, []byte("0123456789"))
	r, err := d.Open(t.Context(), sum)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for header, want := range map[string]string{"": "0123456789", "bytes=2-4": "234"} {
		w, req := httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil)
		if header != "" {
			req.Header.Set("Range", header)
		}
		http.ServeContent(w, req, "a.bin", (Info{}).Modified.Time(), r)
		if w.Body.String() != want {
			t.Errorf("range %q gave %q", header, w.Body.String())
		}
	}
}

// TestDirOpenWhileDiscarding: who opens a blob that is being discarded again and
// again always gets it whole.
func TestDirOpenWhileDiscarding(t *testing.T) {
	d, body := openDir(t, t.TempDir()), []byte("delibera")
	sum := put(t, d, body)
	opens := func() {
		r, err := d.Open(t.Context(), sum)
		if err != nil {
			t.Error(err)
			return
		}
		got, err := io.ReadAll(r)
		if err := errors.Join(err, r.Close()); err != nil || !bytes.Equal(got, body) {
			t.Errorf("%q %v", got, err)
		}
	}
	for range 100 {
		var all sync.WaitGroup
		all.Go(func() {
			if err := d.Discard(t.Context(), sum); err != nil {
				t.Error(err)
			}
		})
		for range 3 {
			all.Go(opens)
		}
		all.Wait()
	}
}

func TestDirWalkPassesOverStrangers(t *testing.T) {
	root := t.TempDir()
	d := openDir(t, root)
	sum := put(t, d, []byte("a"))
	for _, stranger := range []string{"README", sum, filepath.Join(sum[:2], sum), filepath.Join(sum[:2], sum[2:4], "note.txt"), filepath.Join("tmp", "put-1")} {
		if err := os.WriteFile(filepath.Join(root, stranger), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if all := list(t, d); len(all) != 1 {
		t.Errorf("found %v", all)
	}
	if err := os.RemoveAll(root); err != nil {
		t.Fatal(err)
	}
	if err := d.Walk(t.Context(), func(Info) error { return nil }); err == nil {
		t.Error("a folder that vanished walks as an empty one")
	}
	if err := d.Check(t.Context()); err == nil {
		t.Error("a folder that vanished passes the check")
	}
}

// childRoot tells the test binary to be the process that gets killed.
const childRoot = "FILODIRETTO_TEST_BLOB_ROOT"

func TestMain(m *testing.M) {
	root := os.Getenv(childRoot)
	if root == "" {
		os.Exit(m.Run())
	}
	d, err := OpenDir(root)
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	for { // until killed: several writers, each name printed when Put returned
		done := make(chan string)
		for range 3 {
			go func() {
				body := make([]byte, 200_000)
				_, _ = rand.Read(body)
				sum, _, err := d.Put(context.Background(), bytes.NewReader(body))
				done <- fmt.Sprint(sum, err)
			}()
		}
		for range 3 {
			fmt.Println(<-done)
		}
	}
}

// TestDirSurvivesKill kills a process that is writing and counts what it had
// promised.
func TestDirSurvivesKill(t *testing.T) {
	root := t.TempDir()
	promised := map[string]bool{}
	for round := range 5 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), childRoot+"="+root)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for n := 0; lines.Scan(); n++ {
			sum, ok := strings.CutSuffix(lines.Text(), "<nil>")
			if !ok {
				t.Fatalf("the child failed: %s", lines.Text())
			}
			promised[sum] = true
			if n == 5+round {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := cmd.Wait(); err == nil {
			t.Fatal("the child ended by itself")
		}
	}
	d := openDir(t, root)
	if left := temporaries(t, root); len(left) != 0 {
		t.Errorf("left in tmp: %v", left)
	}
	for sum := range list(t, d) { // read checks each against its name
		read(t, d, sum)
		delete(promised, sum)
	}
	if len(promised) != 0 {
		t.Errorf("%d promised blobs are lost", len(promised))
	}
}

func BenchmarkDirPut(b *testing.B) {
	d, err := OpenDir(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	body := make([]byte, 64<<10)
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		_, _ = rand.Read(body[:32])
		if _, _, err := d.Put(b.Context(), bytes.NewReader(body)); err != nil {
			b.Fatal(err)
		}
	}
}

// Look says whether a store could be used, and leaves it as it is.
func TestLookLeavesTheStore(t *testing.T) {
	root := t.TempDir()
	look := func(path string) error { return Look(t.Context(), "dir:"+path) }
	if err := look(root); err != nil {
		t.Error(err)
	}
	if list, err := os.ReadDir(root); err != nil || len(list) != 0 {
		t.Error(list, err)
	}
	left := filepath.Join(root, "tmp", "put-1") // of a process that died
	if err := errors.Join(os.Mkdir(filepath.Dir(left), 0o700), os.WriteFile(left, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	if err := look(root); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(left); err != nil {
		t.Error("cleared away by looking:", err)
	}
	for _, wrong := range []string{filepath.Join(root, "none"), left} {
		if look(wrong) == nil {
			t.Error(wrong, "is no store")
		}
	}
	if err := Look(t.Context(), "ftp:"+root); err == nil {
		t.Error("a store of no kind")
	}
}
