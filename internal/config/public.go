package config

import (
	"net/url"
	"strings"
	"unicode"

	"filodiretto/internal/person"
)

// Contact is where citizens find the municipality, as they see it under every
// page and in messages. What is empty is shown nowhere.
type Contact struct {
	Phone     string   `toml:"phone" eg:"0371 555 100" it:"Telefono dell'URP o del centralino." en:"Telephone of the front office or the switchboard."`
	Email     string   `toml:"email" eg:"urp@comune.pontelieto.it" it:"Indirizzo di posta a cui scrivere." en:"Mail address to write to."`
	PEC       string   `toml:"pec" eg:"comune@pec.pontelieto.it" it:"Indirizzo PEC del Comune." en:"Certified mail (PEC) address of the municipality."`
	Address   string   `toml:"address" eg:"Piazza Roma 1, 26900 Pontelieto" it:"Indirizzo del municipio." en:"Postal address of the town hall."`
	Hours     []string `toml:"hours" eg:"lunedì-venerdì 09:00-12:30, giovedì anche 14:30-17:30" it:"Orari di apertura, una riga per voce." en:"Opening hours, one line each."`
	HomeURL   string   `toml:"home_url" eg:"https://www.comune.pontelieto.it" it:"Sito istituzionale del Comune." en:"The municipality's own site."`
	AccessURL string   `toml:"accessibility_url" eg:"https://form.agid.gov.it/view/xxxx" it:"Dichiarazione di accessibilità." en:"Declaration of accessibility."`
}

// Privacy is what the notice on personal data says of this municipality
// (GDPR articles 13 and 14). The text itself is edited on the pages.
type Privacy struct {
	Controller        string `toml:"controller" eg:"Comune di Pontelieto, Piazza Roma 1" it:"Titolare del trattamento. Senza, il nome del Comune." en:"Controller of the personal data. Without it, the municipality's name."`
	ControllerContact string `toml:"controller_contact" eg:"comune@pec.pontelieto.it" it:"Come si scrive al titolare. Senza, la PEC o la posta sotto [contact]." en:"How to write to the controller. Without it, the PEC or mail address under [contact]."`
	DPOContact        string `toml:"dpo_contact" eg:"dpo@comune.pontelieto.it" it:"Come si scrive al responsabile della protezione dei dati (RPD)." en:"How to write to the data protection officer (DPO)."`
	Retention         string `toml:"retention" eg:"Dieci anni dalla chiusura della pratica, poi i dati si cancellano." it:"Per quanto tempo si conservano i dati, come dice il piano di conservazione." en:"How long data are kept, in Italian, as the retention plan says."`
	RetentionEN       string `toml:"retention_en" eg:"Ten years after the case is closed, then the data are deleted." it:"Lo stesso in inglese." en:"The same in English."`
	Link              string `toml:"link" eg:"https://www.comune.pontelieto.it/privacy" it:"Informativa completa sul sito del Comune. Senza, i messaggi portano alla pagina /p/privacy." en:"Full notice on the municipality's site. Without it, messages lead to the page /p/privacy."`
}

// RetentionIn is how long data are kept, in a language.
func (p Privacy) RetentionIn(lang string) string {
	if lang == "en" && p.RetentionEN != "" {
		return p.RetentionEN
	}
	return p.Retention
}

// checkPublic looks at what citizens are told: a telephone that nobody can dial
// or a link that leads nowhere is worse than none.
func (l *loader) checkPublic(c *Config, bad report) {
	checkPhone(c.Contact.Phone, "contact.phone", bad)
	checkEmail(c.Contact.Email, "contact.email", bad)
	checkEmail(c.Contact.PEC, "contact.pec", bad)
	for key, link := range map[string]string{
		"contact.home_url": c.Contact.HomeURL, "contact.accessibility_url": c.Contact.AccessURL, "privacy.link": c.Privacy.Link,
	} {
		if u, err := url.Parse(link); link != "" && (err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || u.User != nil) {
			bad(key, "is not the address of a page", `Write it whole: "https://www.comune.pontelieto.it/privacy"`)
		}
	}
	p := &c.Privacy
	if p.Controller == "" {
		p.Controller = c.Municipality.Name
	}
	for _, way := range []string{c.Contact.PEC, c.Contact.Email} {
		if p.ControllerContact == "" {
			p.ControllerContact = way
		}
	}
}

func checkPhone(phone, key string, bad report) {
	digits := 0
	odd := strings.ContainsFunc(phone, func(r rune) bool {
		if unicode.IsDigit(r) {
			digits++
			return false
		}
		return !strings.ContainsRune("+ ./-()", r)
	})
	if phone != "" && (odd || digits < 3) {
		bad(key, "is not a telephone number", `Write digits and blanks: "0371 555 100"`)
	}
}

func checkEmail(address, key string, bad report) {
	if _, ok := person.Email(address); address != "" && !ok {
		bad(key, "is not a mail address", `Write it as "urp@comune.pontelieto.it"`)
	}
}
