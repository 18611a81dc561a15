package web

import (
	"net/http"
	"net/netip"

	"filodiretto/inbox"
)

func (s *Server) healthRoutes() {
	s.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte("ok\n"))
	})
	s.mux.HandleFunc("GET /readyz", s.ready)
	s.mux.HandleFunc("GET /metrics", s.metrics)
}

// ready says whether the process can do its work: the database answers.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	var one int
	if err := s.DB.Read.NewRaw("SELECT 1").Scan(r.Context(), &one); err != nil {
		http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("ready\n"))
}

// metrics are for this machine's own collector: queue lengths and the names of
// accounts are nobody else's business. Behind a proxy the proxy decides.
func (s *Server) metrics(w http.ResponseWriter, r *http.Request) {
	ip, err := netip.ParseAddr(s.clientIP(r))
	if err != nil || !ip.IsLoopback() {
		s.fail(w, r, inbox.ErrNotFound)
		return
	}
	s.Metrics.ServeHTTP(w, r)
}
