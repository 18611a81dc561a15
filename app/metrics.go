package app

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// metrics counts requests as they happen, and reads queue lengths and ages from
// the tables when asked (mail rules 16 and 81e: how long the queue is, and how
// old its oldest item, are apart from whether a worker lives).
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
	takings  *prometheus.CounterVec
}

func newMetrics(d *db.DB, accounts accountsOf) *metrics {
	m := &metrics{registry: prometheus.NewRegistry(), requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "filodiretto_http_request_seconds", Help: "Time to answer a request, by route and class of status.",
		Buckets: []float64{.002, .005, .01, .025, .05, .1, .25, .5, 1, 5},
	}, []string{"route", "status"}), takings: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "filodiretto_lmtp_answers_total", Help: "Answers to the mail server that hands mail over, by account: taken, later, too_large; by recipient: unknown.",
	}, []string{"answer"})}
	m.registry.MustRegister(m.requests, m.takings, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), tables{d, accounts})
	return m
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

func (m *metrics) observe(route string, status int, took time.Duration) {
	if route == "" {
		route = "none"
	}
	m.requests.WithLabelValues(route, strconv.Itoa(status/100)+"xx").Observe(took.Seconds())
}

// handed counts an answer to a server that hands mail over.
func (m *metrics) handed(answer string) { m.takings.WithLabelValues(answer).Inc() }

// tables reads gauges from the database.
type tables struct {
	db       *db.DB
	accounts accountsOf
}

var (
	pendingRaws   = prometheus.NewDesc("filodiretto_raw_pending_items", "Received items that are not read yet.", []string{"account"}, nil)
	oldestRaw     = prometheus.NewDesc("filodiretto_raw_oldest_pending_seconds", "Age of the oldest item that is not read yet.", []string{"account"}, nil)
	lastOk        = prometheus.NewDesc("filodiretto_account_last_ok_timestamp_seconds", "When the account was last looked at with success.", []string{"account"}, nil)
	accountBroken = prometheus.NewDesc("filodiretto_account_broken", "1 when the account has an error now, or nothing leaves from it because the server for sending refuses or is away.", []string{"account"}, nil)
	deliveries    = prometheus.NewDesc("filodiretto_deliveries_waiting", "Deliveries that have not ended, by state.", []string{"state"}, nil)
	reconciledAt  = prometheus.NewDesc("filodiretto_reconcile_last_timestamp_seconds", "When the account was last compared with its platform to the end.", []string{"account"}, nil)
	reconcileGone = prometheus.NewDesc("filodiretto_reconcile_missing_items", "Items that the platform held and that were not here, in the last comparison.", []string{"account"}, nil)
	reconcileOwed = prometheus.NewDesc("filodiretto_reconcile_absent_items", "Of them those that could not be fetched: anything but 0 is an alarm.", []string{"account"}, nil)
	scansWaiting  = prometheus.NewDesc("filodiretto_scans_waiting_files", "Files whose malware scan is awaited.", nil, nil)
	scansOldest   = prometheus.NewDesc("filodiretto_scans_oldest_waiting_seconds", "Age of the oldest of them.", nil, nil)
	waitingItems  = prometheus.NewDesc("filodiretto_quarantine_waiting_items", "Items in quarantine that nobody has decided about.", nil, nil)
)

// Describe names the gauges.
func (t tables) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{pendingRaws, oldestRaw, lastOk, accountBroken, deliveries, waitingItems, scansWaiting, scansOldest, reconciledAt, reconcileGone, reconcileOwed} {
		ch <- d
	}
}

// Collect reads them; what cannot be read in two seconds is left out.
func (t tables) Collect(ch chan<- prometheus.Metric) {
	ctx, stop := context.WithTimeout(context.Background(), 2*time.Second)
	defer stop()
	now := t.db.Clock.Now()
	var accounts []struct {
		Key      string
		Waiting  int64
		Oldest   int64
		LastOkAt int64
	}
	err := t.db.Read.NewRaw(`SELECT a.key, a.last_ok_at,
		(SELECT count(*) FROM raws AS r WHERE r.account_id = a.id AND r.state = 'pending') AS waiting,
		(SELECT COALESCE(min(r.accepted_at), 0) FROM raws AS r WHERE r.account_id = a.id AND r.state = 'pending') AS oldest
		FROM accounts AS a WHERE a.enabled`).Scan(ctx, &accounts)
	if err != nil {
		return
	}
	for _, a := range accounts {
		age := 0.0
		if a.Oldest > 0 {
			age = float64(int64(now)-a.Oldest) / 1e6
		}
		ch <- prometheus.MustNewConstMetric(pendingRaws, prometheus.GaugeValue, float64(a.Waiting), a.Key)
		ch <- prometheus.MustNewConstMetric(oldestRaw, prometheus.GaugeValue, age, a.Key)
		ch <- prometheus.MustNewConstMetric(lastOk, prometheus.GaugeValue, float64(a.LastOkAt)/1e6, a.Key)
	}
	t.broken(ctx, ch)
	var states []struct {
		State string
		N     int64
	}
	if err := t.db.Read.NewRaw("SELECT state, count(*) AS n FROM deliveries WHERE state IN ('queued','sending') GROUP BY state").Scan(ctx, &states); err == nil {
		for _, s := range states {
			ch <- prometheus.MustNewConstMetric(deliveries, prometheus.GaugeValue, float64(s.N), s.State)
		}
	}
	t.reconciled(ctx, ch)
	t.scans(ctx, ch, now)
	var n float64
	if err := t.db.Read.NewRaw("SELECT count(*) FROM quarantine WHERE state = 'waiting'").Scan(ctx, &n); err == nil {
		ch <- prometheus.MustNewConstMetric(waitingItems, prometheus.GaugeValue, n)
	}
}

// reconciled tells the last comparison of each account (mail rule 15).
func (t tables) reconciled(ctx context.Context, ch chan<- prometheus.Metric) {
	var rows []struct {
		Key     string
		EndedAt int64
		Missing int64
		Absent  int64
	}
	err := t.db.Read.NewRaw(`SELECT a.key, r.ended_at, COALESCE(sum(s.missing), 0) AS missing, COALESCE(sum(s.absent), 0) AS absent
		FROM reconcile_runs AS r JOIN accounts AS a ON a.id = r.account_id AND a.enabled LEFT JOIN reconcile_streams AS s ON s.run_id = r.id
		WHERE r.id IN (SELECT max(id) FROM reconcile_runs WHERE state = 'done' GROUP BY account_id) GROUP BY a.key, r.ended_at`).Scan(ctx, &rows)
	if err != nil {
		return
	}
	for _, r := range rows {
		ch <- prometheus.MustNewConstMetric(reconciledAt, prometheus.GaugeValue, float64(r.EndedAt)/1e6, r.Key)
		ch <- prometheus.MustNewConstMetric(reconcileGone, prometheus.GaugeValue, float64(r.Missing), r.Key)
		ch <- prometheus.MustNewConstMetric(reconcileOwed, prometheus.GaugeValue, float64(r.Absent), r.Key)
	}
}

// scans tells of the files that wait for the malware scan (mail rule 48).
func (t tables) scans(ctx context.Context, ch chan<- prometheus.Metric, now clock.Instant) {
	var row struct {
		N      int64
		Oldest clock.Instant
	}
	err := t.db.Read.NewRaw("SELECT count(*) AS n, COALESCE(min(asked_at), 0) AS oldest FROM scans WHERE state = 'pending'").Scan(ctx, &row)
	if err != nil {
		return
	}
	age := 0.0
	if row.N > 0 {
		age = now.Sub(row.Oldest).Seconds()
	}
	ch <- prometheus.MustNewConstMetric(scansWaiting, prometheus.GaugeValue, float64(row.N))
	ch <- prometheus.MustNewConstMetric(scansOldest, prometheus.GaugeValue, age)
}
