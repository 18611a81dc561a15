package rfc822

import (
	"testing"
	"time"
)

func TestParseDate(t *testing.T) {
	tests := []struct {
		in, want string // RFC 3339, "" when there is none
		zone     bool
	}{
		{"Mon, 2 Mar 2026 10:15:30 +0100", "2026-03-02T09:15:30Z", true},
		{"2 Mar 2026 10:15 +0100", "2026-03-02T09:15:00Z", true},
		{"Mon, 02 Mar 2026 10:15:30 +0100 (CET)", "2026-03-02T09:15:30Z", true},
		{"Mon,2 Mar 2026 10:15:30 GMT", "2026-03-02T10:15:30Z", true},
		{"Mon, 2 Mar 2026 10:15:30 CEST", "2026-03-02T08:15:30Z", true},
		{"Mon, 2 Mar 2026 10:15:30 EST", "2026-03-02T15:15:30Z", true},
		{"Mon, 2 Mar 2026 10:15:30 -0000", "2026-03-02T10:15:30Z", false},
		{"Mon, 2 Mar 2026 10:15:30", "2026-03-02T10:15:30Z", false},
		{"Mon, 2 Mar 2026 10:15:30 XYZ", "2026-03-02T10:15:30Z", false},
		{"Mon, 2 Mar 2026 10:15:30 +01:00", "2026-03-02T09:15:30Z", true},
		{"Mon, 2 Mar 2026 10:15:30 GMT+0100", "2026-03-02T09:15:30Z", true},
		{"Mon, 2 Mar 2026 10:15:30+0100", "2026-03-02T09:15:30Z", true},
		{"Mon, 2 Mar 2026 10:15:30.123 +0100", "2026-03-02T09:15:30Z", true},
		{"2026-03-02T10:15:30+01:00", "2026-03-02T09:15:30Z", true},
		{"2026-03-02 10:15:30 +0100", "2026-03-02T09:15:30Z", true},
		{"02/03/2026 10:15:30 +0100", "2026-03-02T09:15:30Z", true},
		{"2-Mar-26 10:15:30 +0100", "2026-03-02T09:15:30Z", true},
		{"Mon, 2 Mar 126 10:15:30 +0100", "2026-03-02T09:15:30Z", true},
		{"Mon Mar  2 10:15:30 2026 +0100", "2026-03-02T09:15:30Z", true},
		{"Mar 2 2026 10:15 PM +0100", "2026-03-02T21:15:00Z", true},
		{"mar, 3 febbraio 2026 10.15.30 CET", "2026-02-03T09:15:30Z", true},
		{"lun, 2 mar 2026 10:15:30 +0100", "2026-03-02T09:15:30Z", true},
		{"Mon, 2 Mar 2026 99:99:99 +0100", "2026-03-01T23:00:00Z", true},
		{"Mon, 2 Mar 2026 10:15:30 +9999", "2026-03-02T10:15:30Z", false},
		{"2 Mar 2026", "2026-03-02T00:00:00Z", false},
		{"ieri", "", false},
		{"", "", false},
		{"Mon, 2 Mar 1901 10:15:30 +0100", "", true},
	}
	for _, tt := range tests {
		got, zone, ok := ParseDate(tt.in)
		if ok != (tt.want != "") || ok && (got.Format(time.RFC3339) != tt.want || zone != tt.zone) {
			t.Errorf("ParseDate(%q) = %v, zone %v, ok %v; want %q, %v", tt.in, got, zone, ok, tt.want, tt.zone)
		}
	}
}

func TestFlowed(t *testing.T) {
	tests := []struct {
		in, want string
		delsp    bool
	}{
		{"a \nb\n", "a b\n", false},
		{"a \nb\n", "ab\n", true},
		{"> a \n> b\nc\n", "> a b\nc\n", false},
		{"a \n> b\n", "a \n> b\n", false},
		{">> a \n> b\n", ">> a \n> b\n", false},
		{"a\n-- \nb\n", "a\n-- \nb\n", false},
		{" da\n  due\n", "da\n due\n", false},
		{"", "", false},
		{"a ", "a ", false},
	}
	for _, tt := range tests {
		if got := Flowed(tt.in, tt.delsp); got != tt.want {
			t.Errorf("Flowed(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}
