package pec

import "filodiretto/channels/mail/rfc822"

// Inside is the message in an envelope (postacert.eml) byte for byte, nil where
// there is none.
func Inside(raw []byte) []byte {
	msg := rfc822.Read(raw, rfc822.DefaultLimits)
	if s, _ := classify(&msg.Header); s != envelope {
		return nil
	}
	if l := peel(msg); l.inner != nil {
		return l.inner.Raw
	}
	return nil
}
