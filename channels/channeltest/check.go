package channeltest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"filodiretto/channels"
)

// guard is a context that ends a test that hangs, before the test binary does.
func guard(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// checkError checks what holds for every error of a channel: it is there, it
// carries a class, and nothing in it is secret.
func checkError(t testing.TB, err error, secrets []string) {
	t.Helper()
	if err == nil {
		t.Error("there is no error")
		return
	}
	var e *channels.Error
	if !errors.As(err, &e) {
		t.Errorf("the error carries no class: %T", err)
	}
	CheckNoSecret(t, err, secrets)
}

// CheckNoSecret fails when a secret can be seen in the error or in any of its
// causes, in whatever way a logger may print it.
func CheckNoSecret(t testing.TB, err error, secrets []string) {
	t.Helper()
	var walk func(error)
	walk = func(err error) {
		if err == nil {
			return
		}
		for _, form := range []string{"%v", "%+v", "%#v"} {
			text := fmt.Sprintf(form, err)
			for i, s := range secrets {
				if s != "" && strings.Contains(text, s) {
					t.Errorf("secret %d is in the error %T printed with %s", i, err, form)
				}
			}
		}
		switch u := err.(type) { //nolint:errorlint // walks the chain itself
		case interface{ Unwrap() error }:
			walk(u.Unwrap())
		case interface{ Unwrap() []error }:
			for _, one := range u.Unwrap() {
				walk(one)
			}
		}
	}
	walk(err)
}
