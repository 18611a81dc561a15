package mail

import (
	"encoding/base64"
	"net/url"
	"strconv"
	"strings"

	"filodiretto/channels"
)

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
	n := 0
	for _, d := range x.p.parts {
		if d.entity == nil {
			n++
		}
	}
	raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(unescapeURL(body)), ""))
	if err != nil || len(raw) == 0 || n >= maxDataImages || int64(len(raw)) > x.p.lim.Part {
		x.p.note("data_image_left_out")
		return "", false
	}
	d := &partDraft{part: channels.Part{Kind: channels.File, Claimed: kind, Detected: detected(raw),
		ContentID: x.freshID(), Body: raw, Size: int64(len(raw))}}
	x.p.parts = append(x.p.parts, d)
	return d.part.ContentID, true
}

// freshID is a Content-ID for a part that came without one.
func (x *images) freshID() string {
	n := 1
	for _, d := range x.p.parts {
		if strings.HasSuffix(d.part.ContentID, "@filodiretto.invalid") {
			n++
		}
	}
	return "part-" + strconv.Itoa(n) + "@filodiretto.invalid"
}

func unescapeURL(s string) string {
	if u, err := url.PathUnescape(s); err == nil {
		return u
	}
	return s
}
