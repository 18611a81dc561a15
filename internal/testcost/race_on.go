//go:build race

package testcost

// slow is how much more everything costs under the race detector.
const slow = 15
