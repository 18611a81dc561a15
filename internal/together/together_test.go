package together

import (
	"errors"
	"strings"
	"testing"
)

func TestDo(t *testing.T) {
	one, two := errors.New("one"), errors.New("two")
	met := make(chan bool)
	fail := func(err error) func() error { return func() error { return err } }
	if err := Do(func() error { met <- true; return nil }, func() error { <-met; return nil }); err != nil {
		t.Error(err) // had they run one after the other, they would still wait
	}
	if err := Do(fail(nil), fail(one), fail(two)); err != one {
		t.Error("the first error is", err)
	}
	defer func() {
		if p, _ := recover().(string); !strings.HasPrefix(p, "broken\n") || !strings.Contains(p, "TestDo") {
			t.Error("a panic came out as", p)
		}
	}()
	_ = Do(fail(one), func() error { panic("broken") })
	t.Error("a panic was swallowed")
}
