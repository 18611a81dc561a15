package mail

import (
	"path"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"filodiretto/channels/mail/rfc822"
)

// maxName bounds a file name, in bytes with its extension.
const maxName = 120

// claimedName is the name that the sender gave: filename of the disposition,
// then name of the type, each in its best form (mail rule 37).
func claimedName(e *rfc822.Entity) string {
	if s := e.Disposition().Text("filename", e.Header.Charset); s != "" {
		return s
	}
	return e.Type.Text("name", e.Header.Charset)
}

// partName finds a safe name: claimed, Content-Location, subject of a nested
// message, Content-ID, or one made of the type. n is the part's number.
func partName(d *partDraft, n int) string {
	if s := safeName(d.name); s != "" {
		return withExtension(s, d)
	}
	if d.entity != nil {
		if s := safeName(claimedName(d.entity)); s != "" {
			return withExtension(s, d)
		}
	}
	if loc := d.location; loc != "" && !strings.HasPrefix(loc, "cid:") {
		loc, _, _ = strings.Cut(loc, "?")
		if s := safeName(path.Base(unescapeURL(loc))); s != "" && strings.Contains(s, ".") {
			return s
		}
	}
	if d.entity != nil && len(d.entity.Parts) > 0 {
		if s := safeName(strings.NewReplacer("/", "-", "\\", "-", ":", "").Replace(d.entity.Parts[0].Header.Text("Subject"))); s != "" {
			return shorten(s, ".eml")
		}
	}
	if id, _, _ := strings.Cut(d.part.ContentID, "@"); strings.Contains(id, ".") {
		if s := safeName(id); s != "" {
			return s
		}
	}
	return "allegato-" + strconv.Itoa(n) + extension(d)
}

// withExtension gives a name without extension the one of its type.
func withExtension(name string, d *partDraft) string {
	if strings.Contains(name, ".") {
		return name
	}
	return shorten(name, extension(d))
}

// extensions are those that people expect; the system's tables differ from
// machine to machine, and parsing must not.
var extensions = map[string]string{
	"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "image/webp": ".webp",
	"image/heic": ".heic", "image/tiff": ".tif", "image/bmp": ".bmp", "text/plain": ".txt", "text/html": ".html",
	"text/calendar": ".ics", "text/vcard": ".vcf", "text/x-vcard": ".vcf", "text/csv": ".csv", "text/xml": ".xml",
	"application/xml": ".xml", "application/zip": ".zip", "application/msword": ".doc",
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":       ".xlsx",
	"application/vnd.oasis.opendocument.text":                                 ".odt",
	"message/rfc822": ".eml", "message/global": ".eml", "text/rfc822-headers": ".eml", "message/feedback-report": ".txt",
	"message/delivery-status": ".txt", "message/disposition-notification": ".txt",
	"application/pkcs7-signature": ".p7s", "application/x-pkcs7-signature": ".p7s",
	"application/pkcs7-mime": ".p7m", "application/x-pkcs7-mime": ".p7m",
	"application/pgp-signature": ".asc", "application/ms-tnef": ".dat",
	"audio/mpeg": ".mp3", "audio/ogg": ".ogg", "audio/mp4": ".m4a", "video/mp4": ".mp4", "video/quicktime": ".mov",
}

func extension(d *partDraft) string {
	if e, ok := extensions[d.part.Claimed]; ok {
		return e
	}
	if e, ok := extensions[d.part.Detected]; ok {
		return e
	}
	return ".bin"
}

// safeName makes a name fit to be shown and saved anywhere: no path, no
// control or direction characters, none of Windows' reserved names or signs.
func safeName(s string) string {
	s = rfc822.CleanLine(s)
	if i := strings.LastIndexAny(s, `/\`); i >= 0 {
		s = s[i+1:]
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune(`<>:"|?*`, r):
			return '_'
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == utf8.RuneError:
			return -1
		default:
			return r
		}
	}, s)
	s = strings.Trim(strings.Join(strings.Fields(s), " "), " .")
	if s == "" || s == "_" {
		return ""
	}
	if reserved(s) {
		s = "_" + s
	}
	ext := path.Ext(s)
	if len(ext) > 12 {
		ext = ""
	}
	return shorten(strings.TrimSuffix(s, ext), ext)
}

// reserved are the names that Windows keeps for devices, with any extension.
func reserved(s string) bool {
	base, _, _ := strings.Cut(strings.ToUpper(s), ".")
	switch base = strings.TrimSpace(base); base {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	}
	if len(base) < 4 || !strings.HasPrefix(base, "COM") && !strings.HasPrefix(base, "LPT") {
		return false
	}
	return strings.Contains("0 1 2 3 4 5 6 7 8 9 ¹ ² ³", base[3:]) && base[3] != ' '
}

// shorten joins base and extension within maxName, cutting the base.
func shorten(base, ext string) string {
	if over := len(base) + len(ext) - maxName; over > 0 {
		base = strings.ToValidUTF8(base[:max(1, len(base)-over)], "")
	}
	return strings.TrimRight(base, " .") + ext
}

// uniqueName appends " (2)" and so on to a name that was used before; case
// does not tell names apart.
func uniqueName(name string, used map[string]bool) string {
	ext := path.Ext(name)
	base := strings.TrimSuffix(name, ext)
	for n := 2; used[strings.ToLower(name)]; n++ {
		name = base + " (" + strconv.Itoa(n) + ")" + ext
	}
	used[strings.ToLower(name)] = true
	return name
}
