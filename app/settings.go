package app

import (
	"net/url"
	"strings"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/config"
)

// inboxSettings are what the configuration says, over the defaults.
func inboxSettings(c *config.Config) inbox.Settings {
	s := inbox.DefaultSettings()
	s.Municipality, s.CasePrefix, s.Zone, s.Lang = c.Municipality.Name, c.Municipality.CasePrefix, c.Municipality.Location, c.Municipality.Language
	s.PublicURL = strings.TrimSuffix(c.Municipality.PublicURL, "/")
	if u, err := url.Parse(s.PublicURL); err == nil && u.Hostname() != "" {
		s.Domain = u.Hostname()
	}
	s.Phone, s.PrivacyLink, s.DPOContact = c.Contact.Phone, c.Privacy.Link, c.Privacy.DPOContact
	s.OfficePhones = map[string]string{}
	for _, o := range c.Offices {
		s.OfficePhones[o.ID] = o.Phone
	}
	a := c.Automation
	s.AutoPerHour, s.AutoPerDay, s.AutoPerCase = a.PerRecipientHour, a.PerRecipientDay, a.PerCaseDay
	s.AutoAccount, s.AutoGlobal = a.PerAccountHour, a.GlobalHour
	s.ReceiptMaxAge = a.ReceiptMaxAge
	s.ReopenWithin = time.Duration(a.ReopenDays) * 24 * time.Hour
	s.ScanPolicy = inbox.ScanPolicy(c.Malware.Policy)
	s.Undo = time.Duration(a.UndoSeconds) * time.Second
	s.AcceptWithin, s.ArriveWithin = c.PEC.AcceptanceWithin, c.PEC.DeliveryWithin
	return s
}

// ownHosts are the names under which citizens and staff reach the pages.
func ownHosts(c *config.Config) []string {
	if u, err := url.Parse(c.Municipality.PublicURL); err == nil && u.Hostname() != "" {
		return []string{u.Hostname()}
	}
	return nil
}
