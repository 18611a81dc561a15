//go:build !race

package testcost

const slow = 1
