package rfc822

import "testing"

func TestDecodeWords(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"plain", "ciao a tutti", "ciao a tutti"},
		{"Q", "=?utf-8?Q?citt=C3=A0_bella?=", "città bella"},
		{"B", "=?utf-8?B?Y2l0dMOg?=", "città"},
		{"case and language", "=?UTF-8*it?q?citt=c3=a0?=", "città"},
		{"two words", "=?utf-8?Q?a?= =?utf-8?Q?b?=", "ab"},
		{"two words folded", "=?utf-8?Q?a?=\r\n\t=?utf-8?Q?b?=", "ab"},
		{"word and text", "x =?utf-8?Q?a?= y", "x a y"},
		{"no space around", "x=?utf-8?Q?a?=y", "xay"},
		{"split in a character", "=?utf-8?Q?citt=C3?= =?utf-8?Q?=A0?=", "città"},
		{"split, two encodings", "=?utf-8?B?Y2l0dMM=?= =?UTF-8?Q?=A0?=", "città"},
		{"different charsets", "=?iso-8859-1?Q?=E0?= =?utf-8?Q?=C3=A0?=", "àà"},
		{"spaces inside", "=?utf-8?Q?la citt=C3=A0 bella?=", "la città bella"},
		{"no end", "=?utf-8?Q?citt=C3=A0", "città"},
		{"no end, half an end", "=?utf-8?Q?citt=C3=A0?", "città"},
		{"no end, more text", "=?utf-8?Q?citt=C3=A0 e altro", "città e altro"},
		{"no end before another", "=?utf-8?Q?citt=C3=A0 =?utf-8?Q?bella?=", "cittàbella"},
		{"padding looks like a start", "=?utf-8?B?YQ==?=", "a"},
		{"no padding", "=?utf-8?B?YQ?=", "a"},
		{"junk in base64", "=?utf-8?B?Y2*l0 dMOg?=", "città"},
		{"broken escape", "=?utf-8?Q?a=ZZb=?=", "a=ZZb="},
		{"empty word", "a=?utf-8?Q??=b", "ab"},
		{"unknown charset", "=?x-boh?Q?citt=E0?=", "città"},
		{"no charset", "=??Q?a?=", "=??Q?a?="},
		{"unknown encoding", "=?utf-8?X?a?=", "=?utf-8?X?a?="},
		{"not a word", "1=?2 =? =?=", "1=?2 =? =?="},
		{"raw utf-8", "citt\xc3\xa0", "città"},
		{"raw latin", "citt\xe0", "città"},
		{"raw beside a word", "\xe8 =?utf-8?Q?=C3=A0?=", "è à"},
		{"gb", "=?gb2312?B?xOO6ww==?=", "你好"},
		{"iso-2022-jp in two words", "=?iso-2022-jp?B?GyRCJDMbKEI=?= =?iso-2022-jp?B?GyRCJHMbKEI=?=", "こん"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := DecodeWords(tt.in, ""); got != tt.want {
				t.Errorf("%q gives %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestDecodeWordsUsesTheHint(t *testing.T) {
	if got := DecodeWords("\xd0\xd2\xc9", "koi8-r"); got != "при" {
		t.Errorf("got %q", got)
	}
}

func TestDecodeCharset(t *testing.T) {
	tests := []struct{ name, in, declared, want, used string }{
		{"ascii", "ciao", "", "ciao", ASCII},
		{"ascii declared otherwise", "ciao", "iso-8859-1", "ciao", ASCII},
		{"declared latin is windows", "\x93a\x94", "iso-8859-1", "“a”", Latin},
		{"iso-8859-15", "\xa4", "ISO-8859-15", "€", "iso-8859-15"},
		{"undeclared utf-8", "à", "", "à", UTF8},
		{"undeclared latin", "\xe0", "", "à", Latin},
		{"quoted name", "\xe0", `"iso-8859-1"`, "à", Latin},
		{"unknown name", "\xe0", "x-unknown", "à", Latin},
		{"utf-8 that is latin", "perch\xe9 cos\xec", "utf-8", "perché così", Latin},
		{"utf-8 with one bad byte", "perché così\xff", "utf-8", "perché così\ufffd", UTF8},
		{"latin that is utf-8", "perché", "windows-1252", "perché", UTF8},
		{"wrong multibyte charset", "perch\xe9, s\xec", "gb2312", "perché, sì", Latin},
		{"mark wins", "\xef\xbb\xbfà", "iso-8859-1", "à", UTF8},
		{"utf-16 mark", "\xfe\xff\x00a\x00b", "", "ab", "utf-16be"},
		{"utf-16 without mark", "a\x00b\x00c\x00d\x00e\x00\xe0\x00", "", "abcdeà", "utf-16le"},
		{"utf-7", "citt+AOA-", "utf-7", "città", "utf-7"},
		{"utf-7 plus", "1 +- 1 + 1", "utf-7", "1 + 1 + 1", "utf-7"},
		{"koi8", "\xd0", "koi8-r", "п", "koi8-r"},
		{"ks", "\xbe\xc8", "ks_c_5601-1987", "안", "euc-kr"},
		{"iso-2022-jp undeclared", "\x1b$B$3\x1b(B", "", "こ", "iso-2022-jp"},
		{"big5", "\xa7A", "big5", "你", "big5"},
		{"cp850", "\x8a", "ibm850", "è", "ibm850"},
		{"cp850 by other names", "perch\x82", "cp-850", "perché", "cp850"},
		{"x-cp850", "perch\x82", "x-cp850", "perché", "cp850"},
		{"cp_437", "citt\x85", "CP_437", "città", "cp437"},
		{"iso-2022-kr", "\x1b$)C\n\x0e>H3g\x0f ok\n>H", "iso-2022-kr", "\n안녕 ok\n>H", "iso-2022-kr"},
		{"iso-2022-kr without a shift", "ok", "iso-2022-kr", "ok", "iso-2022-kr"},
		{"x-user-defined", "caff\xe8 perch\xe9", "x-user-defined", "caffè perché", Latin},
		{"x-user-defined that is utf-8", "caffè", "X-User-Defined", "caffè", UTF8},
		{"utf-7 with bytes above 127", "citt\xe0 +AOA-", "utf-7", "città +AOA-", Latin},
		{"utf-16 that is latin", "Il caff\xe8 in citt\xe0", "utf-16le", "Il caffè in città", Latin},
		{"utf-16 by another name that is utf-8", "Il caffè in città", "ucs-2", "Il caffè in città", UTF8},
		{"utf-16 without a NUL", "\x48\xc5\x55\xb1", "utf-16le", "안녕", "utf-16le"},
		{"EBCDIC that is none", "il caff\xe8", "ibm037", "il caffè", Latin},
		{"EBCDIC", "\xc3\x89\x81\x96\x40\x81", "ibm037", "Ciao a", "ibm037"},
		{"a quotation mark of windows", "citt\xe0, caff\xe8, perch\xe9, cos\xec: l\x92atto", "iso-8859-15", "città, caffè, perché, così: l’atto", "iso-8859-15"},
		{"a control character that was a quotation mark", "l\u0092atto", "utf-8", "l’atto", UTF8},
		{"the same, undeclared", "l\u0092atto \u0080 5 è", "", "l’atto € 5 è", UTF8},
		{"utf-8 under a Chinese name", "caffè, città, perché: così è più semplice", "gb2312", "caffè, città, perché: così è più semplice", UTF8},
		{"utf-8 under a Thai name", "caffè, città, perché: così è più semplice", "tis-620", "caffè, città, perché: così è più semplice", UTF8},
		{"Chinese stays Chinese", "\xc4\xe3\xba\xc3\xca\xc0\xbd\xe7", "gb2312", "你好世界", "gb18030"},
		{"Cyrillic stays Cyrillic", "\xcf\xf0\xe8\xe2\xe5\xf2, \xea\xe0\xea \xe4\xe5\xeb\xe0", "windows-1251", "Привет, как дела", "windows-1251"},
		{"empty", "", "utf-8", "", ASCII},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text, used := DecodeCharset([]byte(tt.in), tt.declared)
			if text != tt.want || used != tt.used {
				t.Errorf("%q %q, want %q %q", text, used, tt.want, tt.used)
			}
		})
	}
}
