package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"filodiretto/channels"
	"filodiretto/channels/mail"
	"filodiretto/inbox"
)

// fileMail is a mail with an attachment, an inline picture and HTML.
func fileMail() (headers []string, body string) {
	return []string{`Content-Type: multipart/mixed; boundary="x"`}, strings.Join([]string{
		"--x", `Content-Type: text/html; charset=utf-8`, "", `<p>Vedi <b>allegato</b> <img src="cid:pic@x"><img src="https://spia.example/a.png" width="20" height="20"></p><script>alert(1)</script>`,
		"--x", `Content-Type: image/png; name="punto.png"`, "Content-ID: <pic@x>", "Content-Disposition: inline; filename=\"punto.png\"", "Content-Transfer-Encoding: base64", "", onePixel,
		"--x", `Content-Type: text/html; name="à pagina.html"`, `Content-Disposition: attachment; filename*=UTF-8''%C3%A0%20pagina.html`, "", "<script>alert(2)</script>",
		"--x--",
	}, "\r\n")
}

const onePixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="

// things are the ids of one case of a reserved office with all that hangs on it.
type things struct {
	ref      string
	k        *inbox.Case
	message  int64
	parts    []*inbox.Part
	delivery int64
	held     int64
	remark   int64 // on the sender, who was called false
}

// reserved makes a case of the reserved office, with a file, an answer and
// something in quarantine.
func (e *siteTown) reserved() things {
	e.t.Helper()
	h, body := fileMail()
	e.letter(e.social, "Piera Neri <piera@posta.example>", "Assegno di cura", body, h...)
	e.arrive(e.social, channels.Raw{ContentType: mail.TypeMessage, Body: []byte("From: x <x@y.example>\r\nTo: <urp@comune.pontelieto.example>\r\nSubject: [spam] soldi\r\nX-Spam-Flag: YES\r\nAuto-Submitted: auto-replied\r\nMessage-ID: <held@x.example>\r\n\r\nciao\r\n")})
	rita := e.people["rita"]
	t := things{ref: e.ref(rita)}
	t.k = e.theCase(t.ref)
	m, parts, err := e.inbox.MessageWithParts(e.t.Context(), rita, t.k.LastInID)
	if err != nil {
		e.t.Fatal(err)
	}
	t.message, t.parts = m.ID, parts
	if _, err := e.db.Write.NewRaw("INSERT INTO lookalikes (id, message_id, case_id, identity_id, kind, about_id, likes, alarm, at, decision, decided_by, decided_at) VALUES (?, ?, ?, ?, 'office', 1, 'URP', ?, 1, 'false', ?, 1)",
		m.ID, m.ID, t.k.ID, m.IdentityID, true, rita.OperatorID).Exec(e.t.Context()); err != nil {
		e.t.Fatal(err)
	}
	t.remark = m.ID
	o, err := e.inbox.Options(e.t.Context(), rita, t.k.ID)
	if err != nil || o.Default < 0 {
		e.t.Fatalf("no way to answer: %v", err)
	}
	opt := o.List[o.Default]
	rep, err := e.inbox.Reply(e.t.Context(), rita, inbox.ReplyCommand{
		CaseID: t.k.ID, SeenInID: o.SeenInID, AccountID: opt.Account.ID,
		To: []inbox.Recipient{{IdentityID: opt.Identity.ID}}, Text: "Risposta riservata",
	})
	if err != nil {
		e.t.Fatal(err)
	}
	t.delivery = rep.Deliveries[0].ID
	if held, _, err := e.inbox.QuarantinePage(e.t.Context(), rita, inbox.HeldFilter{}, "", 1); err != nil {
		e.t.Fatal(err)
	} else if len(held) > 0 {
		t.held = held[0].ID
	}
	return t
}

// TestNoOtherOfficesDataByGuessing: whoever guesses a number of a reserved
// office's case learns nothing and changes nothing, on any path with an id.
func TestNoOtherOfficesDataByGuessing(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		x := e.reserved()
		e.letter(e.mail, "Lucia <lucia@posta.example>", "Altro", "Mio")
		mine := e.ref(e.people["giulia"])
		base := "/cases/" + x.ref
		gets := []string{base, base + "/live", base + "/composer?compose=reply", fmt.Sprintf("/messages/%d/html", x.message), fmt.Sprintf("/messages/%d/raw", x.message), eraseURL(x.message), "/texts?case=" + x.ref}
		for _, p := range x.parts {
			gets = append(gets, fmt.Sprintf("/files/%d/%s", p.ID, url.PathEscape(p.Name)))
		}
		posts := []string{
			base + "/assign", base + "/office", base + "/accept", base + "/withdraw", base + "/kind", base + "/snooze", base + "/wake", base + "/close", base + "/reopen", base + "/merge",
			base + "/unmerge", base + "/reply", base + "/note", base + "/draft", base + "/files", base + "/files/1/remove", base + "/presence", base + "/take", base + "/leave",
			base + "/dealt", fmt.Sprintf("%s/deliveries/%d/arrived", base, x.delivery), fmt.Sprintf("/cases/%s/deliveries/%d/arrived", mine, x.delivery),
			fmt.Sprintf("%s/deliveries/%d/retry", base, x.delivery), fmt.Sprintf("%s/send/%d/undo", base, x.message), fmt.Sprintf("%s/send/%d/hold", base, x.message), fmt.Sprintf("%s/send/%d/go", base, x.message),
			base + "/suggestions/1", fmt.Sprintf("%s/lookalikes/%d", base, x.remark), fmt.Sprintf("%s/lookalikes/%d/undo", base, x.remark),
			fmt.Sprintf("/cases/%s/lookalikes/%d/undo", mine, x.remark), fmt.Sprintf("/messages/%d/read-again", x.message), eraseURL(x.message), fmt.Sprintf("/cases/%s/deliveries/%d/retry", mine, x.delivery),
		}
		if x.held == 0 {
			t.Fatal("nothing is held: the test looks at too little")
		}
		for _, p := range []string{"", "/html", "/raw"} {
			gets = append(gets, fmt.Sprintf("/quarantine/%d%s", x.held, p))
		}
		for _, p := range []string{"/release", "/reject", "/parse", "/wait"} {
			posts = append(posts, fmt.Sprintf("/quarantine/%d%s", x.held, p))
		}
		said := func() int64 {
			n, err := e.db.Read.NewSelect().Model((*inbox.Lookalike)(nil)).Where("l.id = ? AND l.decision = 'false'", x.remark).Count(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		before := e.theCase(x.ref).Version
		for _, who := range []string{"giulia", "elena", "admin"} {
			b := e.as(who)
			for _, p := range gets {
				b.get(p).want(http.StatusNotFound).without("Piera", "Assegno di cura", "riservata")
			}
			for _, p := range posts {
				b.post(p, "answer", "yes", "operator", "0", "office", formatID(e.offices["urp"]), "reason", "x", "kind", "report", "until", "later", "outcome", "answered",
					"text", "x", "into", mine, "compose", "reply", "doing", "looking", "case", mine).want(http.StatusNotFound).without("Piera", "Assegno di cura")
			}
			b.get("/cases/row?view=office&number=" + x.ref).want(http.StatusNoContent)
			b.get("/cases?case="+x.ref).want(http.StatusOK).without("Piera", "Assegno di cura")
			if who != "admin" {
				b.get("/search?q="+url.QueryEscape("assegno cura")).want(http.StatusOK).without("Assegno di cura", x.ref)
				b.get("/search?q=" + x.ref).want(http.StatusOK).without("Assegno di cura")
				b.get("/quarantine").want(http.StatusOK).without("soldi")
			}
		}
		if said() != 1 {
			t.Error("somebody who may not see the case took back what was said of its sender")
		}
		if after := e.theCase(x.ref); after.Version != before {
			t.Errorf("the case was changed by somebody who may not see it: %+v", after)
		}
		e.as("rita").get("/cases?case="+x.ref).want(http.StatusOK, "Piera Neri", "Assegno di cura", "Risposta riservata")
	})
}

// TestFrontDeskReadsAndNotes: the front desk sees the cases of other offices,
// leaves notes on them and decides nothing.
func TestFrontDeskReadsAndNotes(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		e.letter(e.trib, "Lucia <lucia@posta.example>", "TARI doppia", "Ho pagato due volte")
		ref := e.ref(e.people["elena"])
		base := "/cases/" + ref
		b := e.as("giulia")
		p := b.get("/cases?case="+ref).want(http.StatusOK, "TARI doppia", "Ho pagato due volte", `action="`+base+`/note"`, "Risponde Ufficio tributi")
		p.without(base+"/close", base+"/assign", `action="`+base+`/reply"`, "compose=reply")
		b.send(base+"/note", "compose", "note", "text", "ha telefonato allo sportello").want(http.StatusOK)
		for _, x := range [][]string{
			{"/assign", "operator", "0"},
			{"/office", "office", formatID(e.offices["urp"]), "reason", "x"},
			{"/kind", "kind", "report"},
			{"/snooze", "until", "later"},
			{"/close", "outcome", "answered"},
			{"/reply", "channel", "1:1", "text", "x"},
			{"/merge", "into", ref},
		} {
			if a := b.post(base+x[0], x[1:]...); a.Code != http.StatusForbidden && !(x[0] == "/merge" && a.Code == http.StatusSeeOther) {
				t.Errorf("%s: %d, want 403", a.What, a.Code)
			} else if a.Code == http.StatusForbidden && !strings.Contains(a.Body, "Non ti è permesso") {
				t.Errorf("%s: a refusal in words: %.300s", a.What, text(a.Body))
			}
		}
		e.as("elena").get("/cases?case="+ref).want(http.StatusOK, "ha telefonato allo sportello", base+"/close")
		if k := e.theCase(ref); k.Status != inbox.Open || k.OfficeID != e.offices["tributi"] || k.AssigneeID != 0 {
			t.Errorf("the front desk changed another office's case: %+v", k)
		}
	})
}

// TestAdministratorSeesNoContents: who only administers reads no case, no person
// and no quarantine, and who does not may not administer.
func TestAdministratorSeesNoContents(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		e.letter(e.mail, "Lucia Ferrante <lucia@posta.example>", "Ponteggio", "Segreto")
		ref := e.ref(e.people["giulia"])
		k := e.theCase(ref)
		a := e.as("admin")
		a.get("/cases?view=office").want(http.StatusOK).without("Lucia", "Ponteggio")
		a.get("/cases?case="+ref).want(http.StatusOK).without("Lucia", "Segreto")
		for _, p := range []string{"/people", "/quarantine", "/search?q=ponteggio", "/reception"} {
			a.get(p).want(http.StatusForbidden).without("Lucia")
		}
		a.get(fmt.Sprintf("/people/%d", k.CitizenID)).want(http.StatusNotFound).without("Lucia")
		a.post(fmt.Sprintf("/people/%d/notes", k.CitizenID), "text", "x").want(http.StatusNotFound)
		a.post(fmt.Sprintf("/people/%d", k.CitizenID), "name", "Altra").want(http.StatusNotFound)
		e.as("elena").get("/reception").want(http.StatusForbidden)
		e.as("elena").post("/reception", "how", "visit", "text", "x").want(http.StatusForbidden)
	})
}

// TestIdentitiesOfOthersByGuessing: an identity or a merge is only touched
// through the person that it is of.
func TestIdentitiesOfOthersByGuessing(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		e.letter(e.mail, "Lucia <lucia@posta.example>", "Uno", "a")
		lucia := e.theCase(e.ref(e.people["giulia"])).CitizenID
		e.manual.Advance(1e9)
		e.letter(e.mail, "Piero <piero@posta.example>", "Due", "b")
		piero := e.theCase(e.ref(e.people["giulia"])).CitizenID
		p, err := e.inbox.Person(t.Context(), e.people["giulia"], piero)
		if err != nil {
			t.Fatal(err)
		}
		b := e.as("giulia")
		b.post(fmt.Sprintf("/people/%d/identities/%d/end", lucia, p.Identities[0].ID)).want(http.StatusNotFound)
		b.post(fmt.Sprintf("/people/%d/identities/%d/proof", lucia, p.Identities[0].ID), "proof", "certain").want(http.StatusNotFound)
		m, err := e.inbox.Merge(t.Context(), e.people["giulia"], lucia, piero, "prova")
		if err != nil {
			t.Fatal(err)
		}
		b.post(fmt.Sprintf("/people/999/merges/%d/undo", m.ID)).want(http.StatusNotFound)
		b.post(fmt.Sprintf("/people/%d/merges/%d/undo", piero, m.ID)).to("/people/")
		if q, err := e.inbox.Person(t.Context(), e.people["giulia"], piero); err != nil || q.ID != piero {
			t.Errorf("the merge was not undone: %v %v", q, err)
		}
	})
}
