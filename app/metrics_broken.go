package app

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"filodiretto/inbox"
)

// accountsOf reads all accounts with how they fare, as inbox.Inbox.AccountsFaring does.
type accountsOf func(context.Context) ([]inbox.Account, error)

// broken tells which accounts cannot be read or cannot send (mail rules 13 and 66).
func (t tables) broken(ctx context.Context, ch chan<- prometheus.Metric) {
	list, err := t.accounts(ctx)
	if err != nil {
		return
	}
	for i := range list {
		a := &list[i]
		if !a.Enabled {
			continue
		}
		v := 0.0
		if a.ErrorClass != "" || a.RefusedFrom > 0 || a.StuckFrom > 0 {
			v = 1
		}
		ch <- prometheus.MustNewConstMetric(accountBroken, prometheus.GaugeValue, v, a.Key)
	}
}
