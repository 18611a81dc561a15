package web

import (
	"net/http"
	"strings"
	"testing"
)

// A file that its sender replaced is told on the page of the case and opens as before,
// there and for programs.
func TestAReplacedFileIsShownAndOpens(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		message, parts := e.suspicious()
		was := parts["pulito.txt"]
		for _, q := range []string{
			"INSERT INTO message_versions (message_id, version, subject, text, html, raw_id, at) SELECT id, version, subject, 'Le parole di prima.', '', raw_id, at FROM messages WHERE id = " + message,
			"UPDATE parts SET former = 1 WHERE id = " + formatID(was.ID),
			"UPDATE messages SET version = 2, parts = 2 WHERE id = " + message,
		} {
			if _, err := e.db.Write.NewRaw(q).Exec(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		path, _ := e.firstCase("giulia")
		b := e.as("giulia")
		page := b.get("/cases?case="+strings.TrimPrefix(path, "/cases/")).want(http.StatusOK, "con un altro file", "Le parole di prima.", "File di questa versione")
		list := page.Body[strings.Index(page.Body, "File di questa versione"):]
		if !strings.Contains(list, "pulito.txt") || strings.Count(page.Body, `aria-label="File di questa versione`) != 1 {
			t.Error("the former file is not with its version")
		}
		if got := e.verdicts(message); len(got) != 2 || got["pulito.txt"] != "" {
			t.Error("the message has the files of today:", got)
		}
		versions := e.call("giulia", "GET", "/messages/"+message+"/versions", nil).want(http.StatusOK).JSON.(map[string]any)["items"].([]any)
		files := versions[0].(map[string]any)["files"].([]any)
		if len(versions) != 1 || len(files) != 1 || files[0].(map[string]any)["id"] != formatID(was.ID) {
			t.Errorf("%v", versions)
		}
		e.call("giulia", "GET", "/files/"+formatID(was.ID), nil).want(http.StatusOK)
	})
}
