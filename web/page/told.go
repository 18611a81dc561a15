package page

import "filodiretto/internal/clock"

// Told is what the devices of a room want of its staff, the element #told of the live
// room and of each counter.
type Told struct {
	Site    int64
	Counter int64        // whose page it stands on; 0 in the live room
	Notices []RoomNotice // what devices told and nobody has seen to, oldest first
	More    int          // notices that stand in the live room alone
	Ailing  []Ailing
}

// RoomNotice is what a device tells the staff until somebody has seen to it.
type RoomNotice struct {
	ID     int64
	Kind   string // under "queue.notice_": "help", "refused"
	Device string
	Label  string // of a refused paper: what is printed on it
	Reason string // why, in words
	At     clock.Instant
}

// Ailing is a device of the room that something is wrong with, in words.
type Ailing struct{ Device, Problem string }
