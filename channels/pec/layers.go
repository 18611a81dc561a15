package pec

import (
	"path"
	"strings"

	"filodiretto/channels/mail/rfc822"
)

// layers are the pieces of what a provider wrote: what it signed, its data,
// and the message inside. Each may be missing.
type layers struct {
	signed    *rfc822.Entity // the first part of multipart/signed, or the whole
	signature *rfc822.Entity // smime.p7s
	data      *rfc822.Entity // daticert.xml
	inner     *rfc822.Entity // the message in postacert.eml
	// rewrapped is what somebody put into another message on its way: it is
	// certified mail only if the signature inside holds.
	rewrapped bool
}

// peel finds the pieces where the provider puts them: as children of the
// signed part of the outermost message and no deeper, since a certified mail
// that was forwarded carries others of the same names (PEC reference section 3).
// A mailing list puts one layer more around it.
func peel(msg *rfc822.Message) layers {
	l := layers{signed: &msg.Entity}
	outer := &msg.Entity
	if list := wrapped(outer); list != nil {
		outer, l.rewrapped = list, true
	}
	if outer.Type.Main == "multipart/signed" && len(outer.Parts) > 0 {
		l.signed = outer.Parts[0]
		for _, e := range outer.Parts[1:] {
			if isSignature(e) {
				l.signature = e
				break
			}
		}
	}
	parts := l.signed.Parts
	if !strings.HasPrefix(l.signed.Type.Main, "multipart/") {
		parts = []*rfc822.Entity{l.signed}
	}
	for _, e := range parts {
		switch {
		case l.data == nil && nameOf(e) == "daticert.xml":
			l.data = e
		case l.inner == nil && e.Type.Main == "message/rfc822" && len(e.Parts) == 1 && e != &msg.Entity:
			l.inner = e.Parts[0]
		}
	}
	return l
}

// wrapped is what a provider signed inside a message of a mailing list, nil where
// there is none.
func wrapped(e *rfc822.Entity) *rfc822.Entity {
	if e.Type.Main != "multipart/mixed" {
		return nil
	}
	for _, part := range e.Parts {
		if part.Type.Main == "multipart/signed" && len(part.Parts) > 1 {
			return part
		}
	}
	return nil
}

func isSignature(e *rfc822.Entity) bool {
	switch e.Type.Main {
	case "application/pkcs7-signature", "application/x-pkcs7-signature":
		return true
	}
	return nameOf(e) == "smime.p7s"
}

// nameOf is the part's file name without a path, lower case.
func nameOf(e *rfc822.Entity) string {
	name := e.Disposition().Text("filename", "")
	if name == "" {
		name = e.Type.Text("name", "")
	}
	return strings.ToLower(path.Base(strings.ReplaceAll(strings.TrimSpace(name), `\`, "/")))
}
