// Package reports tells how the rooms fared: who came when, how long people waited
// and were served, how many counters were open and would have been needed, and what
// another way of running the same days would have made of them.
//
// Every figure is a function of the events of the queue (queue/event.go) and of the
// municipality's zone. Fold reads the events of one local day; what it gives is kept
// day by day and can be made again at any time with the same result (queue reference
// 2.3 point 8). Update is the chore that follows new events, Rebuild makes a span of
// days again; both write whole days, so that neither can count anything twice.
//
// A wait is the time from the first instant at which somebody could be called to the
// first call (queue reference 2.3 point 7). Nothing rewrites it: a recall, a put-back
// or a transfer begins something new. What was undone within its thirty seconds never
// happened. Quantiles are exact: the waits themselves are kept, in whole seconds,
// without the person, the ticket, the counter and the operator.
//
//	Update, Rebuild                   the figures
//	Load                              the figures of a span of days, for pages and exports
//	Days, Advise, WhatIf              the site's own days, played again
//	Monitor, History                  open data
package reports
