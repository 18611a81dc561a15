// Package app wires the house together: it opens the database and the channels,
// starts the workers and the web server, and stops them in order.
package app

import (
	"filodiretto/channels"
	"filodiretto/channels/counter"
	"filodiretto/channels/pec"
	"filodiretto/channels/telegram"
	"filodiretto/channels/webpage"
)

// Drivers are all channels that this program speaks. A new one is added here.
func Drivers() []channels.Driver {
	return []channels.Driver{
		pec.Mail,
		pec.Driver,
		telegram.Driver,
		counter.Driver,
		counter.PhoneDriver,
		webpage.Driver,
	}
}

func driver(kind string) (channels.Driver, bool) {
	for _, d := range Drivers() {
		if d.Kind == kind {
			return d, true
		}
	}
	return channels.Driver{}, false
}
