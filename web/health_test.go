package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"filodiretto/internal/config"
)

// TestMetricsAreForThisMachine: who asks from elsewhere learns nothing of them.
func TestMetricsAreForThisMachine(t *testing.T) {
	s := &Server{Deps: Deps{Config: config.Default(), Metrics: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("figures")) })}}
	r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	r.RemoteAddr = "127.0.0.1:4000"
	w := httptest.NewRecorder()
	s.metrics(w, r)
	if !strings.Contains(w.Body.String(), "figures") {
		t.Error("the machine itself gets them:", w.Body.String())
	}
	// behind a trusted proxy the client counts, not the proxy
	r.RemoteAddr = "192.0.2.7:4000"
	if ip := s.clientIP(r); ip != "192.0.2.7" {
		t.Error(ip)
	}
	r.Header.Set("X-Forwarded-For", "127.0.0.1")
	if ip := s.clientIP(r); ip != "192.0.2.7" {
		t.Error("a header from a stranger was believed:", ip)
	}
}
