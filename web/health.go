package web

import (
	"net/http"
)

func (s *Server) healthRoutes() {
	s.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte("ok\n"))
	})
	s.mux.HandleFunc("GET /readyz", s.ready)
	s.mux.Handle("GET /metrics", s.Metrics)
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
