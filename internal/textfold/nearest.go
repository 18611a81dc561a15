package textfold

// Nearest gives the name that a mistyped word was probably meant for, or "":
// one edit away, two for names of more than four letters. Names of one or two
// letters are never meant, they are near to everything.
func Nearest(word string, names []string) string {
	best, bestDistance := "", 3
	for _, n := range names {
		limit := 1
		if len(n) > 4 {
			limit = 2
		}
		if d := edits(word, n, limit); d <= limit && d < bestDistance && len(n) > 2 {
			best, bestDistance = n, d
		}
	}
	return best
}

// edits is the number of letters to insert, delete, replace or swap with a
// neighbour to turn a into b, or limit+1 when it is more.
func edits(a, b string, limit int) int {
	if len(a) > len(b)+limit || len(b) > len(a)+limit {
		return limit + 1
	}
	var before []int
	last := make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return min(last[len(b)], limit+1)
}
