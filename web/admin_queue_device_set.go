package web

import (
	"encoding/json"
	"net"
	"net/http"
	"slices"
	"strconv"
	"unicode/utf8"

	"filodiretto/internal/clock"
	"filodiretto/queue"
	"filodiretto/queue/escpos"
	"filodiretto/web/page"
)

// Bounds of what is set for a device.
const (
	mostNotices   = 3
	mostTitle     = 60  // characters
	mostNotice    = 160 // two lines on the wall
	printerPort   = "9100"
	loudestVolume = 100
)

// setFields are the inputs for what a device of this kind may be told.
func setFields(c *caller, h *queue.House, kind string, set deviceSettings) []page.QueueField {
	langs := page.QueueField{Name: "langs", Text: "device_langs", Kind: page.FieldChecks}
	for _, l := range langsOf(h) {
		langs.Choices = append(langs.Choices, page.Choice{Value: string(l), Label: c.say.Text("queue_say.lang_" + string(l)), Chosen: slices.Contains(set.langs(h), l)})
	}
	switch kind {
	case "kiosk":
		way := page.QueueField{Name: "paper", Text: "device_paper", Kind: page.FieldSelect}
		for _, k := range []string{"none", "server", "browser"} {
			way.Choices = append(way.Choices, page.Choice{Value: k, Label: c.say.Text("queue_say.paper_" + k), Chosen: k == printerKind(set)})
		}
		addr := page.QueueField{Name: "printer", Text: "device_printer", Kind: page.FieldText, Optional: true}
		if printerKind(set) == "server" {
			addr.Value = set.Printer
		}
		return []page.QueueField{way, addr, {Name: "narrow", Text: "device_narrow", Kind: page.FieldCheck, Chosen: set.Narrow}, {Name: "reader", Text: "device_reader", Kind: page.FieldCheck, Chosen: set.Reader}, {Name: "camera", Text: "device_camera", Kind: page.FieldCheck, Chosen: set.Camera}, langs}
	case "display":
		notices := page.QueueField{Name: "notices", Text: "device_notices", Kind: page.FieldGrid, Columns: []string{"notice_title", "notice_text"}}
		for i := range mostNotices {
			var n page.DisplayNotice
			if i < len(set.Notices) {
				n = set.Notices[i]
			}
			notices.Rows = append(notices.Rows, page.QueueFieldRow{Label: strconv.Itoa(i + 1), Cells: []page.QueueField{
				{Name: "title" + strconv.Itoa(i), Kind: page.FieldText, Value: n.Title}, {Name: "text" + strconv.Itoa(i), Kind: page.FieldText, Value: n.Text},
			}})
		}
		return []page.QueueField{
			{Name: "speaks", Text: "device_speaks", Kind: page.FieldCheck, Chosen: !set.Silent},
			{Name: "volume", Text: "device_volume", Kind: page.FieldNumber, Value: strconv.Itoa(set.loud())},
			langs, notices,
		}
	}
	return nil
}

// deviceSet reads the inputs of setFields.
func (in *queueInput) deviceSet(kind string, set deviceSettings) deviceSettings {
	switch kind {
	case "kiosk":
		set.Narrow, set.Reader, set.Camera = in.yes("narrow"), in.yes("reader"), in.yes("camera")
		switch in.text("paper") {
		case "browser":
			set.Printer = "browser"
		case "server":
			set.Printer = in.address("printer")
		default:
			set.Printer = ""
		}
	case "display":
		set.Silent, set.Volume = !in.yes("speaks"), in.whole("volume", 1, loudestVolume)
		set.Notices = nil
		for i := range mostNotices {
			n := page.DisplayNotice{Title: in.text("title" + strconv.Itoa(i)), Text: in.text("text" + strconv.Itoa(i))}
			if utf8.RuneCountInString(n.Title) > mostTitle || utf8.RuneCountInString(n.Text) > mostNotice {
				in.fault("notices", "queue_notice_long")
			}
			if n.Title != "" || n.Text != "" {
				set.Notices = append(set.Notices, n)
			}
		}
	default:
		return set
	}
	set.Langs = nil
	for _, l := range page.RoomLangs {
		if slices.Contains(in.r.PostForm["langs"], string(l)) {
			set.Langs = append(set.Langs, l)
		}
	}
	return set
}

// address reads the address of a receipt printer; without a port it is 9100, where
// they listen.
func (in *queueInput) address(name string) string {
	typed := in.text(name)
	host, port, err := net.SplitHostPort(typed)
	if err != nil {
		host, port = typed, printerPort
	}
	n, err := strconv.Atoi(port)
	if err != nil || n < 1 || n > 65535 || host == "" || (net.ParseIP(host) == nil && !hostName(host)) {
		in.fault(name, "queue_printer")
	}
	return net.JoinHostPort(host, port)
}

// hostName reports whether a name can be one of a machine.
func hostName(s string) bool {
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '.' && r != '-' {
			return false
		}
	}
	return len(s) <= 253
}

// langs are the languages of a device: those chosen for it, else those of its site.
func (set deviceSettings) langs(h *queue.House) []page.Lang {
	var out []page.Lang
	for _, l := range langsOf(h) {
		if len(set.Langs) == 0 || slices.Contains(set.Langs, l) {
			out = append(out, l)
		}
	}
	if out == nil {
		return langsOf(h)
	}
	return out
}

// loud is how loud a display speaks, 1 to 100; nothing set means as loud as it can.
func (set deviceSettings) loud() int {
	if set.Volume == 0 {
		return loudestVolume
	}
	return set.Volume
}

func (set deviceSettings) json() (string, error) {
	b, err := json.Marshal(set)
	return string(b), err
}

// testPrint prints a slip that says that it is a trial, and tells what became of it.
func (s *Server) testPrint(w http.ResponseWriter, r *http.Request, c *caller, h *queue.House) error {
	d, err := s.findDevice(r, c, h, pathID(r, "id"))
	if err != nil {
		return err
	}
	set := deviceSet(d)
	columns := escpos.Wide
	if set.Narrow {
		columns = escpos.Narrow
	}
	code := escpos.Off
	if printerKind(set) == "server" {
		slip := escpos.Slip{
			Town: s.Config.Municipality.Name, Site: h.Site.Name, Label: "A 0", Service: c.say.Text("queue_say.test_print"),
			Taken: s.render.Say(page.Lang(c.lang)).Taken(s.clock.Now()), Lines: []string{"àèéìòù € 58/80 mm"},
		}
		code = escpos.CodeOf(escpos.Printer{Addr: set.Printer}.Print(r.Context(), escpos.Encode(slip, columns)))
		if err := s.Queue.Seen(r.Context(), &queue.Device{ID: d.ID, SiteID: d.SiteID, Problem: d.Problem, SeenAt: clock.Instant(d.SeenAt)}, code); err != nil {
			return err
		}
	}
	if code == "" {
		s.flash(r, page.LevelOK, "queue_printed")
	} else {
		s.flash(r, page.LevelSoon, "queue_not_printed", "why", c.say.Either("queue_say.problem_", code, code))
	}
	http.Redirect(w, r, partURL(h, "devices", d.ID), http.StatusSeeOther)
	return nil
}
