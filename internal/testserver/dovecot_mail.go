package testserver

import (
	b64 "encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"filodiretto/internal/clock"
)

func base64(s string) string { return b64.StdEncoding.EncodeToString([]byte(s)) }

// deadline is a moment d from now for the network.
func deadline(d time.Duration) time.Time { return clock.System{}.Now().Time().Add(d) }

// Deliver puts messages into a folder in this order, as a local delivery agent
// does: each is a new file of the Maildir, and sessions that are looking hear
// of it. Ten thousand take about a second. The folder must exist (INBOX
// always does).
func (d *DovecotServer) Deliver(user, folder string, messages ...[]byte) error {
	return d.deliver(user, folder, func(int) clock.Instant { return clock.System{}.Now() }, messages)
}

// DeliverAt is Deliver of what came at an instant: by the clock of who asks.
func (d *DovecotServer) DeliverAt(at clock.Instant, user, folder string, messages ...[]byte) error {
	return d.deliver(user, folder, func(int) clock.Instant { return at }, messages)
}

// DeliverOver is Deliver of what came evenly over a time, the last just now: what
// waits after an outage of so long.
func (d *DovecotServer) DeliverOver(user, folder string, over time.Duration, messages ...[]byte) error {
	from := clock.System{}.Now().Add(-over)
	return d.deliver(user, folder, func(i int) clock.Instant {
		return from.Add(over / time.Duration(len(messages)) * time.Duration(i+1))
	}, messages)
}

// deliver writes the files. Dovecot tells a file's time as when the mail came.
func (d *DovecotServer) deliver(user, folder string, at func(i int) clock.Instant, messages [][]byte) error {
	box, err := d.maildir(user, folder)
	if err != nil {
		return err
	}
	for i, m := range messages {
		name := d.fileName()
		tmp := filepath.Join(box, "tmp", name)
		if err := os.WriteFile(tmp, m, 0o644); err != nil {
			return fmt.Errorf("deliver: %w", err)
		}
		if err := d.mail.own(tmp); err != nil {
			return err
		}
		if err := os.Chtimes(tmp, at(i).Time(), at(i).Time()); err != nil {
			return fmt.Errorf("deliver: %w", err)
		}
		if err := os.Rename(tmp, filepath.Join(box, "new", name)); err != nil {
			return fmt.Errorf("deliver: %w", err)
		}
	}
	return nil
}

// fileName orders files by arrival: Dovecot gives UIDs in the order of the
// time at the start of the name.
func (d *DovecotServer) fileName() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.serial++
	d.stamp = max(d.stamp+1, int64(clock.System{}.Now()))
	return fmt.Sprintf("%d.M%dP%dQ%d.local", d.stamp/1e6, d.stamp%1e6, os.Getpid(), d.serial)
}

// maildir is the folder on disk, made when it is an INBOX that nobody opened.
func (d *DovecotServer) maildir(user, folder string) (string, error) {
	if !d.Has(user) {
		return "", fmt.Errorf("deliver: there is no mailbox of that name")
	}
	home := filepath.Join(d.dir, "home", user)
	box := filepath.Join(home, "Maildir")
	if !strings.EqualFold(folder, "INBOX") {
		// Maildir++ keeps A/B as .A.B beside the INBOX.
		box = filepath.Join(box, "."+strings.ReplaceAll(folder, "/", "."))
		if _, err := os.Stat(box); err != nil {
			return "", fmt.Errorf("deliver: no such folder: %w", err)
		}
	}
	made := []string{home, filepath.Join(home, "Maildir")}
	for _, sub := range []string{"tmp", "new", "cur"} {
		made = append(made, filepath.Join(box, sub))
	}
	for _, p := range made {
		if err := os.MkdirAll(p, 0o755); err != nil {
			return "", fmt.Errorf("deliver: %w", err)
		}
		if err := d.mail.own(p); err != nil {
			return "", err
		}
	}
	return box, nil
}

// Dial logs in over the plain port.
func (d *DovecotServer) Dial(user string) (*imapclient.Client, error) {
	d.mu.Lock()
	password := d.accounts[user]
	d.mu.Unlock()
	c, err := imapclient.DialInsecure(d.Addr(), nil)
	if err != nil {
		return nil, fmt.Errorf("dial dovecot: %w", err)
	}
	if err := c.Login(user, password).Wait(); err != nil {
		_ = c.Close()
		return nil, fmt.Errorf("log in to dovecot: %w", err)
	}
	return c, nil
}

// with runs f in a short session of the user's.
func (d *DovecotServer) with(user string, f func(*imapclient.Client) error) error {
	c, err := d.Dial(user)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := f(c); err != nil {
		return fmt.Errorf("dovecot session: %w", err)
	}
	return c.Logout().Wait()
}

// CreateFolder makes a folder; "/" separates levels.
func (d *DovecotServer) CreateFolder(user, folder string) error {
	return d.with(user, func(c *imapclient.Client) error { return c.Create(folder, nil).Wait() })
}

// DeleteFolder removes a folder and its mail.
func (d *DovecotServer) DeleteFolder(user, folder string) error {
	return d.with(user, func(c *imapclient.Client) error { return c.Delete(folder).Wait() })
}

// RenameFolder moves a folder to another name.
func (d *DovecotServer) RenameFolder(user, from, to string) error {
	return d.with(user, func(c *imapclient.Client) error { return c.Rename(from, to, nil).Wait() })
}

// Append stores a message over IMAP with flags and a date of receipt; a zero
// date means now.
func (d *DovecotServer) Append(user, folder string, message []byte, at time.Time, flags ...imap.Flag) (imap.UID, error) {
	var uid imap.UID
	err := d.with(user, func(c *imapclient.Client) error {
		cmd := c.Append(folder, int64(len(message)), &imap.AppendOptions{Flags: flags, Time: at})
		if _, err := cmd.Write(message); err != nil {
			return err
		}
		if err := cmd.Close(); err != nil {
			return err
		}
		data, err := cmd.Wait()
		if err == nil {
			uid = data.UID
		}
		return err
	})
	return uid, err
}

// Flag adds flags to messages; Dovecot keeps them until Expunge.
func (d *DovecotServer) Flag(user, folder string, uids []imap.UID, flags ...imap.Flag) error {
	return d.with(user, func(c *imapclient.Client) error {
		if _, err := c.Select(folder, nil).Wait(); err != nil {
			return err
		}
		store := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: flags}
		return c.Store(imap.UIDSetNum(uids...), store, nil).Close()
	})
}

// Expunge removes messages as another client would.
func (d *DovecotServer) Expunge(user, folder string, uids ...imap.UID) error {
	if err := d.Flag(user, folder, uids, imap.FlagDeleted); err != nil {
		return err
	}
	return d.with(user, func(c *imapclient.Client) error {
		if _, err := c.Select(folder, nil).Wait(); err != nil {
			return err
		}
		return c.UIDExpunge(imap.UIDSetNum(uids...)).Close()
	})
}

// Messages reads a whole folder: number of messages, the next UID, and the
// UIDVALIDITY.
func (d *DovecotServer) Messages(user, folder string) (count int, next imap.UID, validity uint32, err error) {
	err = d.with(user, func(c *imapclient.Client) error {
		st, err := c.Status(folder, &imap.StatusOptions{NumMessages: true, UIDNext: true, UIDValidity: true}).Wait()
		if err != nil {
			return err
		}
		if st.NumMessages != nil {
			count = int(*st.NumMessages)
		}
		next, validity = st.UIDNext, st.UIDValidity
		return nil
	})
	return count, next, validity, err
}

// Fetch gives the messages of a folder in the order of their UIDs.
func (d *DovecotServer) Fetch(user, folder string) ([][]byte, error) {
	var all [][]byte
	err := d.with(user, func(c *imapclient.Client) error {
		box, err := c.Select(folder, &imap.SelectOptions{ReadOnly: true}).Wait()
		if err != nil || box.NumMessages == 0 {
			return err
		}
		section := &imap.FetchItemBodySection{Peek: true}
		got, err := c.Fetch(imap.UIDSet{{Start: 1, Stop: 0}}, &imap.FetchOptions{
			UID: true, BodySection: []*imap.FetchItemBodySection{section},
		}).Collect()
		for _, m := range got {
			all = append(all, m.FindBodySection(section))
		}
		return err
	})
	return all, err
}

// Renumber gives a folder a new UIDVALIDITY and its messages new UIDs from 1,
// as a mailbox restored from a backup has. Sessions that have it open are
// broken off.
func (d *DovecotServer) Renumber(user, folder string) error {
	_, _, validity, err := d.Messages(user, folder)
	if err != nil {
		return err
	}
	box, err := d.maildir(user, folder)
	if err != nil {
		return err
	}
	_ = d.Kick(user) // fails when nobody is connected
	old, err := filepath.Glob(filepath.Join(box, "dovecot*"))
	if err != nil {
		return err
	}
	for _, p := range old {
		if err := os.RemoveAll(p); err != nil {
			return fmt.Errorf("renumber: %w", err)
		}
	}
	_, err = d.doveadm("mailbox", "update", "-u", user,
		"--uid-validity", strconv.FormatUint(uint64(validity)+1, 10), folder)
	return err
}
