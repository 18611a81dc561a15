package mail

import (
	"slices"
	"strings"
	"testing"

	"filodiretto/channels"
)

// setup is a header as one way of running mail makes it.
type setup struct {
	name    string
	servers string // auth_servers
	header  string
	want    string // what is read
}

func (s setup) check(t *testing.T) {
	t.Helper()
	own := testOwn
	own.Servers = strings.Fields(s.servers)
	it := parseOne(t, channels.Raw{Body: []byte(strings.TrimLeft(s.header, "\n") + trapHead + "\nciao\n"), ReceivedAt: testReceived}, own)
	want := strings.Fields(s.want)
	slices.Sort(want)
	if got := foundOf(it); !slices.Equal(got, want) {
		t.Errorf("%s:\n got %v\nwant %v", s.name, got, want)
	}
}

const (
	mxName = "mx.comune.pontelieto.example"
	// fromOutside is how Postfix notes a mail from another's server.
	fromOutside = `Received: from out.posta.example (out.posta.example [203.0.113.5])
	(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519 server-signature RSA-PSS (2048 bits))
	(No client certificate requested)
	by mx.comune.pontelieto.example (Postfix) with ESMTPS id 4XyZ1v2Abc
	for <urp@comune.pontelieto.example>; Mon, 16 Nov 2026 10:00:00 +0100 (CET)
`
	fromColleague = `Received: from pc-anagrafe (pc-anagrafe.lan [10.0.0.77])
	by mx.comune.pontelieto.example (Postfix) with ESMTPSA id 4XyZ1v2Abd; Mon, 16 Nov 2026 10:00:00 +0100 (CET)
`
	toStore = `Received: from mx.comune.pontelieto.example (mx.comune.pontelieto.example [10.0.0.5])
	by box.comune.pontelieto.example (Postfix) with ESMTP id 9A; Mon, 16 Nov 2026 10:00:01 +0100 (CET)
`
	amavis = `Received: from localhost (localhost [127.0.0.1])
	by mx.comune.pontelieto.example (Postfix) with ESMTP id 4A; Mon, 16 Nov 2026 10:00:02 +0100 (CET)
Received: from mx.comune.pontelieto.example ([127.0.0.1])
	by localhost (mx.comune.pontelieto.example [127.0.0.1]) (amavisd-new, port 10024)
	with ESMTP id kX2bA1; Mon, 16 Nov 2026 10:00:01 +0100 (CET)
`
	oursFound = "Authentication-Results: mx.comune.pontelieto.example;\n\t"
)

// usualSetups are the usual ways of running mail.
func usualSetups() []setup {
	exchange := func(address string) string {
		return "Received: from EX1.comune.local (" + address + ") by EX1.comune.local\n (" + address + ") with Microsoft SMTP Server (version=TLS1_2,\n cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id 15.1.2507.39 via Mailbox\n Transport; Mon, 16 Nov 2026 10:00:02 +0100\n"
	}
	const gateway = "Received: from mx.comune.pontelieto.example (10.0.0.9) by EX1.comune.local\n (10.0.0.2) with Microsoft SMTP Server id 15.1.2507.39 via Frontend Transport;\n Mon, 16 Nov 2026 10:00:01 +0100\n"
	return []setup{
		{
			"Postfix, its milters write below its own Received", mxName,
			fromOutside + oursFound + "dmarc=pass (p=none dis=none) header.from=posta.example\n" + oursFound + "dkim=pass (2048-bit key) header.d=posta.example header.i=@posta.example\n",
			"from_outside dmarc:pass/posta.example dkim:pass/posta.example",
		},
		{
			"Postfix, SPF by a policy program above, milters below: only what is bad of them", mxName,
			oursFound + "spf=pass (sender SPF authorized) smtp.mailfrom=bounce.invii.example (client-ip=203.0.113.5)\n" + fromOutside + oursFound + "dmarc=fail (p=none dis=none) header.from=posta.example\n" + oursFound + "dkim=pass header.d=posta.example\n",
			"from_outside spf:pass/bounce.invii.example dmarc:fail/posta.example auth_below:dkim:pass/posta.example",
		},
		{
			"Postfix and Dovecot (LMTP over a socket)", mxName,
			"Received: from mx.comune.pontelieto.example\n\tby mx.comune.pontelieto.example with LMTP\n\tid aBcDeF (envelope-from <anna@posta.example>)\n\tfor <urp@comune.pontelieto.example>; Mon, 16 Nov 2026 10:00:01 +0100\n" + fromOutside + oursFound + "dkim=pass header.d=posta.example header.s=s1;\n\tspf=pass (mx.comune.pontelieto.example: domain of anna@posta.example designates 203.0.113.5 as permitted sender) smtp.mailfrom=anna@posta.example;\n\tdmarc=pass (policy=none) header.from=posta.example\n",
			"from_outside dmarc:pass/posta.example dkim:pass/posta.example spf:pass/posta.example",
		},
		{
			"Dovecot under a short name, on another machine (LMTP over the network)", mxName,
			"Received: from mx.comune.pontelieto.example ([10.0.0.5])\n\tby box with LMTPS id aBcDeF\n\tfor <urp@comune.pontelieto.example>; Mon, 16 Nov 2026 10:00:01 +0100\n" + fromOutside + oursFound + "dmarc=pass header.from=posta.example\n",
			"from_outside dmarc:pass/posta.example",
		},
		{
			"Cyrus (LMTP)", mxName,
			"Received: from mx.comune.pontelieto.example ([10.0.0.5])\n\tby imap.comune.pontelieto.example (Cyrus 3.4.3) with LMTPA;\n\tMon, 16 Nov 2026 10:00:01 +0100\n" + fromOutside + oursFound + "dmarc=pass header.from=posta.example\n",
			"from_outside dmarc:pass/posta.example",
		},
		{
			"amavis behind Postfix with milters", mxName,
			amavis + fromOutside + oursFound + "dmarc=fail (p=reject dis=none) header.from=posta.example\n" + oursFound + "dkim=none\n",
			"from_outside dmarc:fail/posta.example dkim:none",
		},
		{
			"amavis over LMTP", mxName,
			strings.Replace(amavis, "with ESMTP id kX2bA1", "with LMTP id kX2bA1", 1) + fromOutside + oursFound + "dmarc=pass header.from=posta.example\n",
			"from_outside dmarc:pass/posta.example",
		},
		{
			"amavis on another machine, not listed", mxName,
			"Received: from localhost (filtro.lan [10.0.0.6])\n\tby mx.comune.pontelieto.example (Postfix) with ESMTP id 4A; Mon, 16 Nov 2026 10:00:02 +0100\nReceived: from mx.comune.pontelieto.example ([10.0.0.5])\n\tby localhost (filtro.lan [10.0.0.6]) (amavisd-new, port 10024)\n\twith ESMTP id x; Mon, 16 Nov 2026 10:00:01 +0100\n" + fromOutside + oursFound + "dmarc=fail header.from=posta.example; spf=pass smtp.mailfrom=posta.example\n",
			"from_outside dmarc:fail/posta.example auth_below:spf:pass/posta.example",
		},
		{
			"the same, listed", mxName + " 10.0.0.5 10.0.0.6",
			"Received: from localhost (filtro.lan [10.0.0.6])\n\tby mx.comune.pontelieto.example (Postfix) with ESMTP id 4A; Mon, 16 Nov 2026 10:00:02 +0100\nReceived: from mx.comune.pontelieto.example ([10.0.0.5])\n\tby localhost (filtro.lan [10.0.0.6]) (amavisd-new, port 10024)\n\twith ESMTP id x; Mon, 16 Nov 2026 10:00:01 +0100\n" + fromOutside + oursFound + "dmarc=pass header.from=posta.example\n",
			"from_outside dmarc:pass/posta.example",
		},
		{
			"amavis that Postfix reaches by the machine's own address", mxName,
			strings.Replace(amavis, "([127.0.0.1])\n\tby localhost (mx.comune.pontelieto.example [127.0.0.1])", "([10.0.0.5])\n\tby localhost (mx.comune.pontelieto.example [10.0.0.5])", 1) + fromOutside + oursFound + "dmarc=pass header.from=posta.example\n",
			"from_outside dmarc:pass/posta.example",
		},
		{
			"Zimbra on one machine with a public address", "zimbra.comune.pontelieto.example", `
Received: from zimbra.comune.pontelieto.example (LHLO
 zimbra.comune.pontelieto.example) (93.41.0.9) by
 zimbra.comune.pontelieto.example with LMTP; Mon, 16 Nov 2026 10:00:04 +0100 (CET)
Received: from localhost (localhost [127.0.0.1])
	by zimbra.comune.pontelieto.example (Postfix) with ESMTP id 8A1; Mon, 16 Nov 2026 10:00:03 +0100 (CET)
Received: from zimbra.comune.pontelieto.example ([127.0.0.1])
	by localhost (zimbra.comune.pontelieto.example [127.0.0.1]) (amavis, port 10032)
	with ESMTP id x1; Mon, 16 Nov 2026 10:00:03 +0100 (CET)
Received: from localhost (localhost [127.0.0.1])
	by zimbra.comune.pontelieto.example (Postfix) with ESMTP id 8A0; Mon, 16 Nov 2026 10:00:03 +0100 (CET)
Authentication-Results: zimbra.comune.pontelieto.example (amavis);
	dkim=pass (2048-bit key) header.d=posta.example
Received: from zimbra.comune.pontelieto.example ([127.0.0.1])
	by localhost (zimbra.comune.pontelieto.example [127.0.0.1]) (amavis, port 10026)
	with ESMTP id y1; Mon, 16 Nov 2026 10:00:02 +0100 (CET)
Received: from out.posta.example (out.posta.example [203.0.113.5])
	by zimbra.comune.pontelieto.example (Postfix) with ESMTPS; Mon, 16 Nov 2026 10:00:01 +0100 (CET)
Authentication-Results: zimbra.comune.pontelieto.example; dmarc=fail (p=none dis=none) header.from=posta.example
`,
			"from_outside dkim:pass/posta.example dmarc:fail/posta.example",
		},
		{
			"Zimbra, mailbox on another machine", "mta.comune.pontelieto.example", `
Received: from mta.comune.pontelieto.example (LHLO
 mta.comune.pontelieto.example) (10.0.0.5) by
 box.comune.pontelieto.example with LMTP; Mon, 16 Nov 2026 10:00:04 +0100 (CET)
Received: from out.posta.example (out.posta.example [203.0.113.5])
	by mta.comune.pontelieto.example (Postfix) with ESMTPS; Mon, 16 Nov 2026 10:00:01 +0100 (CET)
Authentication-Results: mta.comune.pontelieto.example; dmarc=pass (p=none dis=none) header.from=posta.example
`,
			"from_outside dmarc:pass/posta.example",
		},
		{
			"Exchange on premises behind a gateway that writes on top", mxName,
			exchange("10.0.0.2") + exchange("fe80::1c5f:ab1%12") + gateway + oursFound + "spf=pass smtp.mailfrom=posta.example; dkim=none\n" + fromOutside,
			"auth_below:spf:pass/posta.example auth_below:dkim:none from_outside",
		},
		{
			"the same, its name listed", mxName + " ex1.comune.local",
			exchange("10.0.0.2") + exchange("fe80::1c5f:ab1%12") + gateway + oursFound + "spf=pass smtp.mailfrom=posta.example; dkim=none\n" + fromOutside,
			"spf:pass/posta.example dkim:none from_outside",
		},
		{
			"Exchange behind a gateway with milters, its address listed", mxName + " 10.0.0.9",
			exchange("10.0.0.2") + gateway + fromOutside + oursFound + "dmarc=pass header.from=posta.example\n",
			"from_outside dmarc:pass/posta.example",
		},
		{
			"Exchange that takes mail from outside itself", mxName,
			"Received: from EX1.comune.pontelieto.example (10.0.0.2) by EX1.comune.pontelieto.example\n (10.0.0.2) with Microsoft SMTP Server id 15.1.2507.39; Mon, 16 Nov 2026 10:00:02 +0100\n" + oursFound + "spf=softfail smtp.mailfrom=posta.example\nReceived: from out.posta.example (203.0.113.5) by EX1.comune.pontelieto.example\n (10.0.0.2) with Microsoft SMTP Server id 15.1.2507.39 via Frontend Transport;\n Mon, 16 Nov 2026 10:00:01 +0100\n",
			"from_outside spf:softfail/posta.example",
		},
		{
			// the field names nobody, and other tenants have the same inner addresses
			"Exchange Online", "outlook.com", `
Received: from AM9PR03MB1234.eurprd03.prod.outlook.com (2603:10a6:20b:283::10)
 by VI1PR03MB5678.eurprd03.prod.outlook.com with HTTPS; Mon, 16 Nov 2026 09:00:05 +0000
Received: from DB9PR05CA0011.eurprd05.prod.outlook.com (2603:10a6:10:1da::16)
 by AM9PR03MB1234.eurprd03.prod.outlook.com (2603:10a6:20b:283::10) with
 Microsoft SMTP Server (version=TLS1_2,
 cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id 15.20.8158.20; Mon, 16 Nov 2026 09:00:04 +0000
Authentication-Results: spf=pass (sender IP is 203.0.113.5)
 smtp.mailfrom=posta.example; dkim=pass (signature was verified)
 header.d=posta.example;dmarc=pass action=none
 header.from=posta.example;compauth=pass reason=100
Received: from out.posta.example (203.0.113.5) by
 DB5PEPF00014B9E.mail.protection.outlook.com (10.167.8.171) with Microsoft SMTP
 Server id 15.20.8158.14 via Frontend Transport; Mon, 16 Nov 2026 09:00:03 +0000
`,
			"from_outside",
		},
		{
			"Google Workspace", "mx.google.com", `
Received: by 2002:a05:6a10:1234:b0:5c2:9ab:11 with SMTP id x1csp123456;
        Mon, 16 Nov 2026 01:00:03 -0800 (PST)
Received: from mail-wr1-f41.google.com (mail-wr1-f41.google.com. [209.85.221.41])
        by mx.google.com with SMTPS id a1sor123456
        for <urp@comune.pontelieto.example>
        (Google Transport Security);
        Mon, 16 Nov 2026 01:00:02 -0800 (PST)
Authentication-Results: mx.google.com;
       dkim=pass header.i=@posta.example header.s=20230601 header.b=AbCdEfGh;
       spf=pass (google.com: domain of anna@posta.example designates 209.85.220.41 as permitted sender) smtp.mailfrom=anna@posta.example;
       dmarc=pass (p=NONE sp=QUARANTINE dis=NONE) header.from=posta.example;
       dara=pass header.i=@comune.pontelieto.example
`,
			"from_outside dkim:pass/posta.example spf:pass/posta.example dmarc:pass/posta.example",
		},
		{
			"qmail, which says in two fields from where", mxName, `
Received: (qmail 12345 invoked by uid 89); 16 Nov 2026 09:00:02 -0000
Received: (qmail 12344 invoked from network); 16 Nov 2026 09:00:01 -0000
Received: from out.posta.example (203.0.113.5)
  by mx.comune.pontelieto.example with SMTP; 16 Nov 2026 09:00:01 -0000
Authentication-Results: mx.comune.pontelieto.example; spf=fail smtp.mailfrom=posta.example
`,
			"from_outside spf:fail/posta.example",
		},
		{
			"Exim", mxName, `
Received: from out.posta.example ([203.0.113.5])
	by mx.comune.pontelieto.example with esmtps (TLS1.3) tls TLS_AES_256_GCM_SHA384
	(Exim 4.96) (envelope-from <anna@posta.example>) id 1tABCD-0001aB-2c
	for urp@comune.pontelieto.example; Mon, 16 Nov 2026 10:00:01 +0100
Authentication-Results: mx.comune.pontelieto.example; dmarc=pass header.from=posta.example
`,
			"from_outside dmarc:pass/posta.example",
		},
		{
			"edge and store, not listed", mxName,
			toStore + fromOutside + oursFound + "dmarc=pass header.from=posta.example\n" + oursFound + "spf=fail smtp.mailfrom=posta.example\n",
			"from_outside auth_below:dmarc:pass/posta.example spf:fail/posta.example",
		},
		{
			"edge and store, listed", mxName + " 10.0.0.5",
			toStore + fromOutside + oursFound + "dmarc=pass header.from=posta.example\n",
			"from_outside dmarc:pass/posta.example",
		},
		{
			"edge that writes above its own Received, and store", mxName,
			toStore + oursFound + "dmarc=pass header.from=posta.example\n" + fromOutside,
			"dmarc:pass/posta.example from_outside",
		},
		{"a colleague in the house", mxName, fromColleague + oursFound + "dkim=none\n", "dkim:none"},
		{"a colleague in the house, edge and store", mxName, toStore + fromColleague + oursFound + "dkim=none\n", "auth_below:dkim:none"},
		{"a colleague in the house, amavis", mxName, amavis + fromColleague + oursFound + "dkim=none\n", "dkim:none"},
		{"a colleague's program on the server", mxName, "Received: by mx.comune.pontelieto.example (Postfix, from userid 33)\n\tid 5C; Mon, 16 Nov 2026 10:00:00 +0100 (CET)\n", ""},
		{
			"a provider's mailbox over POP3", "mx.provider.example",
			strings.ReplaceAll(fromOutside, mxName, "mx.provider.example") + "Authentication-Results: mx.provider.example; dmarc=fail header.from=posta.example\n",
			"from_outside dmarc:fail/posta.example",
		},
		{
			"fetched from a provider into a house's own store", "mx.provider.example",
			"Received: from localhost (localhost [127.0.0.1])\n\tby box.comune.pontelieto.example (Postfix) with ESMTP id 7B; Mon, 16 Nov 2026 10:05:00 +0100\nReceived: from pop.provider.example [198.51.100.9]\n\tby localhost with POP3 (fetchmail-6.4.37)\n\tfor <urp@localhost> (single-drop); Mon, 16 Nov 2026 10:05:00 +0100 (CET)\n" + strings.ReplaceAll(fromOutside, mxName, "mx.provider.example") + "Authentication-Results: mx.provider.example; dmarc=pass header.from=posta.example\n",
			"from_outside dmarc:pass/posta.example",
		},
	}
}

// Rule 51: what is read of a mail in each usual way of running mail.
func TestRule51UsualSetups(t *testing.T) {
	for _, s := range usualSetups() {
		s.check(t)
	}
}

// Rule 51: what a stranger writes. Whatever they greet with, whatever name their
// address has, whatever stands in their envelope and on top of their mail: nothing of
// it makes their own oursFound count, nor hides that the mail came from outside.
func TestRule51StrangersLines(t *testing.T) {
	forged := oursFound + "dmarc=pass header.from=posta.example\n"
	feigned := "Received: from localhost (localhost [127.0.0.1]) by mx.comune.pontelieto.example; x\n" + forged
	for name, received := range map[string]string{
		"Exchange, greets as localhost":                        "from localhost (192.0.2.66) by mx.comune.pontelieto.example (10.0.0.2) with Microsoft SMTP Server (version=TLS1_2) id 15.2.1118.40 via Frontend Transport",
		"Exchange, greets with our name":                       "from mx.comune.pontelieto.example (192.0.2.66) by mx.comune.pontelieto.example (10.0.0.2) with Microsoft SMTP Server id 15.2.1118.40",
		"Exchange, IPv6":                                       "from localhost (2001:db8::66) by mx.comune.pontelieto.example (10.0.0.2) with Microsoft SMTP Server id 15.2.1118.40",
		"Exchange, greets with its address":                    "from [10.0.0.2] (192.0.2.66) by mx.comune.pontelieto.example (10.0.0.2) with Microsoft SMTP Server id 15.2.1118.40",
		"Exchange Online":                                      "from x.mail.protection.outlook.com (192.0.2.66) by DB5.mail.protection.outlook.com (10.152.1.1) with Microsoft SMTP Server id 15.20",
		"qmail, the name of their address is localhost":        "from localhost (HELO x) (192.0.2.66) by mx.comune.pontelieto.example with SMTP",
		"qmail, the name of their address is ours":             "from mx.comune.pontelieto.example (HELO x) (192.0.2.66) by mx.comune.pontelieto.example with SMTP",
		"qmail, who asks them for a user":                      "from localhost (HELO localhost) (x@192.0.2.66) by mx.comune.pontelieto.example with SMTP",
		"qmail, an envelope's sender before by":                "from localhost (HELO x) (192.0.2.66) (envelope-sender <by@localhost>) by mx.comune.pontelieto.example with SMTP",
		"a greeting that speaks LMTP":                          "from by mx.comune.pontelieto.example with LMTP (unknown [192.0.2.66]) by mx.comune.pontelieto.example (Postfix) with ESMTP",
		"a greeting as Zimbra hands over":                      "from mx.comune.pontelieto.example (LHLO mx.comune.pontelieto.example) (10.0.0.5) by mx.comune.pontelieto.example with LMTP ([192.0.2.66]) by mx.comune.pontelieto.example with ESMTP",
		"an envelope's sender that speaks LMTP":                "from localhost ([192.0.2.66]) by mx.comune.pontelieto.example with esmtp (Exim 4.96) (envelope-from <\"x by mx.comune.pontelieto.example with lmtp \"@evil.example>) id 1t",
		"an envelope's sender that fetched":                    "from localhost ([192.0.2.66]) by mx.comune.pontelieto.example with esmtp (Exim 4.96) (envelope-from <\" by localhost with POP3 \"@evil.example>) id 1t",
		"an envelope's sender with the server's address":       "from localhost ([192.0.2.66]) by mx.comune.pontelieto.example with esmtp (Exim 4.96) (envelope-from <\" by mx.comune.pontelieto.example (192.0.2.66) \"@evil.example>) id 1t",
		"Postfix knows no address":                             "from localhost (unknown [unknown]) by mx.comune.pontelieto.example (Postfix) with SMTP",
		"Exim, a port behind the address":                      "from [192.0.2.66] (port=50123 helo=localhost) by mx.comune.pontelieto.example with esmtp",
		"an address with a port":                               "from localhost (localhost [192.0.2.66]:50123) by mx.comune.pontelieto.example with esmtp",
		"an address and its port in one":                       "from localhost (192.0.2.66:50123) by mx.comune.pontelieto.example with esmtp",
		"an address mapped into IPv6":                          "from localhost (HELO localhost) (::ffff:192.0.2.66) by mx.comune.pontelieto.example with ESMTP",
		"a greeting that is ours, of a server by another name": "from localhost by mx.comune.pontelieto.example (unknown [192.0.2.66]) by filtro.altro.example (Postfix) with ESMTP",
	} {
		setup{name, mxName + " outlook.com", oursFound + "spf=none; dkim=none\nReceived: " + received + "; Mon, 16 Nov 2026 10:00:00 +0100\n" + feigned, "from_outside spf:none dkim:none"}.check(t)
		setup{name + ", and nothing of ours above", mxName + " outlook.com", "Received: " + received + "; Mon, 16 Nov 2026 10:00:00 +0100\n" + feigned, "from_outside"}.check(t)
	}
	for _, s := range []setup{
		// a server that nobody told us of is none of ours, whatever the greeting
		{"a short name", mxName, "Received: from localhost ([192.0.2.66]) by a1b2c3 (Postfix) with ESMTP; x\n" + forged, ""},
		{"a short name, greeted by localhost", mxName, "Received: from localhost by localhost (unknown [192.0.2.66]) by altro.example; x\n" + forged, ""},
		{"a short name behind a balancer", mxName, "Received: from x (x [10.0.0.1]) by EX1.comune.local (10.0.0.2) with Microsoft SMTP Server; x\n" + forged, "auth_below:dmarc:pass/posta.example"},
		// behind a balancer all have one private address
		{"a balancer, lines of an inner hop", mxName, "Received: from x (x [172.17.0.1]) by mx.comune.pontelieto.example (Postfix) with ESMTP; x\n" + oursFound + "spf=none\nReceived: from mx.comune.pontelieto.example ([10.0.0.5]) by box.comune.pontelieto.example; x\n" + forged, "spf:none auth_below:dmarc:pass/posta.example"},
		{"a balancer, lines as of an edge", mxName, "Received: from x (x [172.17.0.1]) by mx.comune.pontelieto.example (Postfix) with ESMTP; x\n" + oursFound + "spf=none\nReceived: from out.posta.example ([203.0.113.5]) by mx.comune.pontelieto.example with ESMTP; x\n" + forged, "from_outside spf:none auth_below:dmarc:pass/posta.example"},
		{"a balancer in front of Exchange", mxName, "Received: from EX1.comune.local (10.0.0.2) by EX1.comune.local (10.0.0.2) with Microsoft SMTP Server id 15; x\nReceived: from localhost (10.0.0.1) by EX1.comune.local (10.0.0.2) with Microsoft SMTP Server id 15; x\n" + feigned, "auth_below:dmarc:pass/posta.example"},
		// a field of nobody is nobody's
		{"a field without a name", mxName, "Authentication-Results: dmarc=pass header.from=posta.example\n" + fromOutside, "from_outside"},
	} {
		s.check(t)
	}
}
