package page

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"io/fs"
	"sync"
)

var edition = sync.OnceValue(func() string {
	sum := sha256.New()
	for _, tree := range []fs.FS{files, langFiles} {
		_ = fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			f, err := tree.Open(name)
			if err != nil {
				return err
			}
			defer f.Close()
			_, _ = sum.Write([]byte(name)) // a hash takes everything
			_, err = io.Copy(sum, f)
			return err
		}) // the trees are in the binary: they can be read
	}
	return hex.EncodeToString(sum.Sum(nil))[:8]
})

// Edition is a hash over all templates and texts, 8 characters: pages that are kept
// open for days compare it to know that they are old.
func Edition() string { return edition() }
