package lmtp

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"os/user"
	"slices"
	"strconv"
	"strings"
)

// Door is where a server listens.
type Door struct {
	Where string         // "unix:/path" or "host:port"
	Allow []netip.Prefix // who else than this machine may connect over TCP
	Mode  fs.FileMode    // of a unix socket
	Group string         // that a unix socket is given to; empty leaves the process's
}

// Listen opens the door. Nobody logs in over LMTP, so that an address other than
// this machine's needs a list of those who may connect.
func Listen(d Door) (net.Listener, error) {
	if path, is := strings.CutPrefix(d.Where, "unix:"); is {
		return listenUnix(path, d)
	}
	host, _, err := net.SplitHostPort(d.Where)
	if err != nil {
		return nil, err
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) && len(d.Allow) == 0 {
		return nil, errors.New("LMTP has no login: let it listen on 127.0.0.1, ::1 or unix:/path, or say which addresses may connect")
	}
	l, err := net.Listen("tcp", d.Where)
	if err != nil {
		return nil, err
	}
	return &guarded{l, d.Allow}, nil
}

// listenUnix takes over a socket that a killed process left, and nothing else: a
// file of another kind, or a socket on which somebody answers, stays.
func listenUnix(path string, d Door) (net.Listener, error) {
	if st, err := os.Lstat(path); err == nil {
		if st.Mode().Type() != fs.ModeSocket {
			return nil, fmt.Errorf("%s is there and is no socket", path)
		}
		if c, err := net.Dial("unix", path); err == nil {
			_ = c.Close()
			return nil, fmt.Errorf("another program listens on %s", path)
		}
		if err := os.Remove(path); err != nil {
			return nil, err
		}
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	if err := give(path, d); err != nil {
		_ = l.Close()
		return nil, err
	}
	return l, nil
}

// give makes the socket over to those who may use it. The group comes first, so that
// the former one never gets the mode.
func give(path string, d Door) error {
	if d.Group != "" {
		g, err := user.LookupGroup(d.Group)
		if err != nil {
			return fmt.Errorf("the group of the socket: %w", err)
		}
		gid, err := strconv.Atoi(g.Gid)
		if err != nil {
			return fmt.Errorf("the group of the socket: %w", err)
		}
		if err := os.Chown(path, -1, gid); err != nil {
			return fmt.Errorf("give the socket to its group: %w", err)
		}
	}
	return os.Chmod(path, d.Mode)
}

// guarded closes connections from elsewhere before a word is said.
type guarded struct {
	net.Listener
	allow []netip.Prefix
}

// Accept gives the next connection of somebody who may connect.
func (g *guarded) Accept() (net.Conn, error) {
	for {
		c, err := g.Listener.Accept()
		if err != nil || g.may(c.RemoteAddr()) {
			return c, err
		}
		_ = c.Close()
	}
}

func (g *guarded) may(a net.Addr) bool {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return false
	}
	from := tcp.AddrPort().Addr().Unmap()
	return from.IsLoopback() || slices.ContainsFunc(g.allow, func(p netip.Prefix) bool { return p.Contains(from) })
}
