package templates

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestParseErrors(t *testing.T) {
	tests := []struct {
		name string
		text Text
		want string // field:line:column code name suggestion, separated by "; "
	}{
		{"good", Text{Event: Receipt, Subject: "{case_number}", Plain: "a {status_link}"}, ""},
		{"braces", Text{Event: Receipt, Plain: "{{case_number}} {{ }} }}{{{case_number}}}"}, ""},
		{"unknown event", Text{Event: "nope", Plain: "x"}, ":0:0 unknown_event nope "},
		{"unknown", Text{Event: Receipt, Plain: "ciao\nà {pippo}"}, "plain:2:3 unknown_variable pippo "},
		{"mistyped", Text{Event: Receipt, Plain: "{case_numer}"}, "plain:1:1 unknown_variable case_numer case_number"},
		{"of another event", Text{Event: OptedOut, Plain: "{case_number}"}, "plain:1:1 unknown_variable case_number "},
		{"blanks", Text{Event: Receipt, Plain: "{ case_number }"}, "plain:1:1 bad_name  case_number  "},
		{"nothing inside", Text{Event: Receipt, Plain: "{}"}, "plain:1:1 bad_name  "},
		{"capitals", Text{Event: Receipt, Plain: "{Case_Number}"}, "plain:1:1 bad_name Case_Number "},
		{"open", Text{Event: Receipt, Plain: "x {case_number\n}"}, "plain:1:3 unclosed_brace  ; plain:2:1 lone_brace  "},
		{"open at the end", Text{Event: Receipt, Plain: "x {"}, "plain:1:3 unclosed_brace  "},
		{"open before open", Text{Event: Receipt, Plain: "{case {case_number}"}, "plain:1:1 unclosed_brace  "},
		{"lone", Text{Event: Receipt, Plain: "x } y"}, "plain:1:3 lone_brace  "},
		{"several", Text{Event: Receipt, Subject: "{a}", Plain: "{b}\n{c}"}, "subject:1:1 unknown_variable a ; plain:1:1 unknown_variable b ; plain:2:1 unknown_variable c "},
		{"subject of two lines", Text{Event: Receipt, Subject: "a\nb", Plain: "x"}, "subject:1:2 newline_in_subject  "},
		{"empty", Text{Event: Receipt, Plain: " \n\t"}, "plain:1:1 empty  "},
		{"empty subject", Text{Event: ReplySubject}, "subject:1:1 empty  "},
		{"subject alone", Text{Event: ReplySubject, Subject: "Re: [{case_token}]"}, ""},
		{"other languages of templates are plain text", Text{Event: Receipt, Plain: "#{{x}} %{{x}} $x <%= x %>"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse(tt.text)
			var got []string
			var errs ParseErrors
			if errors.As(err, &errs) {
				for _, e := range errs {
					got = append(got, strings.Join([]string{
						e.Field + ":" + itoa(e.Line) + ":" + itoa(e.Col), string(e.Code), e.Name, e.Suggest,
					}, " "))
					if e.Text("it") == "" || e.Text("it") == e.Text("en") || e.Error() == "" {
						t.Errorf("%+v has no words", e)
					}
				}
			}
			if s := strings.Join(got, "; "); s != tt.want {
				t.Errorf("got  %q\nwant %q", s, tt.want)
			}
		})
	}
}

func TestParseErrorsSpeak(t *testing.T) {
	_, err := Parse(Text{Event: Receipt, Subject: "{case_numer}", Plain: "{"})
	want := `subject, line 1, column 1: “{case_numer}” is not a variable of this text. Did you mean “{case_number}”?
plain, line 1, column 1: This opening brace is not closed on the same line. Close it with }, or write {{ for a brace.`
	if err.Error() != want {
		t.Errorf("got:\n%s", err)
	}
}

func TestBracesEscape(t *testing.T) {
	r, err := Render(Text{Event: OptedOut, Plain: "{{municipality}} = {municipality}, {{{municipality}}}"},
		map[string]string{"municipality": "X"}, "other")
	if err != nil || r.Plain != "{municipality} = X, {X}" {
		t.Errorf("%q, %v", r.Plain, err)
	}
}

func itoa(n int) string {
	if n >= 10 {
		return itoa(n/10) + itoa(n%10)
	}
	return string(rune('0' + n))
}

func FuzzParse(f *testing.F) {
	for _, t := range Builtin() {
		f.Add(t.Event, t.Subject, t.Plain)
	}
	for _, s := range []string{"{", "}", "{{", "}}", "{{{", "}}}", "{}", "{a{b}", "{case_number", "à{\xff}", "{case_number}}", "https://{case_number}/{office} {office}"} {
		f.Add(Receipt, s, s)
	}
	f.Fuzz(func(t *testing.T, event, subject, body string) {
		text := Text{Event: event, Lang: "it", Subject: subject, Plain: body}
		_, err := Parse(text)
		var errs ParseErrors
		if errors.As(err, &errs) {
			lines := strings.Split(body, "\n")
			for _, e := range errs {
				if e.Field == FieldPlain && (e.Line < 1 || e.Line > len(lines) || e.Col < 1 || e.Col > utf8.RuneCountInString(lines[e.Line-1])+1) {
					t.Errorf("%v is outside of the text", e)
				}
			}
			return
		}
		for _, channel := range []string{Mail, Telegram, SMS, Page, "other"} {
			r, err := Preview(text, channel)
			if err != nil {
				t.Fatalf("parses and does not render: %v", err)
			}
			checkSafe(t, r)
		}
	})
}
