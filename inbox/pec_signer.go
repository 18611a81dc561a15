package inbox

import (
	"cmp"
	"slices"
	"strings"

	"filodiretto/internal/cms"
	"filodiretto/internal/person"
)

// SignerIs is how who signed a message or a file stands to who sent it. A signature
// that holds proves that its signer wrote, and nothing about whoever sent it.
type SignerIs string

// What the certificate says, held against the sender. Where it names no address, as
// those of most Italian signature cards, names are compared, which prove less.
const (
	SignerUnclear      SignerIs = ""              // there is too little to compare
	SignerIsSender     SignerIs = "sender"        // the certificate is for the sender's address, or has a name like the sender's
	SignerOtherAddress SignerIs = "other_address" // it is for other addresses alone
	SignerOtherName    SignerIs = "other_name"    // it is for no address, and for somebody of another name
)

// WhoSigned holds a signature against the sender of the message that brought it, as
// Message.Sender has it: "Anna Verdi <anna@pec.example>".
func WhoSigned(sender string, s cms.Signature) SignerIs {
	name, address := splitSender(sender)
	if len(s.Addresses) > 0 && address != "" {
		if slices.ContainsFunc(s.Addresses, func(a string) bool { return strings.EqualFold(a, address) }) {
			return SignerIsSender
		}
		return SignerOtherAddress
	}
	switch person.NameMatch(name, s.Signer) {
	case person.Same, person.Compatible:
		return SignerIsSender
	case person.Different:
		return SignerOtherName
	}
	return SignerUnclear
}

// splitSender takes a name and a mail address apart; either may be empty.
func splitSender(sender string) (name, address string) {
	name, address = "", sender
	if before, rest, found := strings.Cut(sender, "<"); found {
		name, address = strings.TrimSpace(before), strings.TrimRight(rest, "> ")
	}
	if !strings.Contains(address, "@") {
		return cmp.Or(name, strings.TrimSpace(address)), "" // the name that a platform gave
	}
	return name, address
}
