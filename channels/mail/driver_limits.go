package mail

import "time"

// limits are the times and sizes by which the channel works. Only tests use
// others than the default.
type limits struct {
	dial    time.Duration // to open a connection, TLS included
	command time.Duration // without any progress of a command (rule 9)
	dot     time.Duration // for the answer after the final dot (RFC 5321 4.5.3.2.6 allows 10 min)

	idle   time.Duration // IDLE is asked for again after this: some servers drop it at 10 min (rule 5)
	quick  time.Duration // between two looks while mail is arriving
	lively time.Duration // how long after the last arrival looks stay quick
	jitter time.Duration // the longest wait before the first look (rule 6)

	batchCount int   // messages of one batch
	batchBytes int64 // bytes of one batch
	inline     int64 // larger messages go through Intake.Store, alone
	chunk      int64 // bytes that one command fetches of a large message (rule 11)
	message    int64 // larger messages are kept as headers only (rule 12)
	tries      int   // after which a message counts as not given by the server

	spare time.Duration // how long an unused SMTP connection is kept
	busy  time.Duration // between two tries to open a POP3 mailbox that another session holds
}

var defaultLimits = limits{
	dial: 30 * time.Second, command: time.Minute, dot: 5 * time.Minute,
	idle: 9 * time.Minute, quick: 80 * time.Millisecond, lively: 30 * time.Second, jitter: 300 * time.Millisecond,
	batchCount: 100, batchBytes: 8 << 20, inline: 512 << 10, chunk: 1 << 20, message: 160 << 20, tries: 5,
	spare: 30 * time.Second, busy: 5 * time.Second,
}
