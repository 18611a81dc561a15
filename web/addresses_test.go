package web

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestEveryAddressIsListed holds the list of addresses in web/page/doc.go
// against those that are served, both ways. The API has a list of its own,
// /api/v1/openapi.json.
func TestEveryAddressIsListed(t *testing.T) {
	s := bareServer()
	s.routes()
	var served []string
	for _, p := range s.mux.patterns {
		if p != "/" && !strings.Contains(p, " /api/") {
			served = append(served, p)
		}
	}
	doc, err := os.ReadFile("page/doc.go")
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for _, m := range regexp.MustCompile(`(?m)^//\t((?:GET|POST) /[^\s?]*)`).FindAllStringSubmatch(string(doc), -1) {
		listed = append(listed, strings.ReplaceAll(m[1], "{case}", "{year}/{seq}"))
	}
	slices.Sort(served)
	slices.Sort(listed)
	for _, p := range slices.Compact(served) {
		if !slices.Contains(listed, p) {
			t.Errorf("served, not in page/doc.go: %s", p)
		}
	}
	for i, p := range listed {
		if !slices.Contains(served, p) {
			t.Errorf("in page/doc.go, not served: %s", p)
		}
		if i > 0 && p == listed[i-1] {
			t.Errorf("twice in page/doc.go: %s", p)
		}
	}
}
