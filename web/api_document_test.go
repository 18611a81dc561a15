package web

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"filodiretto/internal/clock"
	"filodiretto/internal/config"
	"filodiretto/internal/db"
	"filodiretto/web/openapi"
)

// bareServer has addresses, and nothing behind them.
func bareServer() *Server {
	s := &Server{Deps: Deps{Config: config.Default()}, clock: clock.System{}, mux: newMux()}
	s.DB = &db.DB{Clock: s.clock}
	return s
}

// bareAPI is the API's routes alone, over nothing.
func bareAPI(t *testing.T) (*Server, *api) {
	t.Helper()
	s := bareServer()
	s.apiRoutes()
	return s, &api{Server: s}
}

// documentOps reads the document that is served and gives its operations as
// "GET /path".
func documentOps(t *testing.T, s *Server) (doc map[string]any, ops map[string]map[string]any) {
	t.Helper()
	w := httptest.NewRecorder()
	s.mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, apiPrefix+"/openapi.json", nil))
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	ops = map[string]map[string]any{}
	for path, methods := range doc["paths"].(map[string]any) {
		for method, op := range methods.(map[string]any) {
			ops[strings.ToUpper(method)+" "+path] = op.(map[string]any)
		}
	}
	return doc, ops
}

// TestAPIDocumentAndRoutes compares both ways: what the document promises is
// routed to just that, and what is routed is in the document.
func TestAPIDocumentAndRoutes(t *testing.T) {
	s, a := bareAPI(t)
	_, ops := documentOps(t, s)
	for name := range ops {
		method, path, _ := strings.Cut(name, " ")
		_, pattern := s.mux.Handler(httptest.NewRequest(method, apiPrefix+samplePath(path), nil))
		if pattern != method+" "+apiPrefix+path {
			t.Errorf("%s of the document is routed to %q", name, pattern)
		}
	}
	routes := a.operations()
	for _, op := range routes {
		if ops[op.Method+" "+op.Path] == nil {
			t.Errorf("%s %s is routed and not in the document", op.Method, op.Path)
		}
	}
	if len(routes) != len(ops) {
		t.Errorf("%d routes, %d operations in the document", len(routes), len(ops))
	}
}

// TestAPIHasOneDoor: routes under /api/ are made in api.go alone, from the list
// that the document is made of.
func TestAPIHasOneDoor(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	route := regexp.MustCompile(`mux\.Handle(Func)?\([^\n]*(apiPrefix|/api)`)
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(route.FindAll(b, -1)); n > 0 && f != "api.go" || f == "api.go" && n != 1 {
			t.Errorf("%s makes %d routes of the API", f, n)
		}
	}
}

func samplePath(path string) string {
	return regexp.MustCompile(`\{[^}]+\}`).ReplaceAllStringFunc(path, func(p string) string {
		switch p {
		case "{year}":
			return "2026"
		case "{kind}":
			return "reply"
		}
		return "7"
	})
}

// TestAPIDocumentHolds looks at the document itself: references lead somewhere,
// ids are there once, every operation says who may call it and how it fails.
func TestAPIDocumentHolds(t *testing.T) {
	s, _ := bareAPI(t)
	doc, ops := documentOps(t, s)
	if doc["openapi"] != "3.1.0" {
		t.Error(doc["openapi"])
	}
	components := doc["components"].(map[string]any)
	refs(doc, func(ref string) {
		part, name, _ := strings.Cut(strings.TrimPrefix(ref, "#/components/"), "/")
		kind, ok := components[part].(map[string]any)
		if !ok || kind[name] == nil {
			t.Errorf("%s leads nowhere", ref)
		}
	})
	tags := map[string]bool{}
	for _, x := range doc["tags"].([]any) {
		tags[x.(map[string]any)["name"].(string)] = true
	}
	ids := map[string]string{}
	for name, op := range ops {
		id := op["operationId"].(string)
		if ids[id] != "" {
			t.Errorf("%s and %s are both %s", name, ids[id], id)
		}
		ids[id] = name
		if op["summary"] == "" || !tags[op["tags"].([]any)[0].(string)] {
			t.Errorf("%s: summary and tag", name)
		}
		responses := op["responses"].(map[string]any)
		if public := len(op["security"].([]any)) == 0; public != (responses["401"] == nil) {
			t.Errorf("%s: 401 and security differ", name)
		} else if public && name != "GET /openapi.json" {
			t.Errorf("%s needs no token", name)
		}
	}
}

func refs(v any, f func(string)) {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			if ref, ok := x.(string); ok && k == "$ref" {
				f(ref)
			} else {
				refs(x, f)
			}
		}
	case []any:
		for _, x := range v {
			refs(x, f)
		}
	}
}

// TestAPIScopes: what changes nothing is read, what an administrator does is
// admin, handing mail over is apart, and no operation has another scope.
func TestAPIScopes(t *testing.T) {
	_, a := bareAPI(t)
	for _, op := range a.operations() {
		want := []string{"write", "admin"}
		if op.Method == http.MethodGet || op.keyless && op.Scope == "read" {
			want = []string{"read", "admin", ""}
		}
		if op.ID == "handOverMail" {
			want = []string{"intake"} // a token for that sees nothing
		}
		if !slices.Contains(want, op.Scope) {
			t.Errorf("%s %s has the scope %q", op.Method, op.Path, op.Scope)
		}
		if op.Method == http.MethodPost && op.keyless == takesKey(&op.Operation) {
			t.Errorf("%s %s: the document and the frame differ about idempotency keys", op.Method, op.Path)
		}
	}
}

// sample makes a value that fits a schema, with all its members.
func sample(s *openapi.Schema) any {
	if s.Null {
		return nil
	}
	switch s.Type {
	case "object":
		m := map[string]any{}
		for _, p := range s.Props {
			if p.Required {
				m[p.Name] = sample(p.Schema)
			}
		}
		return m
	case "array":
		return []any{sample(s.Items)}
	case "boolean":
		return true
	case "integer", "number":
		if s.Min != nil {
			return *s.Min
		}
		return 1
	}
	switch {
	case len(s.Enum) > 0:
		return s.Enum[0]
	case s.Format == "id":
		return "7"
	case s.Format == "date-time":
		return "2026-12-01T10:00:00Z"
	}
	return "testo"
}

func TestSampleFitsItsSchema(t *testing.T) {
	_, a := bareAPI(t)
	for _, op := range a.operations() {
		if op.Body == nil || op.BodyType != "" {
			continue
		}
		b, err := json.Marshal(sample(op.Body))
		if err != nil {
			t.Fatal(err)
		}
		v, err := openapi.Read(b)
		if err != nil {
			t.Fatal(err)
		}
		if f := op.Body.Check(v); len(f) > 0 {
			t.Errorf("%s: %v", op.ID, f)
		}
	}
}
