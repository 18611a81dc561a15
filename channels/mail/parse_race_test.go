//go:build race

package mail

// slow is how much more time the race detector is given.
const slow = 10
