package page

// RailEntry is one way into a part of the house.
type RailEntry struct {
	Section Section
	Href    string
	Icon    string
	// Key is the letter that goes there after G; empty for none.
	Key string
	// Later entries do not fit in the bar of a phone: there they stand in its menu.
	Later bool
}

// onBar is how many entries the bar of a phone holds at 320 pixels, each wide
// enough for a thumb and its word: the last is the menu where there are more.
const onBar = 6

// Rail is what the operator is shown, in the order of the rail: help is the last.
func (s Shell) Rail() []RailEntry {
	var out []RailEntry
	add := func(may bool, e RailEntry) {
		if may {
			out = append(out, e)
		}
	}
	add(s.May.Inbox, RailEntry{Section: SectionInbox, Href: "/cases", Icon: "inbox", Key: "i"})
	add(s.May.Reception, RailEntry{Section: SectionReception, Href: "/reception", Icon: "pa", Key: "q"})
	add(s.May.Queue, RailEntry{Section: SectionCounter, Href: "/counter", Icon: "presentation", Key: "c"})
	add(s.May.Queue, RailEntry{Section: SectionQueue, Href: "/queue", Icon: "clock", Key: "w"})
	add(s.May.Queue, RailEntry{Section: SectionAgenda, Href: "/agenda", Icon: "calendar", Key: "a"})
	add(s.May.People, RailEntry{Section: SectionPeople, Href: "/people", Icon: "card", Key: "p"})
	add(s.May.Quarantine, RailEntry{Section: SectionQuarantine, Href: "/quarantine", Icon: "box", Key: "x"})
	add(s.May.Register, RailEntry{Section: SectionRegister, Href: "/register", Icon: "file", Key: "t"})
	add(s.May.Channels, RailEntry{Section: SectionChannels, Href: "/channels", Icon: "wifi", Key: "h"})
	add(s.May.Reports, RailEntry{Section: SectionReports, Href: "/reports", Icon: "chart-line", Key: "r"})
	add(s.May.Admin, RailEntry{Section: SectionAdmin, Href: "/admin", Icon: "settings", Key: "g"})
	add(true, RailEntry{Section: SectionHelp, Href: "/help", Icon: "help-circle"})
	if len(out) > onBar {
		for i := onBar - 1; i < len(out); i++ {
			out[i].Later = true
		}
	}
	return out
}

// RailMore are the entries of the menu of a phone's bar; none when all fit.
func (s Shell) RailMore() []RailEntry {
	for i, e := range s.Rail() {
		if e.Later {
			return s.Rail()[i:]
		}
	}
	return nil
}
