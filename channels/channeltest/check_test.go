package channeltest_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"filodiretto/channels"
	"filodiretto/channels/channeltest"
)

// recorder is a test that only notes that it failed: the checks of the suite
// must be able to fail.
type recorder struct {
	testing.TB
	faults []string
}

func (r *recorder) Helper()           {}
func (r *recorder) Error(args ...any) { r.faults = append(r.faults, fmt.Sprint(args...)) }
func (r *recorder) Errorf(format string, args ...any) {
	r.faults = append(r.faults, fmt.Sprintf(format, args...))
}

// hidden has a secret in a field that only %#v shows.
type hidden struct{ password string }

func (hidden) Error() string { return "refused" }

func TestCheckNoSecret(t *testing.T) {
	const secret = "s3greto"
	for name, c := range map[string]struct {
		err  error
		want bool
	}{
		"nil":      {nil, false},
		"clean":    {errors.New("refused"), false},
		"in words": {errors.New("login s3greto refused"), true},
		"as cause": {&channels.Error{Class: channels.AuthBroken, Text: "refused", Err: errors.New(secret)}, true},
		"joined":   {errors.Join(errors.New("a"), fmt.Errorf("b: %w", errors.New(secret))), true},
		"in field": {hidden{secret}, true},
	} {
		r := &recorder{TB: t}
		channeltest.CheckNoSecret(r, c.err, []string{"", secret})
		if (len(r.faults) > 0) != c.want {
			t.Errorf("%s: faults %v", name, r.faults)
		}
		if strings.Contains(fmt.Sprint(r.faults), secret) {
			t.Errorf("%s: the report itself shows the secret", name)
		}
	}
}

// parser gives what it is told.
type parser func(channels.Raw) ([]channels.Item, error)

func (p parser) Parse(r channels.Raw) ([]channels.Item, error) { return p(r) }
func (parser) ParserVersion() int                              { return 1 }

func TestCheckParse(t *testing.T) {
	good := channels.Item{Kind: channels.Message, Text: "ciao", Parts: []channels.Part{{Kind: channels.File, Name: "a.pdf", Remote: "x"}}}
	calls := 0
	for name, c := range map[string]struct {
		parse parser
		want  bool
	}{
		"good":    {func(channels.Raw) ([]channels.Item, error) { return []channels.Item{good}, nil }, false},
		"error":   {func(channels.Raw) ([]channels.Item, error) { return nil, errors.New("broken") }, false},
		"silence": {func(channels.Raw) ([]channels.Item, error) { return nil, nil }, true},
		"not pure": {func(channels.Raw) ([]channels.Item, error) {
			calls++
			it := good
			it.Sequence = int64(calls)
			return []channels.Item{it}, nil
		}, true},
		"no kind": {func(channels.Raw) ([]channels.Item, error) { return []channels.Item{{}}, nil }, true},
		"changes": {func(r channels.Raw) ([]channels.Item, error) { r.Body[0]++; return []channels.Item{good}, nil }, true},
		"not UTF-8": {func(channels.Raw) ([]channels.Item, error) {
			it := good
			it.Text = "\xff"
			return []channels.Item{it}, nil
		}, true},
		"NUL": {func(channels.Raw) ([]channels.Item, error) {
			it := good
			it.Text = "a\x00"
			return []channels.Item{it}, nil
		}, true},
		"bad name": {func(channels.Raw) ([]channels.Item, error) { return []channels.Item{withPart("../a", "x")}, nil }, true},
		"bidi name": {func(channels.Raw) ([]channels.Item, error) {
			return []channels.Item{withPart("a\u202Efdp.exe", "x")}, nil
		}, true},
		"empty part": {func(channels.Raw) ([]channels.Item, error) { return []channels.Item{withPart("a", "")}, nil }, true},
	} {
		r := &recorder{TB: t}
		channeltest.CheckParse(r, c.parse, channels.Raw{Body: []byte("abc")})
		if (len(r.faults) > 0) != c.want {
			t.Errorf("%s: faults %v", name, r.faults)
		}
	}
}

func withPart(name, remote string) channels.Item {
	return channels.Item{Kind: channels.Message, Parts: []channels.Part{{Kind: channels.File, Name: name, Remote: remote}}}
}
