package seed

import (
	"slices"
	"time"

	"filodiretto/channels/mail/mailgen"
	"filodiretto/internal/clock"
)

// story is what is going to happen on one case.
type story struct {
	who    mailgen.Person
	steps  []step
	caseID int64
	last   mailgen.Meta // the citizen's newest mail
	end    ending
	fails  bool // the last answer does not arrive
}

// step is one message at a moment of the window.
type step struct {
	at   time.Duration
	kind stepKind
}

type stepKind int

const (
	writes stepKind = iota // the citizen
	answers
	notes
)

// ending is where a case stands after its last message.
type ending int

const (
	staysOpen ending = iota
	staysWaiting
	staysSnoozed
	staysClosed
)

// longCases is one case in how many that has exactly twenty messages, for the
// measurement of a long case.
const longCases = 200

// plan lays out all the stories: so many messages on so many cases, five on
// average, between one and thirty.
func (l *life) plan() {
	counts := l.counts()
	for i, n := range counts {
		s := &story{who: l.people[i%len(l.people)], end: l.ending(), fails: l.chance.IntN(70) == 0}
		start := time.Duration(l.chance.Int64N(int64(window - 2*time.Hour)))
		for k := range n {
			kind := writes
			if k > 0 {
				kind = []stepKind{writes, writes, writes, writes, answers, answers, answers, answers, notes}[l.chance.IntN(9)]
			}
			left := window - time.Hour - start
			s.steps = append(s.steps, step{start + time.Duration(float64(left)*float64(k)/float64(n)*l.chance.Float64()), kind})
		}
		slices.SortFunc(s.steps[1:], func(a, b step) int { return int(a.at - b.at) })
		if s.fails {
			s.steps[n-1].kind = answers
		}
		if n == 1 || s.steps[0].kind != writes {
			s.steps[0].kind, s.fails = writes, false
		}
		l.stories = append(l.stories, s)
	}
}

// counts are the numbers of messages of the cases, which add up exactly.
func (l *life) counts() []int {
	counts := make([]int, l.size.Cases)
	left := l.size.Messages
	for i := range counts {
		counts[i] = 1
		if i%longCases == 0 {
			counts[i] = 20
		}
		left -= counts[i]
	}
	for left > 0 {
		i := l.chance.IntN(len(counts))
		if i%longCases == 0 || counts[i] >= 30 {
			continue
		}
		counts[i]++
		left--
	}
	return counts
}

// ending is by chance as in a town where most is done.
func (l *life) ending() ending {
	switch n := l.chance.IntN(100); {
	case n < 30:
		return staysOpen
	case n < 40:
		return staysWaiting
	case n < 43:
		return staysSnoozed
	default:
		return staysClosed
	}
}

// due are the steps of an hour, by story, in their order.
type due struct {
	s *story
	k int
}

func (l *life) stepsBetween(from, to time.Duration) (out []due) {
	for _, s := range l.stories {
		for k, st := range s.steps {
			if st.at >= from && st.at < to {
				out = append(out, due{s, k})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b due) int { return int(a.s.steps[a.k].at - b.s.steps[b.k].at) })
	return out
}

// at is the instant of a moment of the window.
func at(began clock.Instant, d time.Duration) clock.Instant { return began.Add(d) }
