package mail

import (
	"bytes"

	"filodiretto/channels"
	"filodiretto/channels/mail/rfc822"
)

// cutMost is the largest file that is taken in when it is not held in memory.
const cutMost = 150 << 20

// cutIn is the cut that stands for the content of a part; nil for most.
func (p *parsing) cutIn(e *rfc822.Entity) *channels.Cut {
	if len(p.raw.Cuts) == 0 {
		return nil
	}
	content := string(bytes.TrimSpace(e.Body))
	for i := range p.raw.Cuts {
		if p.raw.Cuts[i].Mark == content {
			return &p.raw.Cuts[i]
		}
	}
	return nil
}

// attachCut keeps a part whose file is in the store already.
func (p *parsing) attachCut(e *rfc822.Entity, c *channels.Cut) {
	p.used++
	d := &partDraft{entity: e, part: channels.Part{
		Kind: channels.File, Claimed: claimed(e.Type.Main), ContentID: cleanID(e.ID()), Blob: c.Blob, Size: c.Size, Detected: detected(c.Head),
	}}
	d.place(e)
	if c.Size > cutMost {
		d.part.Blob, d.part.Detected, d.part.Problem = "", "", "too_large"
	}
	p.parts = append(p.parts, d)
}
