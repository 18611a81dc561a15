//go:build !race

package inbox

// slow is how much more time tests of speed allow.
const slow = 1
