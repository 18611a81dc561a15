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
}

// peel finds the pieces where the provider puts them: as children of the
// signed part of the outermost message and no deeper, since a certified mail
// that was forwarded carries others of the same names (PEC reference section 3).
func peel(msg *rfc822.Message) layers {
	l := layers{signed: &msg.Entity}
	if msg.Type.Main == "multipart/signed" && len(msg.Parts) > 0 {
		l.signed = msg.Parts[0]
		for _, e := range msg.Parts[1:] {
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
