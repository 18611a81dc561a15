package page_test

import (
	"testing"

	"filodiretto/web/page"
)

func TestWaitOfAGroup(t *testing.T) {
	known := func(low, high, ahead int) page.Wait {
		return page.Wait{Known: true, Low: low, High: high, Ahead: ahead}
	}
	nobody := func(from int64) page.Wait { return page.Wait{Ahead: 2, Nobody: true, From: from} }
	for name, c := range map[string]struct {
		services []page.Wait
		want     page.Wait
	}{
		"no service":                     {nil, page.Wait{}},
		"one":                            {[]page.Wait{known(10, 20, 3)}, known(10, 20, 3)},
		"alike":                          {[]page.Wait{known(10, 20, 3), known(15, 30, 1)}, known(10, 30, 3)},
		"a wide one is not too wide":     {[]page.Wait{known(10, 90, 3), known(20, 95, 1)}, known(10, 95, 3)},
		"from ten to ninety says little": {[]page.Wait{known(10, 20, 3), known(70, 90, 5)}, page.Wait{Known: true, Low: 10, Ahead: 5, Differ: true}},
		"just alike":                     {[]page.Wait{known(0, 10, 0), known(10, 20, 0)}, known(0, 20, 0)},
		"no more alike":                  {[]page.Wait{known(0, 10, 0), known(11, 21, 0)}, page.Wait{Known: true, Differ: true}},
		"not known":                      {[]page.Wait{{Ahead: 4}, {Ahead: 1}}, page.Wait{Ahead: 4}},
		"nobody for one":                 {[]page.Wait{known(10, 20, 1), nobody(900)}, known(10, 20, 2)},
		"nobody for any":                 {[]page.Wait{nobody(0), nobody(900), nobody(800)}, page.Wait{Ahead: 2, Nobody: true, From: 800}},
		"nobody, and one not known":      {[]page.Wait{nobody(900), {Ahead: 1}}, page.Wait{Ahead: 2}},
	} {
		if got := page.GroupWait(c.services); got != c.want {
			t.Errorf("%s: %+v, not %+v", name, got, c.want)
		}
	}
}
