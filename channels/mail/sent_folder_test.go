package mail

import (
	"testing"

	"github.com/emersion/go-imap/v2"

	"filodiretto/channels"
	"filodiretto/internal/testserver"
)

// Servers part the levels of a folder's name each in their own way; the list tells
// (PEC reference section 9).
func TestRule71FolderIsFoundWhateverTheSeparator(t *testing.T) {
	folder := func(name string, delim rune, attrs ...imap.MailboxAttr) *imap.ListData {
		return &imap.ListData{Mailbox: name, Delim: delim, Attrs: attrs}
	}
	aruba := []*imap.ListData{folder("INBOX", '.'), folder("INBOX.Inviata", '.'), folder("INBOX.Cestino", '.')}
	legalmail := []*imap.ListData{folder("INBOX", '/'), folder("INBOX/Spedite", '/'), folder("INBOX/Spedite.2025", '/')}
	marked := []*imap.ListData{folder("INBOX", '/'), folder("Sent", '/', imap.MailboxAttrNoSelect), folder("Uscita", '/', imap.MailboxAttrSent)}
	for _, x := range []struct {
		list       []*imap.ListData
		want, name string
	}{
		{aruba, "INBOX.Inviata", "INBOX.Inviata"},
		{aruba, "INBOX/Inviata", "INBOX.Inviata"},
		{aruba, "inviata", "INBOX.Inviata"},
		{aruba, "auto", "INBOX.Inviata"},
		{legalmail, "INBOX.Spedite", "INBOX/Spedite"},
		{legalmail, "auto", "INBOX/Spedite"},
		{legalmail, "INBOX/Spedite.2025", "INBOX/Spedite.2025"},
		{marked, "Auto", "Uscita"},
		{marked, "Sent", ""}, // cannot be opened
		{aruba, "Sent", ""},
		{aruba, "INBOX", "INBOX"},
	} {
		if got := findSent(x.list, x.want); got != x.name {
			t.Errorf("%s: %q, want %q", x.want, got, x.name)
		}
	}
}

// A copy goes where the server's list says, not where the separator of another
// provider would put it.
func TestRule71CopyGoesToTheFolderOfTheList(t *testing.T) {
	d := post(t)
	if err := d.CreateFolder(boxAddress, sentFolder); err != nil {
		t.Fatal(err)
	}
	s := sinkWith(t, testserver.SinkOptions{})
	m := openBox(t, settingsFor(d.Addr(), s.Addr(), "sent_folder", "INBOX."+sentFolder))
	t.Cleanup(func() { closeSpare(m.pool) })
	if _, err := channels.Sender(m).Send(patient(t), reply()); err != nil {
		t.Fatal(err)
	}
	awaitCopies(t, d, 1)
}
