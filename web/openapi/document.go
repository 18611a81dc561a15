package openapi

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Param is a parameter of an operation.
type Param struct {
	Name   string
	In     string // "path", "query", "header"
	Schema *Schema
	Doc    string
	// Required says that the call is refused without it. Those of the path always are.
	Required bool
}

// Operation is one method on one path.
type Operation struct {
	Method  string
	Path    string // "/cases/{year}/{number}"
	ID      string // "getCase"
	Tag     string
	Summary string
	Doc     string
	Scope   string // the token's scope; empty needs no token
	Params  []Param
	Body    *Schema // nil for none
	BodyOpt bool    // the body may be left out
	// BodyType and OutType are media types; empty is JSON.
	BodyType string
	OK       int // status of success
	Again    int // status when the same had been done before; 0 for none
	Out      *Schema
	OutType  string
	OutDoc   string
	Faults   []int // statuses of problem documents
}

// Document is a whole API.
type Document struct {
	Title, Version, Doc string
	Server              string
	Tags                [][2]string // name, what it is about
	Scopes              map[string]string
	Problem             *Schema
	FaultDocs           map[int]string
	Operations          []Operation
}

// MarshalJSON writes an OpenAPI 3.1 document.
func (d *Document) MarshalJSON() ([]byte, error) {
	named := map[string]*Schema{}
	paths := map[string]map[string]any{}
	for i := range d.Operations {
		op := &d.Operations[i]
		if paths[op.Path] == nil {
			paths[op.Path] = map[string]any{}
		}
		paths[op.Path][strings.ToLower(op.Method)] = d.operation(op, named)
	}
	responses := map[string]any{}
	for status, doc := range d.FaultDocs {
		responses[faultName(status)] = map[string]any{
			"description": doc,
			"content":     map[string]any{"application/problem+json": map[string]any{"schema": d.Problem.ref(named)}},
		}
	}
	schemas := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(named)) {
		schemas[name] = named[name].inline(named)
	}
	return json.Marshal(map[string]any{
		"openapi": "3.1.0",
		"info":    map[string]any{"title": d.Title, "version": d.Version, "description": d.Doc},
		"servers": []any{map[string]any{"url": d.Server}},
		"tags":    d.tags(),
		"paths":   paths,
		"components": map[string]any{
			"schemas":   schemas,
			"responses": responses,
			"securitySchemes": map[string]any{
				"token": map[string]any{"type": "http", "scheme": "bearer", "description": d.scopes()},
			},
		},
	})
}

func (d *Document) tags() []any {
	out := make([]any, len(d.Tags))
	for i, t := range d.Tags {
		out[i] = map[string]any{"name": t[0], "description": t[1]}
	}
	return out
}

func (d *Document) scopes() string {
	var b strings.Builder
	b.WriteString("A token made under Administration, API tokens. Scopes:")
	for _, s := range slices.Sorted(maps.Keys(d.Scopes)) {
		fmt.Fprintf(&b, " %s (%s);", s, d.Scopes[s])
	}
	return strings.TrimSuffix(b.String(), ";") + "."
}

func faultName(status int) string { return fmt.Sprintf("Problem%d", status) }

func (d *Document) operation(op *Operation, named map[string]*Schema) any {
	m := map[string]any{"operationId": op.ID, "summary": op.Summary, "tags": []string{op.Tag}}
	if op.Doc != "" {
		m["description"] = op.Doc
	}
	if op.Scope == "" {
		m["security"] = []any{}
	} else { // OpenAPI 3.1 lets roles be named beside any scheme
		m["security"] = []any{map[string]any{"token": []string{op.Scope}}}
	}
	if len(op.Params) > 0 {
		m["parameters"] = params(op.Params, named)
	}
	if op.Body != nil {
		m["requestBody"] = map[string]any{"required": !op.BodyOpt, "content": content(op.BodyType, op.Body, named)}
	}
	m["responses"] = d.responses(op, named)
	return m
}

func params(list []Param, named map[string]*Schema) []any {
	out := make([]any, len(list))
	for i, p := range list {
		x := map[string]any{"name": p.Name, "in": p.In, "schema": p.Schema.ref(named)}
		if p.Doc != "" {
			x["description"] = p.Doc
		}
		if p.In == "path" || p.Required {
			x["required"] = true
		}
		out[i] = x
	}
	return out
}

func content(kind string, s *Schema, named map[string]*Schema) any {
	if kind == "" {
		kind = "application/json"
	}
	return map[string]any{kind: map[string]any{"schema": s.ref(named)}}
}

func (d *Document) responses(op *Operation, named map[string]*Schema) any {
	doc := op.OutDoc
	if doc == "" {
		doc = "Done."
	}
	ok := map[string]any{"description": doc}
	if op.Out != nil {
		ok["content"] = content(op.OutType, op.Out, named)
	}
	out := map[string]any{fmt.Sprint(op.OK): ok}
	if op.Again != 0 {
		again := maps.Clone(ok)
		again["description"] = "The same had been done before: nothing changed."
		out[fmt.Sprint(op.Again)] = again
	}
	for _, status := range op.Faults {
		out[fmt.Sprint(status)] = map[string]string{"$ref": "#/components/responses/" + faultName(status)}
	}
	return out
}
