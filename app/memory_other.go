//go:build !linux

package app

import "context"

// leaveProgram does nothing here.
func leaveProgram() error { return nil }

// resting does nothing here: the runtime gives back what it does not use, in time.
func resting(context.Context) {}
