package standin

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// object is a JSON object in the making.
type object = map[string]any

// refusal is an answer with "ok":false. Its text stands in the real server's
// source; the HTTP status equals the code (channels 1.1).
type refusal struct {
	Code        int
	Description string
	RetryAfter  int
	MigrateTo   int64
}

func (r *refusal) Error() string { return r.Description }

func bad(description string) *refusal {
	return &refusal{Code: http.StatusBadRequest, Description: "Bad Request: " + description}
}

func forbidden(description string) *refusal {
	return &refusal{Code: http.StatusForbidden, Description: "Forbidden: " + description}
}

func conflict(description string) *refusal {
	return &refusal{Code: http.StatusConflict, Description: "Conflict: " + description}
}

func tooMany(seconds int) *refusal {
	return &refusal{
		Code:        http.StatusTooManyRequests,
		Description: "Too Many Requests: retry after " + strconv.Itoa(seconds),
		RetryAfter:  seconds,
	}
}

var errNotFound = &refusal{Code: http.StatusNotFound, Description: "Not Found"}

// described is a result with a description beside it, as of setWebhook.
type described struct {
	result      any
	description string
}

// write puts a result or a refusal into the envelope.
func write(w http.ResponseWriter, result any, no *refusal) {
	status, body := http.StatusOK, object{"ok": true}
	if no == nil {
		if d, ok := result.(described); ok {
			body["description"] = d.description
			result = d.result
		}
		if updates, ok := result.([]json.RawMessage); ok {
			writeUpdates(w, updates)
			return
		}
		body["result"] = result
	} else {
		status = no.Code
		body = object{"ok": false, "error_code": no.Code, "description": no.Description}
		parameters := object{}
		if no.RetryAfter > 0 {
			parameters["retry_after"] = no.RetryAfter
			w.Header().Set("Retry-After", strconv.Itoa(no.RetryAfter))
		}
		if no.MigrateTo != 0 {
			parameters["migrate_to_chat_id"] = no.MigrateTo
		}
		if len(parameters) > 0 {
			body["parameters"] = parameters
		}
	}
	b, err := json.Marshal(body)
	if err != nil {
		status, b = http.StatusInternalServerError, []byte(`{"ok":false,"error_code":500,"description":"Internal Server Error"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	w.WriteHeader(status)
	_, _ = w.Write(b)
}

// writeUpdates keeps the bytes of the updates as they are, which json.Marshal
// would not.
func writeUpdates(w http.ResponseWriter, updates []json.RawMessage) {
	b := []byte(`{"ok":true,"result":[`)
	for i, u := range updates {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, u...)
	}
	b = append(b, `]}`...)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	_, _ = w.Write(b)
}
