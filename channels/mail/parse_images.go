package mail

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"filodiretto/channels"
)

// images finds the part that a picture in the HTML means (mail rule 38).
type images struct {
	p          *parsing
	byID       map[string]*partDraft // Content-ID in lower case, Apple's url
	byLocation map[string]*partDraft
	nameless   []*partDraft // inline images without a Content-ID that are not taken yet
	seen       map[string]*partDraft
	fresh      int // Content-IDs given
	taken      int // pictures taken out of the HTML
}

func (p *parsing) imageIndex() *images {
	x := &images{p: p, byID: map[string]*partDraft{}, byLocation: map[string]*partDraft{}, seen: map[string]*partDraft{}}
	for _, d := range p.parts {
		for _, id := range []string{d.part.ContentID, d.apple, strings.TrimPrefix(d.location, "cid:")} {
			if id = strings.ToLower(id); id != "" && x.byID[id] == nil {
				x.byID[id] = d
			}
		}
		if d.location != "" && x.byLocation[d.location] == nil {
			x.byLocation[d.location] = d
		}
		if d.part.ContentID == "" && strings.HasPrefix(d.part.Claimed, "image/") {
			x.nameless = append(x.nameless, d)
		}
	}
	return x
}

// find gives the Content-ID of the part that src names; ok is false for
// pictures that are not in the message.
func (x *images) find(src string) (cid string, ok bool) {
	if len(src) > 5 && strings.EqualFold(src[:5], "data:") {
		return x.data(src)
	}
	d, known := x.seen[src]
	if !known {
		d = x.match(src)
		x.seen[src] = d
	}
	if d == nil {
		return "", false
	}
	if d.part.ContentID == "" {
		d.part.ContentID = x.freshID()
	}
	return d.part.ContentID, true
}

func (x *images) match(src string) *partDraft {
	if len(src) > 4 && strings.EqualFold(src[:4], "cid:") {
		id := strings.Trim(src[4:], "<> ")
		plain := cleanID(unescapeURL(id))
		for _, want := range []string{cleanID(id), plain} {
			if d := x.byID[strings.ToLower(want)]; d != nil {
				return d
			}
		}
		return x.byLooks(plain)
	}
	if d := x.byLocation[src]; d != nil {
		return d
	}
	return x.byLocation[unescapeURL(src)]
}

// byLooks finds an inline image without Content-ID, as Apple Mail sends them:
// by its file name in the id, or the next one that nothing else refers to.
func (x *images) byLooks(id string) *partDraft {
	next := -1
	for i, d := range x.nameless {
		if name := claimedName(d.entity); name != "" && strings.HasPrefix(strings.ToLower(id), strings.ToLower(name)) {
			next = i
			break
		}
		if next < 0 && d.apple == "" && d.entity.Disposition().Main == "inline" {
			next = i
		}
	}
	if next < 0 {
		return nil
	}
	d := x.nameless[next]
	x.nameless = slices.Delete(x.nameless, next, next+1)
	return d
}

// settle marks the parts that the HTML really shows; all others stay files.
func (x *images) settle(shown []string) {
	for _, d := range x.p.parts {
		if d.part.ContentID != "" && d.part.Kind == channels.File && slices.Contains(shown, d.part.ContentID) {
			d.part.Kind = channels.Inline
		}
	}
}

// maxDataImages bounds the pictures that are taken out of the HTML.
const maxDataImages = 100

// data takes a picture that is written into the HTML itself out of it, so that
// it is shown like any other.
func (x *images) data(src string) (cid string, ok bool) {
	head, body, found := strings.Cut(src, ",")
	kind, _, _ := strings.Cut(strings.ToLower(head[5:]), ";")
	if !found || !strings.HasPrefix(kind, "image/") || strings.HasPrefix(kind, "image/svg") ||
		!strings.HasSuffix(strings.ToLower(head), ";base64") {
		return "", false
	}
	raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(unescapeURL(body)), ""))
	if err != nil || len(raw) == 0 || x.taken >= maxDataImages || int64(len(raw)) > x.p.lim.Part {
		x.p.note("data_image_left_out")
		return "", false
	}
	x.taken++
	d := &partDraft{part: channels.Part{
		Kind: channels.File, Claimed: kind, Detected: detected(raw),
		ContentID: x.freshID(), Body: raw, Size: int64(len(raw)),
	}}
	x.p.parts = append(x.p.parts, d)
	return d.part.ContentID, true
}

// freshID is a Content-ID for a part that came without one.
func (x *images) freshID() string {
	x.fresh++
	return "part-" + strconv.Itoa(x.fresh) + "@filodiretto.invalid"
}

func unescapeURL(s string) string {
	if u, err := url.PathUnescape(s); err == nil {
		return u
	}
	return s
}
