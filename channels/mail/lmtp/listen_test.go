package lmtp

import (
	"io"
	"net"
	"net/netip"
	"os"
	"os/user"
	"path/filepath"
	"testing"
)

func TestListenOnlyHere(t *testing.T) {
	for _, where := range []string{"0.0.0.0:0", ":0", "192.0.2.1:24", "nonsense"} {
		if l, err := Listen(Door{Where: where}); err == nil {
			l.Close()
			t.Errorf("it listens on %s", where)
		}
	}
}

// Who is not on the list is shut out before a word; this machine always may.
func TestListenToThoseAllowed(t *testing.T) {
	l, err := Listen(Door{Where: "0.0.0.0:0", Allow: []netip.Prefix{netip.MustParsePrefix("10.0.0.25/32")}})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, c := range []struct {
		from string
		may  bool
	}{{"127.0.0.1", true}, {"::1", true}, {"10.0.0.25", true}, {"::ffff:10.0.0.25", true}, {"10.0.0.26", false}, {"192.0.2.7", false}} {
		a := net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(c.from), 4000))
		if got := l.(*guarded).may(a); got != c.may {
			t.Errorf("%s: %v", c.from, got)
		}
	}
	if l.(*guarded).may(&net.UnixAddr{}) {
		t.Error("somebody without an address")
	}
}

func TestListenOnASocket(t *testing.T) {
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	group, err := user.LookupGroupId(me.Gid)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "s")
	door := Door{Where: "unix:" + path, Mode: 0o660, Group: group.Name}
	for range 2 { // a socket that a killed process left is taken over
		l, err := Listen(door)
		if err != nil {
			t.Fatal(err)
		}
		if st, err := os.Stat(path); err != nil || st.Mode().Perm() != 0o660 {
			t.Errorf("mode %v, %v", st.Mode(), err)
		}
		if other, err := Listen(door); err == nil {
			other.Close()
			t.Error("a socket that is in use was taken over")
		}
		l.(*net.UnixListener).SetUnlinkOnClose(false)
		l.Close()
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if l, err := Listen(door); err == nil {
		l.Close()
		t.Error("a file was taken for a socket")
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if b, _ := io.ReadAll(f); string(b) != "x" {
		t.Error("the file was touched")
	}
	if l, err := Listen(Door{Where: "unix:" + path + "2", Mode: 0o660, Group: "no-such-group-at-all"}); err == nil {
		l.Close()
		t.Error("a group that is not there")
	}
}
