//go:build race

package inbox

// slow is how much more time the race detector is given, which is measured about
// tenfold on a busy machine.
const slow = 15
