// Package router decides who answers: offices and the people in them, the
// ordered rules that a new case goes through, hand-over between offices, and
// what happens to a case that nobody takes.
package router

import (
	"log/slog"
	"sync"
	"time"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/internal/live"
)

// Router knows offices, people and rules, and tells the inbox where a new case
// goes (it is an inbox.Router). What acts on cases that exist is Desk, which is
// made with both.
type Router struct {
	// Hub is told when the sessions of an operator end, so that open pages close
	// at once; nil where there are no pages.
	Hub *live.Hub

	db    *db.DB
	log   *slog.Logger
	clock clock.Clock
	zone  *time.Location // of the hours and days in rules

	mu    sync.RWMutex
	rules *ruleSet   // compiled; nil when they must be read again
	dir   *Directory // offices and people; nil when they must be read again

	used uses // when the use of each token was last noted
}

// New makes the service.
func New(d *db.DB, log *slog.Logger, zone *time.Location) *Router {
	return &Router{db: d, log: log, clock: d.Clock, zone: zone}
}
