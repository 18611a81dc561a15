package app

import (
	"log/slog"

	"filodiretto/inbox"
	"filodiretto/internal/picture"
)

// pictures makes what pages show of files, nil when this program cannot be begun
// again.
func pictures(log *slog.Logger) inbox.Pictures {
	m, err := picture.New()
	if err != nil {
		log.Warn("no pictures of files are shown", "error", err)
		return nil
	}
	if m.HEIC() == "" {
		log.Info("photographs in HEIC are not shown, only offered: heif-convert is not installed")
	}
	return m
}
