package app

import (
	"context"
	"fmt"
	"io/fs"

	"filodiretto/channels/mail/lmtp"
)

// startLMTP opens the door for the municipality's own mail server, where the
// configuration has one.
func (a *App) startLMTP() error {
	set := a.Config.Intake
	if set.LMTP == "" {
		return nil
	}
	l, err := lmtp.Listen(lmtp.Door{Where: set.LMTP, Allow: set.Allowed, Mode: fs.FileMode(set.Mode), Group: set.SocketGroup})
	if err != nil {
		return fmt.Errorf("cannot take mail over LMTP at %s: %w: correct lmtp under [intake]", set.LMTP, err)
	}
	s := lmtp.New(lmtp.Settings{
		Find: (&handed{a}).find, Max: int64(set.MaxMessageMB) << 20, Clock: a.DB.Clock, Log: a.log,
		Note: a.metrics.handed,
	})
	a.group.Go(func() {
		if err := s.Serve(l); err != nil {
			a.log.Error("the LMTP server stopped", "error", err)
		}
	})
	a.onClose(func() error {
		end, stop := context.WithTimeout(context.Background(), a.Config.Server.ShutdownGrace)
		defer stop()
		return s.Close(end)
	})
	return nil
}
