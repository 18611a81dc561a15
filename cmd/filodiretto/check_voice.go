package main

import (
	"context"
	"strings"

	"filodiretto/internal/config"
	"filodiretto/internal/speech"
	"filodiretto/web/page"
)

// voice tries who says the calls of a room aloud, in each language of its pages.
func voice(ctx context.Context, set config.Voice) finding {
	f := finding{name: "voice"}
	v, err := speech.Find(set.Program, set.Pace)
	switch {
	case err != nil:
		f.err = err
		return f
	case v == nil && set.Program == speech.Off:
		f.note = "off: a display speaks with its browser's own voice, or has chime and flash"
		return f
	case v == nil:
		f.warning = "espeak-ng is not installed (apt-get install espeak-ng): a display speaks with its browser's own voice, or has chime and flash"
		return f
	}
	f.kind = v.Name()
	var can, cannot []string
	for _, l := range page.RoomLangs {
		if err := v.Try(ctx, string(l)); err != nil {
			cannot = append(cannot, string(l)+": "+err.Error())
			continue
		}
		can = append(can, string(l))
	}
	f.note = strings.Join(can, " ")
	if cannot != nil {
		f.warning = strings.Join(cannot, "\n")
	}
	return f
}
