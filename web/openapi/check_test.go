package openapi

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

var thing = Named("Thing", "A thing.", Object(
	Req("id", ID(), ""),
	Opt("name", Filled(5), ""),
	Opt("kind", OneOf("a", "b").OrNull(), ""),
	Opt("n", Between(1, 3), ""),
	Opt("f", Number(), ""),
	Opt("on", Bool(), ""),
	Opt("at", Time().OrNull(), ""),
	Opt("code", &Schema{Type: "string", Pattern: regexp.MustCompile(`^[A-Z]+$`)}, ""),
	Opt("list", UpTo(2, Text(3)), ""),
	Opt("some", &Schema{Type: "array", Items: Int(), Least: 1}, ""),
	Opt("in", Object(Req("x", Int(), "")), ""),
	Opt("map", Map(), ""),
	Opt("any", Any(), "")))

// nested uses a named schema that may be null.
var nested = Object(Opt("thing", thing.OrNull(), ""), Opt("things", List(thing), ""))

func TestCheck(t *testing.T) {
	for _, x := range []struct{ json, want string }{
		{`{"id":"1"}`, ""},
		{`{"id":"9223372036854775807","name":"àèìòù","kind":"a","n":3,"f":1.5e3,"on":false,"at":"2026-03-05T10:14:00+01:00","code":"ABC","list":["1","2"],"in":{"x":-7},"map":{"q":[1]},"any":null}`, ""},
		{`{"id":"1","kind":null,"at":null}`, ""},
		{`{}`, "id required"},
		{`{"id":1}`, "id type"},
		{`{"id":null}`, "id type"},
		{`{"id":""}`, "id bad_form"},
		{`{"id":"0"}`, "id bad_form"},
		{`{"id":"007"}`, "id bad_form"},
		{`{"id":"+7"}`, "id bad_form"},
		{`{"id":"-7"}`, "id bad_form"},
		{`{"id":"9223372036854775808"}`, "id bad_form"},
		{`{"id":"1","Name":"x"}`, "Name unknown"},
		{`{"id":"1","z":1,"y":2}`, "y unknown, z unknown"},
		{`{"id":"1","name":""}`, "name required"},
		{`{"id":"1","name":"sei sei"}`, "name too_long"},
		{`{"id":"1","kind":"c"}`, "kind not_one_of"},
		{`{"id":"1","n":0}`, "n out_of_range"},
		{`{"id":"1","n":4}`, "n out_of_range"},
		{`{"id":"1","n":1.0}`, "n type"},
		{`{"id":"1","n":99999999999999999999}`, "n type"},
		{`{"id":"1","n":"1"}`, "n type"},
		{`{"id":"1","f":1e999}`, "f type"},
		{`{"id":"1","on":0}`, "on type"},
		{`{"id":"1","at":"ieri"}`, "at bad_form"},
		{`{"id":"1","at":"1950-01-01T00:00:00Z"}`, "at bad_form"},
		{`{"id":"1","code":"abc"}`, "code bad_form"},
		{`{"id":"1","list":["1","2","3"]}`, "list too_many"},
		{`{"id":"1","list":["1","quattro"]}`, "list.1 too_long"},
		{`{"id":"1","list":{}}`, "list type"},
		{`{"id":"1","some":[]}`, "some too_few"},
		{`{"id":"1","in":{}}`, "in.x required"},
		{`{"id":"1","in":[]}`, "in type"},
		{`{"id":"1","map":1}`, "map type"},
		{`[]`, " type"},
		{`null`, " type"},
	} {
		v, err := Read([]byte(x.json))
		if err != nil {
			t.Fatal(x.json, err)
		}
		if got := codes(thing.Check(v)); got != x.want {
			t.Errorf("%s: %q, want %q", x.json, got, x.want)
		}
	}
}

func codes(faults []Fault) string {
	var out []string
	for _, f := range faults {
		if f.Detail == "" || strings.Contains(f.Detail, "%!") {
			out = append(out, "no words")
		}
		out = append(out, f.Path+" "+f.Code)
	}
	return strings.Join(out, ", ")
}

func TestCheckNested(t *testing.T) {
	for _, x := range []struct{ json, want string }{
		{`{"thing":null,"things":[]}`, ""},
		{`{"thing":{"id":"1"},"things":[{"id":"2"}]}`, ""},
		{`{"thing":{},"things":[{"id":"2"},{"id":2}]}`, "thing.id required, things.1.id type"},
	} {
		v, err := Read([]byte(x.json))
		if err != nil {
			t.Fatal(err)
		}
		if got := codes(nested.Check(v)); got != x.want {
			t.Errorf("%s: %q, want %q", x.json, got, x.want)
		}
	}
}

func TestCheckTellsNotEverything(t *testing.T) {
	var b strings.Builder
	for i := range 100 {
		fmt.Fprintf(&b, `"m%d":1,`, i)
	}
	v, err := Read([]byte("{" + b.String() + `"id":"1"}`))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(thing.Check(v)); n != mostFaults {
		t.Errorf("%d faults are told", n)
	}
}

func TestReadRefuses(t *testing.T) {
	for _, x := range []struct{ json, want string }{
		{``, "ends too early"},
		{`{`, "ends too early"},
		{`{"a"`, "ends too early"},
		{`{"a":}`, "invalid character"},
		{`{"a":1,}`, "invalid character"},
		{`[1,]`, "invalid character"},
		{`{1:1}`, ""},
		{`{"a":1,"a":2}`, "twice"},
		{`{"a":{"b":1,"b":2}}`, "twice"},
		{`1 2`, "follows"},
		{`{} x`, "follows"},
		{"\"\xff\"", "UTF-8"},
		{strings.Repeat("[", 100) + strings.Repeat("]", 100), "deep"},
		{`]`, ""},
		{`nul`, ""},
	} {
		v, err := Read([]byte(x.json))
		if err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: %v, %v", x.json, v, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{`{"id":"1"}`, `{"id":"1","list":["x"],"in":{"x":1}}`, `[[[]]]`, `{"a":1,"a":2}`, `"\ud800"`, `-0`, `1e999`, "\xff", `{"":""}`, `null`, ` {} `} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := Read(b)
		if err != nil {
			return
		}
		if !json.Valid(b) {
			t.Fatalf("read what is no JSON: %q", b)
		}
		for _, s := range []*Schema{thing, nested, Any(), List(Text(1))} {
			for _, fault := range s.Check(v) {
				if fault.Code == "" || fault.Detail == "" {
					t.Fatalf("a fault without words: %+v", fault)
				}
			}
		}
		if len(thing.Check(v)) == 0 { // what fits can be taken into a struct
			var dst struct {
				ID   string
				N    int
				F    float64
				List []string
			}
			if err := json.Unmarshal(b, &dst); err != nil || dst.ID == "" {
				t.Fatalf("%q fits and cannot be read: %v", b, err)
			}
		}
	})
}
