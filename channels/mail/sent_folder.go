package mail

import (
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"
)

// sentAuto asks for the folder that the server itself marks as that of sent mail.
const sentAuto = "auto"

// sentNames are the names by which providers and programs call it, where nothing
// is marked (PEC reference section 9).
var sentNames = []string{"Inviata", "Spedite", "Posta inviata", "Inviati", "Sent", "Sent Items", "Sent Messages", "Elementi inviati"}

// findSent finds the folder that a setting means among those that the server
// lists, "" when there is none. Levels may be written with "/" or ".", with or
// without INBOX at the beginning: each server has a separator of its own, which
// its list tells.
func findSent(list []*imap.ListData, want string) string {
	var usable []*imap.ListData
	for _, f := range list {
		if !slices.Contains(f.Attrs, imap.MailboxAttrNoSelect) {
			usable = append(usable, f)
		}
	}
	if !strings.EqualFold(want, sentAuto) {
		return named(usable, want)
	}
	for _, f := range usable {
		if slices.Contains(f.Attrs, imap.MailboxAttrSent) {
			return f.Mailbox
		}
	}
	for _, name := range sentNames {
		if found := named(usable, name); found != "" {
			return found
		}
	}
	return ""
}

func named(list []*imap.ListData, want string) string {
	for _, f := range list {
		if sameFolder(f.Mailbox, want) {
			return f.Mailbox
		}
	}
	for _, f := range list {
		if slices.Equal(levels(f.Mailbox, f.Delim), levels(want, 0)) {
			return f.Mailbox
		}
	}
	return ""
}

// levels are the names of a path below INBOX, lower case. delim 0 stands for any
// of the usual ones.
func levels(path string, delim rune) []string {
	parts := strings.FieldsFunc(strings.ToLower(path), func(r rune) bool {
		return r == delim || delim == 0 && (r == '/' || r == '.')
	})
	if len(parts) > 1 && parts[0] == "inbox" {
		parts = parts[1:]
	}
	return parts
}
