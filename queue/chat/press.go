package chat

import (
	"strconv"
	"strings"
)

// press is what a button asks: a word and numbers. It comes back from the person's
// client, which may be a modified one: whoever acts on it looks whose things the
// numbers are (channels reference 1.4).
type press struct {
	verb string
	args []int64
	data string
}

// The verbs of buttons. Each is followed by so many numbers.
const (
	toSites    = "n" // begin
	toQueue    = "k" // my numbers
	toSite     = "s" // site
	toGroup    = "g" // site, group
	toService  = "v" // site, service
	toErrand   = "e" // site, service, errand (0 for none of them)
	toTake     = "t" // site, service, errand
	toTicket   = "c" // ticket, version of the card: back to it
	toPass     = "p" // ticket, version
	toLate     = "l" // ticket, version: asks how long
	toLateBy   = "m" // ticket, version, minutes
	toLeave    = "x" // ticket, version: asks whether surely
	toLeaveYes = "y" // ticket, version
	toComeBack = "u" // ticket, version
)

var numbersOf = map[string]int{
	toSites: 0, toQueue: 0, toSite: 1, toGroup: 2, toService: 2, toErrand: 3, toTake: 3, toTicket: 2,
	toPass: 2, toLate: 2, toLateBy: 3, toLeave: 2, toLeaveYes: 2, toComeBack: 2,
}

// pressForm is the version of the form. A button of another version is politely
// refused: its message may be months old.
const pressForm = "q1"

// pressData is what a button holds; at most 64 bytes, since a number has at most 13.
func pressData(verb string, args ...int64) string {
	var b strings.Builder
	b.WriteString(pressForm + ":" + verb)
	for _, n := range args {
		b.WriteString(":" + strconv.FormatInt(n, 36))
	}
	return b.String()
}

func readPress(data string) (press, bool) {
	parts := strings.Split(data, ":")
	if len(parts) < 2 || parts[0] != pressForm || len(data) > 64 {
		return press{}, false
	}
	p := press{verb: parts[1], data: data}
	for _, s := range parts[2:] {
		n, err := strconv.ParseInt(s, 36, 64)
		if err != nil || n < 0 {
			return press{}, false
		}
		p.args = append(p.args, n)
	}
	want, known := numbersOf[p.verb]
	return p, known && want == len(p.args)
}

// acts reports whether a button does something that another moment would not want.
func (p press) acts() bool {
	switch p.verb {
	case toTake, toPass, toLateBy, toLeaveYes, toComeBack:
		return true
	}
	return false
}
