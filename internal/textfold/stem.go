package textfold

import (
	"sync"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/italian"
)

// Stem cuts each folded word to its stem: "pagamenti" and "pagamento" become
// one. Only "it" has rules; words of any other language come back as they are.
// The words given are not changed.
func Stem(words []string, lang string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		if lang == "it" && !hasDigit(w) {
			w = stemItalian(w)
		}
		out[i] = w
	}
	return out
}

// stemItalian runs the Snowball rules over one folded word. The rules know
// accents, the folded word has none: what counts is that the index and the
// query lose the same ending. Snowball leaves the h that keeps a plural's
// sound ("buche", "luoghi"); here it goes, so that "buca" is found too.
func stemItalian(word string) string {
	env := snowballstem.NewEnv(word)
	italian.Stem(env)
	s := env.Current()
	if s == "" {
		return word
	}
	if n := len(s) - 2; n > 1 && len(word) == len(s)+1 && (s[n:] == "ch" || s[n:] == "gh") {
		s = s[:n+1]
	}
	return s
}

func hasDigit[T string | []byte](word T) bool {
	for i := range len(word) {
		if word[i] >= '0' && word[i] <= '9' {
			return true
		}
	}
	return false
}

// A town's mail uses some thirty thousand different words. Each shard keeps two
// generations of them: when the young one is full it becomes the old one and
// the old one is forgotten, so that memory stays under some 4 MB whatever
// people write, and words in use stay.
const (
	cacheShards     = 16
	cacheGeneration = 1024 // words per shard and generation
)

// stemCache remembers stems; stop words have the stem "".
type stemCache [cacheShards]struct {
	mu         sync.Mutex
	young, old map[string]string
}

// stems is shared by the whole process: all messages use the same words.
var stems stemCache

// stem gives the stem of a folded word, "" for a stop word.
func (c *stemCache) stem(word []byte) string {
	shard := &c[(int(word[0])+int(word[len(word)-1])*3+len(word)*7)%cacheShards]
	shard.mu.Lock()
	if s, ok := shard.young[string(word)]; ok {
		shard.mu.Unlock()
		return s
	}
	s, ok := shard.old[string(word)]
	shard.mu.Unlock()
	key := string(word)
	if !ok && !stop[key] {
		s = stemItalian(key)
	}
	shard.mu.Lock()
	defer shard.mu.Unlock()
	if len(shard.young) >= cacheGeneration {
		shard.old, shard.young = shard.young, nil
	}
	if shard.young == nil {
		shard.young = make(map[string]string, cacheGeneration/8)
	}
	shard.young[key] = s
	return s
}
