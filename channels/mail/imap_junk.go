package mail

import (
	"errors"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"
)

// noteJunk is the remark on what lay in the folder of unwanted mail.
const noteJunk = "from_junk"

// junkNames are how providers and programs call that folder, in lower case.
var junkNames = []string{
	"junk", "junk e-mail", "junk email", "junk mail", "spam", "bulk", "bulk mail", "posta indesiderata", "indesiderata", "posta spazzatura", "spazzatura",
}

// learnJunk finds out whether the folder is that of unwanted mail: by the server's mark
// (RFC 6154), else by its name. A server that does not answer the question has no say.
func (w *watcher) learnJunk() error {
	if w.junk = false; sameFolder(w.folder, "INBOX") {
		return nil
	}
	var options *imap.ListOptions
	if caps := w.c.Caps(); caps.Has(imap.CapSpecialUse) && caps.Has(imap.CapListExtended) {
		options = &imap.ListOptions{ReturnSpecialUse: true}
	}
	var list []*imap.ListData
	err := w.c.do(func() (err error) {
		list, err = w.c.List("", w.folder, options).Collect()
		return err
	})
	var no *imap.Error
	if err != nil && !errors.As(err, &no) {
		return w.fail("list the folders of", err)
	}
	w.junk = isJunk(list, w.folder)
	return nil
}

// isJunk reports whether a folder is that of unwanted mail, as the server's list has it.
// A folder that the server marks as another is none, whatever its name.
func isJunk(list []*imap.ListData, folder string) bool {
	delim := rune(0)
	for _, f := range list {
		if !sameFolder(f.Mailbox, folder) {
			continue
		}
		if slices.Contains(f.Attrs, imap.MailboxAttrJunk) {
			return true
		}
		for _, other := range []imap.MailboxAttr{imap.MailboxAttrArchive, imap.MailboxAttrSent, imap.MailboxAttrAll, imap.MailboxAttrFlagged} {
			if slices.Contains(f.Attrs, other) {
				return false
			}
		}
		delim = f.Delim
	}
	path := levels(folder, delim)
	return len(path) > 0 && slices.Contains(junkNames, strings.TrimSpace(path[len(path)-1]))
}
