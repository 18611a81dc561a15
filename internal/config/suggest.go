package config

import "slices"

// nearest finds the word that was probably meant: the one with the fewest
// changed letters, if those are at most a third of it.
func nearest(word string, known []string) (string, bool) {
	best, bestDistance := "", 1<<30
	for _, k := range slices.Sorted(slices.Values(known)) {
		if d := distance(word, k); d < bestDistance {
			best, bestDistance = k, d
		}
	}
	return best, bestDistance <= max(1, min(len(word), len(best))/3)
}

// distance counts letters to insert, delete, change or swap with their
// neighbour to get from a to b.
func distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	before, above := []int(nil), make([]int, len(t)+1)
	for j := range above {
		above[j] = j
	}
	for i := range s {
		row := make([]int, len(t)+1)
		row[0] = i + 1
		for j := range t {
			change := 1
			if s[i] == t[j] {
				change = 0
			}
			row[j+1] = min(above[j+1]+1, row[j]+1, above[j]+change)
			if i > 0 && j > 0 && s[i] == t[j-1] && s[i-1] == t[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, above = above, row
	}
	return above[len(t)]
}
