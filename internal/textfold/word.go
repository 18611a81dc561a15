package textfold

import (
	"strings"
	"sync"
)

// maxWord is how many bytes of a word are kept: what is longer is no word of
// a person but a link or a coded file.
const maxWord = 64

// maxSeen is the number of distinct words above which the working memory of a
// call is thrown away and not used again.
const maxSeen = 8192

// workspace is the memory that one call of Words needs.
type workspace struct {
	scan scanner
	seen map[string]struct{}
}

var workspaces = sync.Pool{New: func() any {
	return &workspace{scan: scanner{max: maxWord}, seen: make(map[string]struct{}, 256)}
}}

// Words gives the words of s for an index column: folded, without stop words
// and single letters, cut to their Italian stem, each once, in the order of
// their first use. Numbers and codes stay whole.
func Words(s string) []string {
	ws := workspaces.Get().(*workspace)
	ws.scan.text, ws.scan.at = s, 0
	out := make([]string, 0, min(len(s)/12+4, 1024))
	for ws.scan.next() {
		word := ws.scan.word
		var w string
		switch {
		case hasDigit(word):
			if _, known := ws.seen[string(word)]; known {
				continue
			}
			w = string(word)
		case len(word) == 1:
			continue
		default:
			if w = stems.stem(word); w == "" {
				continue
			}
			if _, known := ws.seen[w]; known {
				continue
			}
		}
		ws.seen[w] = struct{}{}
		out = append(out, w)
	}
	ws.scan.text = ""
	if len(ws.seen) <= maxSeen {
		clear(ws.seen)
		workspaces.Put(ws)
	}
	return out
}

// Index is Words joined by blanks: the whole value of the search column.
func Index(parts ...string) string {
	return strings.Join(Words(strings.Join(parts, "\n")), " ")
}

// single reports whether a folded word is one letter, which no index holds.
func single(word string) bool {
	return len(word) == 1 && !hasDigit(word)
}
