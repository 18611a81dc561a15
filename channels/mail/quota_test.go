package mail

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"testing"
)

// fullBox is an IMAP server that knows a login and the quota of a mailbox.
func fullBox(t *testing.T, capabilities string, quota ...string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go talk(c, capabilities, quota)
		}
	}()
	return l.Addr().String()
}

func talk(c net.Conn, capabilities string, quota []string) {
	defer c.Close()
	fmt.Fprintf(c, "* OK [CAPABILITY IMAP4rev1 %s] ready\r\n", capabilities)
	for in := bufio.NewScanner(c); in.Scan(); {
		tag, command, _ := strings.Cut(in.Text(), " ")
		switch word, _, _ := strings.Cut(command, " "); strings.ToUpper(word) {
		case "CAPABILITY":
			fmt.Fprintf(c, "* CAPABILITY IMAP4rev1 %s\r\n", capabilities)
		case "GETQUOTAROOT":
			for _, line := range quota {
				fmt.Fprintf(c, "* %s\r\n", line)
			}
		case "LOGOUT":
			fmt.Fprintf(c, "* BYE\r\n%s OK\r\n", tag)
			return
		}
		fmt.Fprintf(c, "%s OK done\r\n", tag)
	}
}

// How full a mailbox is comes from the fullest of its roots; who cannot tell is
// left alone.
func TestFullness(t *testing.T) {
	for _, x := range []struct {
		name string
		caps string
		says []string
		want Fullness
	}{
		{"one root", "QUOTA", []string{`QUOTAROOT INBOX "User quota"`, `QUOTA "User quota" (STORAGE 870400 1048576)`}, Fullness{870400 << 10, 1048576 << 10}},
		{"messages count too, and do not matter", "QUOTA", []string{`QUOTAROOT INBOX ""`, `QUOTA "" (MESSAGE 99 100 STORAGE 10 100)`}, Fullness{10 << 10, 100 << 10}},
		{"the fullest", "QUOTA", []string{`QUOTAROOT INBOX a b`, `QUOTA a (STORAGE 10 100)`, `QUOTA b (STORAGE 5 10)`}, Fullness{5 << 10, 10 << 10}},
		{"no limit", "QUOTA", []string{`QUOTAROOT INBOX ""`, `QUOTA "" ()`}, Fullness{}},
		{"no such thing", "IDLE", nil, Fullness{}},
	} {
		m := openBox(t, settingsFor(fullBox(t, x.caps, x.says...), nowhere))
		got, err := m.Fullness(patient(t))
		if err != nil || got != x.want {
			t.Errorf("%s: %+v, %v", x.name, got, err)
		}
	}
	m := openBox(t, settingsFor(nowhere, nowhere))
	if _, err := m.Fullness(patient(t)); err == nil {
		t.Error("nobody answers, and that is no error")
	}
}
