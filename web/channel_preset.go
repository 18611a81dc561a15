package web

import (
	"maps"
	"slices"

	"filodiretto/channels"
	"filodiretto/web/page"
)

// fill puts the settings of a provider into the form of a new account.
func (in *channelInput) fill(d channels.Driver, key string) {
	i := slices.IndexFunc(d.Presets, func(p channels.Preset) bool { return p.Key == key })
	if i < 0 {
		return
	}
	in.preset = key
	maps.Copy(in.settings, d.Presets[i].Values)
}

// presets are the providers of a kind of channel for the form, with what to mind
// of the chosen one.
func (c *caller) presets(d channels.Driver, chosen string) (out []page.Choice, note string) {
	if len(d.Presets) == 0 {
		return nil, ""
	}
	out = append(out, page.Choice{Label: c.say.Text("said.preset_other"), Chosen: chosen == ""})
	for _, p := range d.Presets {
		out = append(out, page.Choice{Value: p.Key, Label: p.Name, Chosen: p.Key == chosen})
		if p.Key == chosen {
			note = p.Note[string(c.lang)]
		}
	}
	return out, note
}
