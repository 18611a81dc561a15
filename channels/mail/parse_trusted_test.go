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
	own.Servers = []string{"mx.comune.pontelieto.example", "10.9.0.0/16", "198.51.100.6"}
	good := "Authentication-Results: mx.comune.pontelieto.example 1;\n spf=pass (ok; really) smtp.mailfrom=anna@posta.example;\n dkim=pass header.d=posta.example header.s=s1;\n dmarc=fail (p=none) header.from=posta.example\n"
	forged := "Authentication-Results: mx.comune.pontelieto.example; spf=fail smtp.mailfrom=x@y.example; dmarc=pass header.from=banca.example\n"
	ours := func(s string) string { return "Authentication-Results: mx.comune.pontelieto.example; " + s + "\n" }
	const received = "Received: from evil.example by mx.comune.pontelieto.example; Mon, 16 Nov 2026 10:00:00 +0100\n"
	zimbra := func(address string) string {
		return "Received: from mail.pontelieto.example (LHLO mail.pontelieto.example) (" + address + ") by mail.pontelieto.example with LMTP; x\nReceived: from localhost (localhost [127.0.0.1]) by mail.pontelieto.example; x\n"
	}
	const feigned = "Received: from localhost by mx.comune.pontelieto.example; x\n"
	for _, tt := range []struct {
		name, header string
		want         []string
	}{
		{"own server", good, []string{"spf:pass/posta.example", "dkim:pass/posta.example", "dmarc:fail/posta.example"}},
		{"another's below", good + "Received: from evil.example by relay.evil.example; Mon, 16 Nov 2026 10:00:00 +0100\n" + forged, []string{"spf:pass/posta.example", "dkim:pass/posta.example", "dmarc:fail/posta.example"}},
		{"only another's", "Received: from evil.example by relay.evil.example; Mon, 16 Nov 2026 10:00:00 +0100\n" + forged, nil},
		{"another server's", strings.Replace(good, "mx.comune", "mx.altro", 1), nil},
		{"nothing", "", nil},
		{"odd", "Authentication-Results: mx.comune.pontelieto.example; spf=perhaps; ; dkim; iprev=pass; =; dkim/1=NEUTRAL ((nested)) header.d=a.example\n", []string{"dkim:neutral/a.example"}},
		{"none", "Authentication-Results: mx.comune.pontelieto.example; none\n", nil},
		// RFC 8601 section 5: each program of the own server writes a field of its own
		{"fields of several programs", ours("dkim=none") + received + ours("dmarc=fail header.from=posta.example"), []string{"dkim:none", "dmarc:fail/posta.example"}},
		{"only below the border", received + ours("dmarc=pass header.from=posta.example"), []string{"dmarc:pass/posta.example"}},
		{"good news below the border", ours("spf=none") + received + ours("dmarc=pass header.from=posta.example"), []string{"spf:none", "auth_below:dmarc:pass/posta.example"}},
		{"below other servers' fields", received + "Received-SPF: none\nDKIM-Signature: v=1; d=posta.example\nX-Spam: no\n" + ours("dmarc=pass header.from=posta.example"), []string{"dmarc:pass/posta.example"}},
		{"good news below what the sender wrote", received + "Subject: x\n" + ours("dmarc=pass header.from=posta.example"), []string{"auth_below:dmarc:pass/posta.example"}},
		{"bad news below what the sender wrote", received + "Message-ID: <x@y.example>\n" + ours("dmarc=fail header.from=posta.example"), []string{"dmarc:fail/posta.example"}},
		{"a hop of ours below what the sender wrote", "Received: from x (x [10.0.0.5]) by mx.comune.pontelieto.example; x\nDate: x\n" + feigned + ours("dmarc=pass header.from=posta.example"), []string{"auth_below:dmarc:pass/posta.example"}},
		{"good news under a feigned hop of ours", ours("spf=none") + received + "Received: from x by mx.comune.pontelieto.example; x\n" + ours("dmarc=pass header.from=posta.example"), []string{"spf:none"}},
		{"good news under a feigned nameless hop", received + "Received: by 10.1.2.3; x\n" + ours("dmarc=pass header.from=posta.example"), nil},
		{"who greets as one of ours", "Received: from mx.comune.pontelieto.example (unknown [192.0.2.66]) by mx.comune.pontelieto.example; x\nReceived: by 10.1.2.3; x\n" + ours("dmarc=pass header.from=posta.example"), nil},
		{"from an inner machine", "Received: from mx.comune.pontelieto.example (mx [10.0.0.5]) by box.pontelieto.example; x\n" + ours("dmarc=pass header.from=posta.example"), []string{"dmarc:pass/posta.example"}},
		{"across hops of ours", ours("spf=pass smtp.mailfrom=posta.example") + "Received: from mx.comune.pontelieto.example by box.pontelieto.example; x\nReceived: by 10.1.2.3; x\nReceived: from localhost by amavis; x\n" + ours("dmarc=fail header.from=posta.example"), []string{"spf:pass/posta.example", "dmarc:fail/posta.example"}},
		{"across two inner machines", "Received: from filter (filter [10.0.0.6]) by box.pontelieto.example; x\nReceived: from edge (edge [10.0.0.5]) by mx.comune.pontelieto.example; x\n" + ours("spf=fail smtp.mailfrom=posta.example; dmarc=pass header.from=posta.example"), []string{"spf:fail/posta.example", "auth_below:dmarc:pass/posta.example"}},
		{"across two that the settings name", "Received: from filter (filter [198.51.100.6]) by box.pontelieto.example; x\nReceived: from edge (edge [10.9.0.5]) by mx.comune.pontelieto.example; x\n" + ours("dmarc=pass header.from=posta.example") + received + ours("spf=none"), []string{"dmarc:pass/posta.example", "auth_below:spf:none"}},
		// what a stranger greets with hides neither the border nor us
		{"greeting with by and an address", ours("spf=none") + "Received: from [127.0.0.1] by x (unknown [192.0.2.66]) by mx.comune.pontelieto.example; x\n" + feigned + ours("dmarc=pass header.from=posta.example"), []string{"spf:none"}},
		{"greeting with by", ours("spf=none") + "Received: from x by y (unknown [192.0.2.66]) by mx.comune.pontelieto.example; x\n" + feigned + ours("dmarc=pass header.from=posta.example"), []string{"spf:none"}},
		{"greeting with by, directly below", ours("spf=none") + "Received: from x by y (unknown [192.0.2.66]) by mx.comune.pontelieto.example; x\n" + ours("dmarc=pass header.from=posta.example"), []string{"spf:none", "auth_below:dmarc:pass/posta.example"}},
		{"greeting with by and our name", ours("spf=none") + "Received: from [127.0.0.1] by mx.comune.pontelieto.example (unknown [192.0.2.66]) by mx.comune.pontelieto.example; x\n" + feigned + ours("dmarc=pass header.from=posta.example"), []string{"spf:none"}},
		{"greeting that ends in by", ours("spf=none") + "Received: from x by by mx.comune.pontelieto.example; x\n" + ours("dmarc=fail header.from=posta.example"), []string{"spf:none", "dmarc:fail/posta.example"}},
		{"envelope's sender with by and our name", ours("spf=none") + "Received: from x ([192.0.2.66]) by mx.comune.pontelieto.example (envelope-from <\"[127.0.0.1] by mx.comune.pontelieto.example\"@y.example>); x\n" + feigned + ours("dmarc=pass header.from=posta.example"), []string{"spf:none"}},
		{"greeting in brackets beside the address", ours("spf=none") + "Received: from [192.0.2.66] (helo=[127.0.0.1]) by mx.comune.pontelieto.example; x\n" + feigned + ours("dmarc=pass header.from=posta.example"), []string{"spf:none"}},
		{"unknown, as qmail writes", ours("spf=none") + "Received: from unknown (HELO mx.comune.pontelieto.example) (192.0.2.66) by mx.comune.pontelieto.example; x\n" + feigned + ours("dmarc=pass header.from=posta.example"), []string{"spf:none"}},
		{"many a by", ours("spf=none") + "Received: from" + strings.Repeat(" by x", 90) + " (unknown [192.0.2.66]) by mx.comune.pontelieto.example; x\n" + ours("dmarc=fail header.from=posta.example"), []string{"spf:none", "dmarc:fail/posta.example"}},
		{"behind a balancer", ours("spf=none") + "Received: from x (unknown [172.17.0.1]) by mx.comune.pontelieto.example; x\n" + feigned + ours("dmarc=pass header.from=posta.example"), []string{"spf:none", "auth_below:dmarc:pass/posta.example"}},
		{"behind a balancer, a feigned machine", "Received: from x (unknown [172.17.0.1]) by mx.comune.pontelieto.example; x\nReceived: from y (y [10.0.0.9]) by mx.comune.pontelieto.example; x\n" + ours("dmarc=pass header.from=posta.example"), []string{"auth_below:dmarc:pass/posta.example"}},
		// a store hands a mail to itself, or to its neighbour, and writes its own address in round brackets
		{"Zimbra, public", zimbra("93.41.0.9") + ours("spf=softfail smtp.mailfrom=posta.example; dmarc=fail header.from=posta.example"), []string{"spf:softfail/posta.example", "dmarc:fail/posta.example"}},
		{"Zimbra, private", zimbra("192.168.1.2") + ours("spf=pass smtp.mailfrom=y.example; dmarc=none"), []string{"spf:pass/y.example", "dmarc:none"}},
		{"a filter on another machine", "Received: from filter (filter [10.0.0.6]) by box.pontelieto.example; x\nReceived: from localhost (localhost [127.0.0.1]) by filter.pontelieto.example; x\n" + ours("dmarc=pass header.from=posta.example"), []string{"dmarc:pass/posta.example"}},
		{"a greeting that would hide us", "Received: from \"( by (unknown [192.0.2.1]) by mx.comune.pontelieto.example; x\n" + ours("dmarc=fail header.from=posta.example"), []string{"dmarc:fail/posta.example"}},
		// RFC 8601 section 2.2: values are tokens or quoted strings
		{"a result within quotes", ours(`spf=pass smtp.mailfrom="x; dmarc=pass header.from=posta.example"@evil.example; dmarc=fail header.from=posta.example`), []string{"spf:pass/evil.example", "dmarc:fail/posta.example"}},
		{"a bracket within quotes", ours(`spf=pass smtp.mailfrom="("@evil.example; dmarc=fail header.from=posta.example`), []string{"spf:pass/evil.example", "dmarc:fail/posta.example"}},
		{"quotes within brackets", ours(`spf=pass (" \( ") smtp.mailfrom=evil.example; dmarc=fail (x \) y) header.from=posta.example`), []string{"spf:pass/evil.example", "dmarc:fail/posta.example"}},
		{"an escaped quote", ours(`spf=pass smtp.mailfrom="a\"; dmarc=pass"@evil.example; dmarc=fail header.from=posta.example`), []string{"spf:pass/evil.example", "dmarc:fail/posta.example"}},
		{"a quoted server", `Authentication-Results: "mx.comune.pontelieto.example" 1; dmarc=fail header.from=posta.example` + "\n", []string{"dmarc:fail/posta.example"}},
		{"blanks and comments everywhere", ours(`dmarc (a) = (b) fail reason = "no; none" header (c) . from = posta.example`), []string{"dmarc:fail/posta.example"}},
		{"an address of a list", ours(`spf=pass smtp.mailfrom=list-bounces+anna=posta.example@lista.example smtp.helo=mx.lista.example`), []string{"spf:pass/lista.example"}},
		{"no domain", ours(`dmarc=pass header.from="a b"; dkim=pass header.i="@x;y" header.d=evil.example`), []string{"dmarc:pass/?", "dkim:pass/evil.example"}},
		// what cannot be read is no confirmation
		{"quotes without end", ours(`dkim=pass header.d=posta.example; dmarc=fail header.from=posta.example; spf=pass smtp.helo="x`), []string{"dmarc:fail/posta.example", unreadableNote}},
		{"comment without end", ours(`dmarc=pass header.from=posta.example; spf=pass (x`), []string{unreadableNote}},
		{"too long", ours("dmarc=pass header.from=posta.example; x=" + strings.Repeat("y", mostAuthBytes)), []string{unreadableNote}},
		{"too many results", ours(strings.Repeat("dkim=pass header.d=a.example;", mostAuthClauses+1)), []string{unreadableNote}},
		{"too deep", ours("spf=pass " + strings.Repeat("(", mostAuthDepth+1) + strings.Repeat(")", mostAuthDepth+1)), []string{unreadableNote}},
	} {
		it := parseOne(t, channels.Raw{Body: []byte(tt.header + trapHead + "\nciao\n"), ReceivedAt: testReceived}, own)
		got := slices.DeleteFunc(foundOf(it), func(n string) bool { return n == outsideNote })
		slices.Sort(tt.want)
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

// foundOf are the remarks on what the own mail server found, in order.
func foundOf(it channels.Item) (out []string) {
	for _, n := range it.Notes {
		method, _, _ := strings.Cut(strings.TrimPrefix(n, belowNote), ":")
		if slices.Contains(methods, method) || n == unreadableNote || n == outsideNote {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out
}

// Rule 51: what stands twice in a header and says two things is remarked, and what
// is shown does not depend on chance; so are several senders, however written.
func TestRule51DoubleFieldsAndSeveralSenders(t *testing.T) {
	for _, tt := range []struct {
		header, from, subject string
		want                  []string
	}{
		{"From: Anna <anna@posta.example>\nSubject: Uno\nSubject: Due\n", "anna@posta.example", "Uno", []string{"twice:subject"}},
		{"From: Anna <anna@posta.example>\nSubject: Uno\nSubject:  Uno\n", "anna@posta.example", "Uno", nil},
		{"From: Anna <anna@posta.example>\nFrom: Eva <eva@evil.example>\nSubject: Uno\n", "anna@posta.example", "Uno", []string{"twice:from", "several_from", "also_from:eva@evil.example"}},
		{"From: anna@posta.example, eva@evil.example\nSubject: Uno\n", "anna@posta.example", "Uno", []string{"several_from", "also_from:eva@evil.example"}},
		{"From: Anna <anna@posta.example> <eva@evil.example>\nSubject: Uno\n", "anna@posta.example", "Uno", []string{"several_from", "also_from:eva@evil.example"}},
		{"From: anna@posta.example <eva@evil.example>\nSubject: Uno\n", "eva@evil.example", "Uno", []string{"name_is_another_address"}},
		{"From: \"anna＠posta.example tramite Portale\" <eva@evil.example>\nSubject: Uno\n", "eva@evil.example", "Uno", []string{"name_is_another_address"}},
		{"From: Anna <anna@posta.example>, Anna Verdi <ANNA@posta.example>\nSubject: Uno\n", "anna@posta.example", "Uno", nil},
		{"From: Anna <anna@posta.example>\nSubject: Uno\nContent-Type: text/plain\nContent-Type: text/html\nDate: x\nDate: y\n", "anna@posta.example", "Uno", []string{"twice:date", "twice:content-type"}},
	} {
		it := parseOne(t, channels.Raw{Body: []byte(tt.header + "To: urp@comune.pontelieto.example\nMessage-ID: <a@b>\n\nciao\n"), ReceivedAt: testReceived}, testOwn)
		got := slices.DeleteFunc(it.Notes, func(n string) bool { return strings.HasPrefix(n, "date_") || n == "text_from_html" })
		if it.From.Value != tt.from || it.Subject != tt.subject || !slices.Equal(got, tt.want) && len(got)+len(tt.want) > 0 {
			t.Errorf("%q: from %s, %q, %v", tt.header, it.From.Value, it.Subject, got)
		}
	}
}

// Rule 51: from where our own server had a mail.
func TestRule51FromOutside(t *testing.T) {
	own := testOwn
	own.Servers = []string{"mx.comune.pontelieto.example", "198.51.100.6"}
	for received, want := range map[string]bool{
		"from x ([192.0.2.66]) by mx.comune.pontelieto.example":                                                                  true,
		"from x (x [2001:db8::1]) by mx.comune.pontelieto.example":                                                               true,
		"from x (x [IPv6:2001:db8::1]) by mx.comune.pontelieto.example":                                                          true,
		"from x (x [::ffff:127.0.0.1]) by mx.comune.pontelieto.example":                                                          false,
		"from posta.example by mx.comune.pontelieto.example":                                                                     true,
		"from pc.lan (pc.lan [10.0.0.77]) by mx.comune.pontelieto.example":                                                       false,
		"from relay ([198.51.100.6]) by mx.comune.pontelieto.example":                                                            false,
		"from localhost by mx.comune.pontelieto.example":                                                                         false,
		"by mx.comune.pontelieto.example":                                                                                        false,
		"from localhost by mx.comune.pontelieto.example\nReceived: from x ([192.0.2.66]) by mx.comune.pontelieto.example":        true,
		"from relay ([198.51.100.6]) by box.pontelieto.example\nReceived: from x ([192.0.2.66]) by mx.comune.pontelieto.example": true,
		"from x ([192.0.2.66]) by mx.altro.example":                                                                              false,
	} {
		it := parseOne(t, channels.Raw{Body: []byte("Received: " + received + "; x\n" + trapHead + "\nciao\n"), ReceivedAt: testReceived}, own)
		if got := slices.Contains(it.Notes, outsideNote); got != want {
			t.Errorf("%s: %v", received, it.Notes)
		}
	}
}
