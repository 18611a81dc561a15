// Package score holds the estimates of package estimate against those that peers
// show, on days of made-up offices, by the protocol of queue 4.4: predictions when
// a ticket is issued and at changes while waiting, days in their order, the first
// of them for learning only, one and the same day for all.
//
// What each estimator knows when it speaks:
//
//   - all: the events so far, who waits and since when, with class, service and
//     slot; which counters are open; who is being served since when. None knows the
//     true laws, pauses before they begin, who has left in silence, who will come.
//   - ours: that, the discipline with its weights, the skills, the declared shifts
//     and breaks, the appointments booked for today; laws it has learnt itself.
//   - static: the mean wait of the class over the training days. hourly: the same
//     by hour of the day.
//   - les, hol: the last wait that ended, the longest that goes on; each over all
//     and over the same class.
//   - queue: (ahead + 1) × mean cycle / open counters, where ahead are those whom
//     the discipline would call first now, and the cycle is the mean time from call
//     to call over the training days. queue_skilled: the same with the counters that
//     do the service and the people who compete for them, and 0 when one is idle.
//   - workload: the mean services of those ahead, and what is left of those being
//     served, over the counters that do the service; 0 when one is idle.
//   - zms: the published formula of the German peer (queue 1.3), the middle of its
//     optimistic and pessimistic figures, with the mean service time of the training
//     days as the configured constant, rounded to whole minutes. zms_15: the same
//     with 15 minutes.
package score
