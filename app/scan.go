package app

import (
	"filodiretto/inbox"
	"filodiretto/internal/clamd"
)

// scanner is who looks for malware, nil for nobody. The configuration was checked.
func (a *App) scanner() inbox.Scanner {
	if a.Config.Malware.Clamd == "" {
		return nil
	}
	c, err := clamd.New(a.Config.Malware.Clamd)
	if err != nil {
		a.log.Error("no file is scanned for malware: look at malware.clamd", "error", err)
		return nil
	}
	return c
}

// scanNow says that files wait to be scanned. It never waits: a chore finds what
// nobody was woken for, and what another process stored.
func (a *App) scanNow() {
	select {
	case a.scans <- struct{}{}:
	default:
	}
}

// startScans has files scanned as soon as they are stored.
func (a *App) startScans() {
	if a.Config.Malware.Clamd == "" {
		return
	}
	a.group.Go(func() {
		for {
			select {
			case <-a.running.Done():
				return
			case <-a.scans:
			}
			if err := a.Inbox.ScanFiles(a.running); err != nil && a.running.Err() == nil {
				a.log.Error("files could not be scanned for malware", "error", err)
			}
		}
	})
}
