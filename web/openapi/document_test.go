package openapi

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files")

// TestDocument compares a small document with its golden file.
func TestDocument(t *testing.T) {
	d := &Document{
		Title: "Prova", Version: "1", Doc: "Una prova.", Server: "/api", Problem: Named("Problem", "What is wrong.", Object(Req("status", Int(), ""))),
		Tags: [][2]string{{"things", "All things."}}, Scopes: map[string]string{"read": "read", "write": "change"},
		FaultDocs: map[int]string{404: "Not there."},
		Operations: []Operation{
			{
				Method: "GET", Path: "/things/{id}", ID: "getThing", Tag: "things", Summary: "One thing", Scope: "read", OK: 200, Out: thing, Faults: []int{404},
				Params: []Param{{Name: "id", In: "path", Schema: ID()}, {Name: "q", In: "query", Schema: Text(3), Doc: "Words.", Required: true}},
			},
			{Method: "POST", Path: "/things", ID: "addThing", Tag: "things", Summary: "Add a thing", Doc: "Or two.", Scope: "write", OK: 201, Body: nested, Out: thing},
			{Method: "PUT", Path: "/file", ID: "putFile", Tag: "things", Summary: "A file", OK: 204, Body: Bytes(), BodyType: "application/octet-stream", OutDoc: "Kept."},
		},
	}
	raw, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := json.Indent(&got, raw, "", " "); err != nil {
		t.Fatal(err)
	}
	got.WriteByte('\n')
	const golden = "testdata/document.json"
	if *update {
		if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("the document differs from %s:\n%s", golden, got.Bytes())
	}
}
