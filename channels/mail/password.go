package mail

import (
	"fmt"
	"strings"
	"time"

	"filodiretto/internal/clock"
)

// SettingPasswordUntil is the setting, of this channel and of those built on it, with
// the day on which a mailbox's password ends (mail rule 13).
const SettingPasswordUntil = "password_until"

// passwordNotice is how long before a password ends its end is told.
const passwordNotice = 14 * 24 * time.Hour

// PasswordEnds is the day on which a mailbox's password ends, by its settings, and
// whether that is within two weeks or over. 0 where nobody wrote a day.
func PasswordEnds(settings map[string]string, now clock.Instant) (day clock.Instant, near bool) {
	day, err := readDay(settings[SettingPasswordUntil])
	if err != nil || day == 0 {
		return 0, false
	}
	return day, day.Sub(now) <= passwordNotice
}

func readDay(s string) (clock.Instant, error) {
	if s = strings.TrimSpace(s); s == "" {
		return 0, nil
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, fmt.Errorf("write a day as 2027-03-31")
	}
	return clock.At(t), nil
}
