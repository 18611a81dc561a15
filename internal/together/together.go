// Package together does things at once.
package together

import (
	"fmt"
	"runtime/debug"
	"sync"
)

// Do runs functions at once and gives the first error, in their order. The parts
// of a page ask the database for different things; one after the other they would
// take as long as all together. A panic in one of them comes out here, where the
// request's own are caught.
func Do(all ...func() error) error {
	type end struct {
		err    error
		broken string // what panicked, and where
	}
	ends := make([]end, len(all))
	var group sync.WaitGroup
	for i, f := range all {
		group.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					ends[i].broken = fmt.Sprintf("%v\n%s", p, debug.Stack())
				}
			}()
			ends[i].err = f()
		})
	}
	group.Wait()
	for _, e := range ends {
		if e.broken != "" {
			panic(e.broken)
		}
	}
	for _, e := range ends {
		if e.err != nil {
			return e.err
		}
	}
	return nil
}
