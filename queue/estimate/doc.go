// Package estimate says how long the people who wait will wait, as queue 4.4
// asks: it replays the real discipline many times from the present state with the
// service laws that the office has shown, corrects the replay by how its estimates
// of late came out, and gives a range whose upper end holds eight times in ten.
//
// It is pure and knows only what a real office knows: its own past events, who is
// here now, which counters are open and until when they declare to be. It never
// keeps anything per person or per operator (art. 4 of law 300/1970).
//
// A site has one Estimator. It is told of every event (Observe), asked with a
// snapshot (Estimate), its answers are kept as promises (Estimate.Promise, Shown)
// and, at the call, told back with their outcome (Learn). It is stored as JSON and
// can be made again from what was observed (Rebuild).
//
// The same events and the same seed give the same estimates, to the bit. The draws
// of the replay hang on tickets and not on the order of things, so that two
// estimates a moment apart differ by what happened and not by chance.
package estimate
