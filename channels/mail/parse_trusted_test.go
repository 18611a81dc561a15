package mail

import (
	"slices"
	"strings"
	"testing"

	"filodiretto/channels"
)

// Rule 51: what the own server found is told; what others claim is not.
func TestRule51AuthenticationResults(t *testing.T) {
	own := testOwn
	own.Servers = []string{"mx.comune.pontelieto.example"}
	good := "Authentication-Results: mx.comune.pontelieto.example 1;\n spf=pass (ok; really) smtp.mailfrom=anna@posta.example;\n dkim=pass header.d=posta.example header.s=s1;\n dmarc=fail (p=none) header.from=posta.example\n"
	forged := "Authentication-Results: mx.comune.pontelieto.example; spf=fail smtp.mailfrom=x@y.example; dmarc=pass header.from=banca.example\n"
	for _, tt := range []struct {
		name, header string
		want         []string
	}{
		{"own server", good, []string{"spf:pass/posta.example", "dkim:pass/posta.example", "dmarc:fail/posta.example"}},
		{"another's below", good + forged, []string{"spf:pass/posta.example", "dkim:pass/posta.example", "dmarc:fail/posta.example"}},
		{"another server's", strings.Replace(good, "mx.comune", "mx.altro", 1), nil},
		{"nothing", "", nil},
		{"odd", "Authentication-Results: mx.comune.pontelieto.example; spf=perhaps; ; dkim; iprev=pass; =; dkim/1=NEUTRAL ((nested)) header.d=a.example\n", []string{"dkim:neutral/a.example"}},
		{"none", "Authentication-Results: mx.comune.pontelieto.example; none\n", nil},
	} {
		it := parseOne(t, channels.Raw{Body: []byte(tt.header + trapHead + "\nciao\n"), ReceivedAt: testReceived}, own)
		var got []string
		for _, n := range it.Notes {
			if method, _, _ := strings.Cut(n, ":"); slices.Contains(methods, method) {
				got = append(got, n)
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
