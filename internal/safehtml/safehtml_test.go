package safehtml

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

var ctx = context.Background()

func clean1(t *testing.T, doc string, o Options) Result {
	t.Helper()
	res, err := Clean(ctx, doc, o)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func TestCleanKeepsWhatIsHarmless(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"paragraphs", "<p>a</p><p>b</p>", "<p>a</p><p>b</p>"},
		{"end tags added", "<div><b>a", "<div><b>a</b></div>"},
		{"end tags too many", "</div></b>a</p>", "a"},
		{"overlapping", "<b><i>a</b>b</i>", "<b><i>a</i></b>b"},
		{"table", `<table border="1"><tr><td colspan=2>a</td></tr></table>`, `<table border="1"><tr><td colspan="2">a</td></tr></table>`},
		{"style", `<p style="color:red; FONT-SIZE: 11pt;x">a</p>`, `<p style="color: red; font-size: 11pt">a</p>`},
		{"Outlook", `<p class="MsoNormal" align=left>a</p>`, `<p align="left" style="margin: 0">a</p>`},
		{"Outlook with colour", `<p style="color:red" class="MsoNormal">a</p>`, `<p style="color: red; margin: 0">a</p>`},
		{"Outlook with margin", `<p style="margin:5px" class="MsoNormal">a</p>`, `<p style="margin: 5px">a</p>`},
		{"rgb", `<p style="color:rgb(1,2,3)">a</p>`, `<p style="color: rgb(1,2,3)">a</p>`},
		{"font", `<font color="#ff0000" face="Arial, sans">a</font>`, `<font color="#ff0000" face="Arial, sans">a</font>`},
		{"unknown element", "<o:p>a</o:p><blink>b</blink>", "ab"},
		{"entities", "a &lt;b&gt; &amp; &nbsp;&euro;", "a &lt;b&gt; &amp; \u00a0€"},
		{"mailto", `<a href="mailto:a@b.it">a</a>`, `<a href="mailto:a@b.it" rel="noopener noreferrer nofollow" target="_blank">a</a>`},
		{"tel", `<a href="tel:+39055">a</a>`, `<a href="tel:+39055" rel="noopener noreferrer nofollow" target="_blank">a</a>`},
		{"link without scheme", `<a href="//x.it/a">a</a>`, `<a href="https://x.it/a" rel="noopener noreferrer nofollow" target="_blank">a</a>`},
		{"other target", `<a href="http://x.it" target="_top" rel="opener">a</a>`, `<a href="http://x.it" rel="noopener noreferrer nofollow" target="_blank">a</a>`},
		{"head without end", "<html><head><title>t</title><p>a</p>", "<p>a</p>"},
		{"line of a form", "<form><p>a<input value=x><button>b</button></p></form>", "<p>ab</p>"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := clean1(t, tt.in, Options{}).HTML; got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// attacks must come out without anything that acts.
var attacks = []string{
	`<script>alert(1)</script>`, `<SCRIPT SRC=//x></SCRIPT>`, `<scr<script>ipt>alert(1)</script>`,
	`<img src=x onerror=alert(1)>`, `<img src="javascript:alert(1)">`, `<img/src=x/onerror=alert(1)>`,
	`<a href="javascript:alert(1)">x</a>`, `<a href="JaVaScRiPt:alert(1)">x</a>`, "<a href=\"java\nscript:alert(1)\">x</a>",
	`<a href="&#106;avascript:alert(1)">x</a>`, `<a href="data:text/html,<script>">x</a>`, `<a href="vbscript:x">x</a>`,
	`<a href="https://a@evil.it/">x</a>`, `<a href=" &#14; javascript:alert(1)">x</a>`,
	`<iframe src="https://x"></iframe>`, `<iframe srcdoc="<script>">`, `<object data=x>`, `<embed src=x>`,
	`<svg onload=alert(1)>`, `<svg><style><img src=x onerror=alert(1)></style></svg>`,
	`<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>`,
	`<noscript><p title="</noscript><img src=x onerror=alert(1)>">`,
	`<textarea><img src=x onerror=alert(1)></textarea><p title="</textarea><script>">`,
	`<xmp><p title="</xmp><img src=x onerror=alert(1)>">`, `<plaintext><script>`,
	`<style>@import 'x';</style>`, `<link rel=stylesheet href=x>`, `<meta http-equiv=refresh content="0;url=x">`, `<base href=x>`,
	`<p style="background:url(https://x)">x</p>`, `<p style="background-image:url('x')">x</p>`,
	`<p style="width:expression(alert(1))">x</p>`, `<p style="color:red;position:fixed;top:0">x</p>`,
	`<p style="margin-left:-9999px">x</p>`, `<p style="color:r\65 d">x</p>`, `<p style="behavior:url(x)">x</p>`,
	`<p style="color:red/**/;-moz-binding:url(x)">x</p>`, `<p style="font-family:'x;background:url(y)'">x</p>`,
	`<table background="https://x"><tr><td background=x>y</td></tr></table>`, `<body background=x onload=y>z</body>`,
	`<video src=x poster=y></video>`, `<audio src=x>`, `<source src=x>`, `<picture><source srcset=x><img srcset=y></picture>`,
	`<img srcset="https://x 1x">`, `<img lowsrc=x dynsrc=y>`, `<input type=image src=x>`, `<isindex action=javascript:x>`,
	`<form action=javascript:alert(1)><input type=submit>`, `<button formaction=javascript:x>a</button>`,
	`<p id=x class=y name=z onclick=a>b</p>`, `<a id=location href=# name=x>b</a>`, `<div data-x=y contenteditable tabindex=1>z</div>`,
	`<!--[if IE]><script>alert(1)</script><![endif]-->`, `<![CDATA[<script>alert(1)</script>]]>`, `<?xml <script>?>`, `<!DOCTYPE html [<!ENTITY x "y">]>`,
	`<template><script>alert(1)</script></template>`, `<select><option><script>alert(1)</script></select>`, `<frameset><frame src=x></frameset>`,
	"<p\x00 onclick=x>a</p>", "<scr\x00ipt>alert(1)</script>", `<<script>alert(1)//<</script>`, `<img """><script>alert(1)</script>">`,
	`<a href="https://x.it/" style="color:red" onmouseover="x"><img src=y></a>`, `<img src=data:image/svg+xml,<svg/onload=x>>`,
	`<marquee onstart=x>a</marquee>`, `<details ontoggle=x open>a</details>`, `<p title='"><script>x</script>'>a</p>`,
	`<img alt="&quot;&gt;&lt;script&gt;" src="cid:&quot;onerror=x">`, `<img src='https://x.it/"onerror="y'>`, `<p lang="x' onclick='y">a</p>`,
}

func TestCleanDisarms(t *testing.T) {
	for _, attack := range attacks {
		checkSafe(t, attack)
	}
}

func TestPictures(t *testing.T) {
	o := Options{OwnHosts: []string{"filo.example"}, Inline: func(src string) (string, bool) { return "located", src == "a.png" }}
	tests := []struct{ name, in, want string }{
		{"cid", `<img src="cid:a%40b" alt="x">`, `<img alt="x" data-cid="a@b">`},
		{"cid in brackets", `<img src="CID:<a@b>">`, `<img data-cid="a@b">`},
		{"location", `<img src="a.png">`, `<img data-cid="located">`},
		{"remote", `<img src="http://x.it/a.png?b=1&amp;c=2">`, `<img data-src="http://x.it/a.png?b=1&amp;c=2">`},
		{"remote with spaces", "<img src=' http://x.it/a\n.png '>", `<img data-src="http://x.it/a.png">`},
		{"without scheme", `<img src="//x.it/a.png">`, `<img data-src="https://x.it/a.png">`},
		{"own", `<img src="https://FILO.example./x">`, ``},
		{"relative", `<img src="/x">`, ``},
		{"local machine", `<img src="http://127.0.0.1/x">`, ``},
		{"pixel", `<img src="https://x.it/p" width="1" height="1">`, ``},
		{"data", `<img src="data:image/png;base64,AAAA">`, ``},
		{"file", `<img src="file:///etc/passwd">`, ``},
		{"none", `<img alt="x">`, ``},
		{"sent as data-src", `<img data-src="https://x.it/a" data-cid="y">`, ``},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := clean1(t, tt.in, o).HTML; got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
	res := clean1(t, `<img src="cid:a"><img src="cid:b"><img src="cid:a"><img src="https://x.it/a"><img src="https://filo.example/b"><img src="https://x.it/p" width=0 height=1>`, o)
	if strings.Join(res.CIDs, " ") != "a b" || !res.RemoteImages || !res.OwnLinks || !res.Pixels {
		t.Errorf("%+v", res)
	}
}

func TestShow(t *testing.T) {
	doc := clean1(t, `<p>a &amp; b<img src="cid:x" alt="uno"><img src="cid:weg"><img src="https://x.it/a?b&amp;c"></p>`, Options{}).HTML
	cid := func(id string) (string, bool) { return "/parts/7?a=1&b=2", id == "x" }
	off := Show(doc, cid, false)
	if off != `<p>a &amp; b<img alt="uno" src="/parts/7?a=1&amp;b=2" referrerpolicy="no-referrer"><img><img data-src="https://x.it/a?b&amp;c"></p>` {
		t.Errorf("images off: %s", off)
	}
	if on := Show(doc, cid, true); !strings.Contains(on, ` src="https://x.it/a?b&amp;c"`) || strings.Contains(on, "data-src") {
		t.Errorf("images on: %s", on)
	}
	if none := Show(doc, nil, false); strings.Contains(none, " src=") {
		t.Errorf("without parts: %s", none)
	}
	if plain := "<p>a</p>"; Show(plain, nil, true) != plain {
		t.Error("a document without images was changed")
	}
}

func TestOwnLinks(t *testing.T) {
	o := Options{OwnHosts: []string{"filo.example"}}
	for href, own := range map[string]bool{
		"https://filo.example/x": true, "http://FILO.EXAMPLE:8080/": true, "//filo.example/": true, "https://filo.example./": true,
		"http://localhost/": true, "http://[::1]:80/": true, "https://other.example/": false, "mailto:a@filo.example": false,
		"https://filo.example.evil.it/": false,
	} {
		res := clean1(t, `<a href="`+href+`">x</a>`, o)
		if strings.Contains(res.HTML, "href") == own || res.OwnLinks != own {
			t.Errorf("%s: own %v, %s", href, res.OwnLinks, res.HTML)
		}
	}
}

func TestLinksWithAUserNameAreNone(t *testing.T) {
	for _, href := range []string{"https://bank.example@evil.example/", "//bank.example@evil.example/", "HTTP://a:b@evil.example"} {
		if res := clean1(t, `<a href="`+href+`">x</a>`, Options{}); res.HTML != "<a>x</a>" {
			t.Errorf("%s: %s", href, res.HTML)
		}
	}
}

func TestLimits(t *testing.T) {
	res := clean1(t, strings.Repeat("<p>a</p>", 100), Options{Nodes: 20})
	if !res.Cut || strings.Count(res.HTML, "<p>") > 20 || strings.Count(res.Text, "a") != 100 {
		t.Errorf("cut %v, %d paragraphs, text %q", res.Cut, strings.Count(res.HTML, "<p>"), res.Text)
	}
	res = clean1(t, strings.Repeat(`<a href="https://x.it">a</a>`, 30), Options{Links: 10})
	if !res.TooManyLinks || strings.Count(res.HTML, "href") != 10 {
		t.Errorf("too many links %v, %d links", res.TooManyLinks, strings.Count(res.HTML, "href"))
	}
	res = clean1(t, strings.Repeat("<div>", 1000)+"a", Options{})
	if n := strings.Count(res.HTML, "<div>"); n != maxOpen || n != strings.Count(res.HTML, "</div>") {
		t.Errorf("%d open elements", n)
	}
}

func TestDeadline(t *testing.T) {
	over, cancel := context.WithDeadline(ctx, time.Unix(0, 0))
	defer cancel()
	res, err := Clean(over, "<p>a</p>", Options{})
	if !errors.Is(err, ErrDeadline) || res.HTML != "" {
		t.Errorf("%v, %q", err, res.HTML)
	}
	if _, err := sanitise(over, "<p>a</p>"); !errors.Is(err, ErrDeadline) {
		t.Errorf("second lock: %v", err)
	}
}

func TestNothingIsLostInElementsWithoutEnd(t *testing.T) {
	for _, doc := range []string{
		"<p>prima</p><select><option>dopo", "<p>prima</p><div style='display:none'>dopo", "<div hidden><p>prima dopo</p></div>",
		"<p>prima</p><noscript>dopo", "<p>prima</p><svg>dopo",
	} {
		res := clean1(t, doc, Options{})
		if !strings.Contains(res.Text, "prima") || !strings.Contains(res.Text, "dopo") || !strings.Contains(res.HTML, "dopo") {
			t.Errorf("%s gives %q %q", doc, res.HTML, res.Text)
		}
	}
	res := clean1(t, "<p>visto</p><div hidden>non visto</div>", Options{})
	if strings.Contains(res.HTML+res.Text, "non visto") {
		t.Errorf("hidden text shows: %q", res.HTML)
	}
}

func TestEmpty(t *testing.T) {
	for doc, want := range map[string]bool{
		"": true, "<p>&nbsp;<br></p>": true, "<img>": true, "<p>\u200b</p>": true, "<p>a</p>": false, "<img src=cid:a>": false,
		"<hr>": true,
	} {
		if got := clean1(t, doc, Options{}).Empty; got != want {
			t.Errorf("Empty of %q is %v", doc, got)
		}
	}
}
