package mail

import (
	"slices"
	"testing"

	"github.com/emersion/go-imap/v2"

	"filodiretto/channels"
	"filodiretto/channels/channeltest"
)

// Rule 10: the folder of unwanted mail is known by the server's mark, else by its name.
func TestRule10WhichFolderIsJunk(t *testing.T) {
	list := []*imap.ListData{
		{Mailbox: "INBOX", Delim: '.'},
		{Mailbox: "Cestino buono", Delim: '/', Attrs: []imap.MailboxAttr{imap.MailboxAttrHasNoChildren, imap.MailboxAttrJunk}},
		{Mailbox: "Spam", Delim: '/', Attrs: []imap.MailboxAttr{imap.MailboxAttrArchive}}, // somebody's archive about spam
		{Mailbox: "INBOX.Spam", Delim: '.'},
		{Mailbox: "Junk.2025", Delim: '/'},
	}
	for folder, want := range map[string]bool{
		"INBOX": false, "Cestino buono": true, "Spam": false, "INBOX.Spam": true, "Junk.2025": false,
		"Junk E-mail": true, "Posta indesiderata": true, "Archivio 2025": false, // on no list
	} {
		if got := isJunk(list, folder); got != want {
			t.Errorf("%s: %v", folder, got)
		}
	}
}

// Rules 10 and 22: what lay there comes with the remark, which is read of it.
func TestRule10JunkIsRemarked(t *testing.T) {
	d := post(t)
	for _, folder := range []string{"Posta indesiderata", "Archivio"} {
		if err := d.CreateFolder(boxAddress, folder); err != nil {
			t.Fatal(err)
		}
		deliver(t, d, folder, note(folder))
	}
	deliver(t, d, "INBOX", note("INBOX"))
	m := openBox(t, settingsFor(d.Addr(), nowhere, "folders", "INBOX,Posta indesiderata,Archivio"))
	for _, raw := range receive(t, m, channeltest.NewIntake()).items(t, 3) {
		items, err := channels.Parser(m).Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := slices.Contains(items[0].Notes, noteJunk), raw.Meta[MetaFolder] == "Posta indesiderata"; got != want || (raw.Meta[MetaJunk] != "") != want {
			t.Errorf("%v: %v", raw.Meta, items[0].Notes)
		}
	}
}
