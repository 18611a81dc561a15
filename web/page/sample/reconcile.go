package sample

import "filodiretto/web/page"

// Reconcile is the page of a mailbox where two messages came late and one does
// not come.
func Reconcile() page.Reconcile {
	return page.Reconcile{
		Shell: Shell(page.SectionChannels), Channel: page.ChannelMail, Name: "Posta URP",
		State: page.ReconcileState{
			AccountID: 1, MayAsk: true,
			Runs: []page.ReconcileRun{
				{At: At(17, 3, 10), State: "done", Ended: true, Seconds: 4, Streams: []page.ReconcileStream{
					{Name: "INBOX", Held: 48_212, Here: 48_360, Waiting: 3, Gone: 151, Older: 0, Missing: 3, Fetched: 2, Absent: 1},
					{Name: "Junk", Held: 310, Here: 310},
				}},
				{At: At(16, 17, 40), By: "Sara Benassi", State: "failed", Error: &page.ChannelError{At: At(16, 17, 40), Class: "retry_backoff", Text: "the IMAP server did not answer in time"}},
				{At: At(16, 3, 10), State: "done", Ended: true, Seconds: 3, Streams: []page.ReconcileStream{{Name: "INBOX", Held: 48_190, Here: 48_341, Gone: 151, Missing: 4, Fetched: 4}}},
				{At: At(15, 3, 10), State: "done", Ended: true, Seconds: 3, Streams: []page.ReconcileStream{{Name: "INBOX", Held: 48_102, Here: 48_253, Gone: 151}}},
			},
			Items: []page.ReconcileItem{
				{Folder: "INBOX", Subject: "Richiesta di accesso agli atti, sollecito", At: At(16, 22, 4), Size: 48_000},
				{Folder: "INBOX", At: At(16, 22, 5), Size: 2_100_000, Here: true},
				{Folder: "INBOX", At: At(16, 22, 9), Size: 9_400, Here: true},
			},
		},
	}
}

// ReconcileEmpty is before the first comparison.
func ReconcileEmpty() page.Reconcile {
	p := Reconcile()
	p.State = page.ReconcileState{AccountID: 1, MayAsk: true}
	return p
}

// ReconcileNone is of a mailbox to which mail is handed over.
func ReconcileNone() page.Reconcile {
	p := Reconcile()
	p.State = page.ReconcileState{AccountID: 1, None: page.NoneHanded}
	return p
}

// ReconcileRunning is while what is missing is being fetched.
func ReconcileRunning() page.Reconcile {
	p := Reconcile()
	p.State.Runs = append([]page.ReconcileRun{{At: At(17, 11, 12), By: "Sara Benassi", State: "running", Phase: "fetching", Done: 25, Todo: 112}}, p.State.Runs...)
	return p
}
