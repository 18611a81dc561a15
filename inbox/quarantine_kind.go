package inbox

import (
	"slices"

	"filodiretto/channels"
)

// automaticKind is which kind of automatic mail waits, as people tell them apart: what
// the channel found, but that a notice of some program, which nobody reads the answers
// to, is no list and no newsletter (mail rule 53).
func automaticKind(it *channels.Item) string {
	if it.Auto == channels.Bulk && slices.ContainsFunc(it.Notes, func(n string) bool {
		return n == "auto:from" || n == "auto:return-path" || n == "auto:auto-submitted"
	}) {
		return "notice"
	}
	return string(it.Auto)
}
