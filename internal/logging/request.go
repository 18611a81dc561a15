package logging

import (
	"context"
	"net/http"

	"filodiretto/internal/secret"
)

type requestKey struct{}

// WithRequestID returns a context in which every log line names the request.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestKey{}, id)
}

// RequestID is the id in ctx, empty when there is none.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}

// Requests gives every request an id, puts it in its context, and tells it to
// the client in X-Request-Id, so that a person can quote it to the administrator.
// An id that the client sends is not believed: it would end up in the log.
func Requests(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := secret.Token(9)
		w.Header().Set("X-Request-Id", id)
		next.ServeHTTP(w, r.WithContext(WithRequestID(r.Context(), id)))
	})
}
