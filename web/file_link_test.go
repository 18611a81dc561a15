package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"filodiretto/inbox"
)

// dangerous is a letter with files that a browser would run if it opened them.
func (e *siteTown) dangerous() (k *inbox.Case, parts []*inbox.Part) {
	e.t.Helper()
	body := "--b\r\n\r\nIn allegato.\r\n"
	for name, kind := range map[string]string{"a.html": "text/html", "b.svg": "image/svg+xml", "c.xml": "application/xml"} {
		body += "--b\r\nContent-Type: " + kind + "; name=" + name + "\r\nContent-Disposition: attachment; filename=" + name + "\r\n\r\n<script xmlns=\"http://www.w3.org/1999/xhtml\">alert(1)</script>\r\n"
	}
	e.letter(e.mail, "Lucia <lucia@posta.example>", "Allegati", body+"--b--", "Content-Type: multipart/mixed; boundary=b")
	k = e.theCase(e.ref(e.people["giulia"]))
	_, parts, err := e.inbox.MessageWithParts(e.t.Context(), e.people["giulia"], k.LastInID)
	if err != nil || len(parts) != 3 {
		e.t.Fatal(err, len(parts))
	}
	return k, parts
}

// Rule 47: whatever a file claims to be, it is a download; its address cannot be
// guessed, holds for one session and ends; and the rights are asked each time.
func TestRule47AddressesOfFiles(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		_, parts := e.dangerous()
		giulia, sara, elena := e.as("giulia"), e.as("sara"), e.as("elena")
		for _, p := range parts {
			plain := filePath(p.ID, p.Name)
			link := giulia.get(plain).want(http.StatusSeeOther).Header.Get("Location")
			a := giulia.get(link).want(http.StatusOK, "alert(1)")
			if h := a.Header; h.Get("Content-Type") != "application/octet-stream" || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment") || h.Get("X-Content-Type-Options") != "nosniff" ||
				h.Get("Content-Security-Policy") != "default-src 'none'; sandbox" || h.Get("Cross-Origin-Resource-Policy") != "same-origin" {
				t.Errorf("%s: %v", p.Name, h)
			}
			if len(link) < len(plain)+60 {
				t.Errorf("an address to be guessed: %s", link)
			}
			own := sara.get(link).want(http.StatusSeeOther).Header.Get("Location")
			if own == link {
				t.Error("two sessions share an address")
			}
			sara.get(own).want(http.StatusOK)
			elena.get(link).want(http.StatusNotFound) // another office: neither the file nor an address
			elena.get(plain).want(http.StatusNotFound)
			if to := e.stranger().get(link).want(http.StatusSeeOther).Header.Get("Location"); !strings.HasPrefix(to, "/login") {
				t.Errorf("a stranger is led to %s", to)
			}
			for _, wrong := range []string{link[:len(link)-1] + string(link[len(link)-1]^1), strings.Replace(link, formatID(p.ID), formatID(parts[0].ID+parts[1].ID), 1), plain + "?t=", plain + "?t=AAAA"} {
				if a := giulia.get(wrong); a.Code == http.StatusOK {
					t.Errorf("%s was answered", wrong)
				}
			}
		}
		plain := filePath(parts[0].ID, parts[0].Name)
		old := giulia.get(plain).want(http.StatusSeeOther).Header.Get("Location")
		e.manual.Advance(2 * time.Hour)
		fresh := giulia.get(old).want(http.StatusSeeOther).Header.Get("Location")
		if fresh == old {
			t.Error("an address held for two hours and goes on")
		}
		giulia.get(fresh).want(http.StatusOK)
		giulia.get("/pictures/" + formatID(parts[0].ID)).want(http.StatusSeeOther)
	})
}

// Rule 47: files may come from an origin of their own, where no cookie is and
// nothing else answers.
func TestRule47OriginOfItsOwn(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		_, parts := e.dangerous()
		cfg := *e.deps.Config
		cfg.Server.FilesURL, cfg.Municipality.PublicURL = "https://file.pontelieto.example", "https://filo.pontelieto.example"
		e.deps.Config = &cfg
		site, err := New(e.deps)
		if err != nil {
			t.Fatal(err)
		}
		e.site = site
		e.serve()
		apart := func(address string) *httptest.ResponseRecorder {
			t.Helper()
			u, err := url.Parse(address)
			if err != nil {
				t.Fatal(err)
			}
			r := httptest.NewRequestWithContext(t.Context(), "GET", u.RequestURI(), nil)
			r.Host = "file.pontelieto.example"
			w := httptest.NewRecorder()
			site.ServeHTTP(w, r)
			return w
		}
		giulia := e.as("giulia")
		plain := filePath(parts[0].ID, parts[0].Name)
		link := giulia.get(plain).want(http.StatusSeeOther).Header.Get("Location")
		if !strings.HasPrefix(link, "https://file.pontelieto.example/files/") {
			t.Fatalf("led to %s", link)
		}
		if w := apart(link); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "alert(1)") || w.Header().Get("Cross-Origin-Resource-Policy") != "cross-origin" || len(w.Header().Values("Set-Cookie")) != 0 {
			t.Errorf("%d %v", w.Code, w.Header())
		}
		for _, path := range []string{"/cases", "/login", "/", "/api/v1/cases", "/p/case"} {
			if w := apart("https://file.pontelieto.example" + path); w.Code != http.StatusNotFound {
				t.Errorf("%s on the host of files: %d", path, w.Code)
			}
		}
		if w := apart(plain); w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "https://filo.pontelieto.example/files/") {
			t.Errorf("without a code: %d %v", w.Code, w.Header())
		}
		if csp := giulia.get("/cases").Header.Get("Content-Security-Policy"); !strings.Contains(csp, "img-src 'self' https://file.pontelieto.example ") {
			t.Errorf("the pages' policy: %s", csp)
		}
		giulia.post("/logout").want(http.StatusSeeOther)
		if w := apart(link); w.Code != http.StatusSeeOther {
			t.Errorf("after the session's end: %d", w.Code)
		}
	})
}

// Rule 37: what a file really is stands beside what it claims to be.
func TestRule37WhatAFileReallyIs(t *testing.T) {
	const docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	for _, x := range []struct {
		claimed, detected string
		want              bool
	}{
		{"application/pdf", "application/pdf", false},
		{"application/pdf", "application/vnd.microsoft.portable-executable", true},
		{"image/jpeg", "image/png", true},
		{"application/zip", docx, false},
		{docx, "application/zip", false},
		{"application/octet-stream", "application/pdf", false},
		{"application/pdf", "application/octet-stream", false},
		{"text/csv", "text/plain", false},
		{"image/jpg", "image/jpeg", false},
		{"application/pdf", "text/html", true},
		{"", "image/png", false},
	} {
		if got := misnamed(x.claimed, x.detected); got != x.want {
			t.Errorf("%q that is %q: %v", x.claimed, x.detected, got)
		}
	}
}
