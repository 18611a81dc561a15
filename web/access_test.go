package web

import (
	"net/http"
	"testing"
	"time"
)

// TestOperatorsChangeTheirOwnPassword: with the present one, once more the new
// one, and not a weak one; what is open elsewhere ends, this browser stays.
func TestOperatorsChangeTheirOwnPassword(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		here, there := e.as("giulia"), e.as("giulia")
		here.get("/me/password").want(http.StatusOK, "C’è 1 altro accesso aperto", "Chiudi gli altri").without(testPassword)
		change := func(old, fresh, again string) *seen {
			t.Helper()
			return here.post("/me/password", "old", old, "password", fresh, "again", again)
		}
		change("sbagliata", otherPassword, otherPassword).want(http.StatusUnprocessableEntity, "Non è la password di adesso").without(otherPassword)
		change(testPassword, "giulia", "giulia").want(http.StatusUnprocessableEntity, `id="e-password"`)
		change(testPassword, testPassword, testPassword).want(http.StatusUnprocessableEntity, "quella di prima")
		change(testPassword, otherPassword, testPassword).want(http.StatusUnprocessableEntity, "non sono uguali")
		there.get("/help").want(http.StatusOK)

		change(testPassword, otherPassword, otherPassword).to("/me/password")
		here.get("/me/password").want(http.StatusOK, "Password cambiata", "Sei entrato solo da qui").without("Chiudi gli altri")
		there.get("/help").to("/login")
		e.stranger().post("/login", "user", "giulia", "password", testPassword).want(http.StatusUnauthorized)
		again := e.stranger()
		again.post("/login", "user", "giulia", "password", otherPassword).to("/cases")

		here.post("/me/others").to("/me/password")
		here.get("/me/password").want(http.StatusOK, "Gli altri accessi sono chiusi")
		again.get("/help").to("/login")

		for range 5 {
			change("sbagliata", testPassword, testPassword).want(http.StatusUnprocessableEntity)
		}
		change(otherPassword, testPassword, testPassword).want(http.StatusUnprocessableEntity, "Troppi tentativi")
		e.manual.Advance(10 * time.Minute)
		change(otherPassword, testPassword, testPassword).to("/me/password")
	})
}
