package page

// alike is by how many minutes the range of several services may be wider than the
// widest of theirs, and still be one that half of the people and four in five meet.
const alike = 10

// GroupWait is the wait of several services together. A range promises something of
// one service: half of the waits are longer than its beginning, one in five is longer
// than its end (queue reference 4.4, point 4). One from the least to the most of all
// keeps that only while they are alike; else it is said from when somebody is called
// (Differ), and each service tells its own. A service that nobody does now says
// nothing of the others.
func GroupWait(services []Wait) Wait {
	var out Wait
	widest, open := 0, false
	for _, w := range services {
		out.Ahead = max(out.Ahead, w.Ahead)
		open = open || !w.Nobody
		if w.Nobody && w.From != 0 && (out.From == 0 || w.From < out.From) {
			out.From = w.From
		}
		if !w.Known {
			continue
		}
		if !out.Known {
			out.Known, out.Low, out.High = true, w.Low, w.High
		}
		out.Low, out.High, widest = min(out.Low, w.Low), max(out.High, w.High), max(widest, w.High-w.Low)
	}
	if out.Nobody = len(services) > 0 && !open; !out.Nobody {
		out.From = 0
	}
	if out.Differ = out.High-out.Low > widest+alike; out.Differ {
		out.High = 0
	}
	return out
}
