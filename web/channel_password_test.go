package web

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

// Rule 13: the card of a mailbox says when its password ends, of a certified one too.
func TestRule13TheCardSaysWhenAPasswordEnds(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		b := e.as("admin")
		for _, kind := range []string{"mail", "pec"} {
			day := e.db.Clock.Now().Add(10 * 24 * time.Hour).Time().Format(time.DateOnly)
			if _, err := e.db.Write.NewRaw("UPDATE accounts SET kind = ?, settings = ? WHERE id = ?", kind, fmt.Sprintf(`{"password_until":%q}`, day), e.mail.ID).Exec(t.Context()); err != nil {
				t.Fatal(err)
			}
			b.get("/channels").want(http.StatusOK, "La password scade, o è scaduta, il")
		}
	})
}
