package config

import "net/mail"

// Alarm says who is told, outside of the program, that an account does not work (mail
// rules 13 and 90).
type Alarm struct {
	To []string `toml:"to" eg:"ced@comune.pontelieto.it, reperibile@comune.pontelieto.it" it:"Gli indirizzi di chi tiene in funzione il sistema. Quando una casella o un bot non funziona (accesso rifiutato, fermo da un'ora, messaggi che aspettano di essere letti, messaggi che mancano, password che scade) ricevono un'e-mail sola per ogni causa, spedita da un'altra casella. Meglio un indirizzo che non sia su queste caselle. Senza, l'avviso resta nella pagina Canali." en:"The addresses of those who keep the system running. When a mailbox or a bot does not work (login refused, down for an hour, messages that wait to be read, messages that are missing, a password about to end) they get one e-mail for each cause, sent by another mailbox. Better an address that is on none of these mailboxes. Without it the warning stays on the page Channels."`
}

func (l *loader) checkAlarm(c *Config, bad report) {
	for i, to := range c.Alarm.To {
		a, err := mail.ParseAddress(to)
		if err != nil {
			bad("alarm.to", "has an entry that is no mail address", `Write plain addresses: ["ced@comune.pontelieto.it"]`)
			return
		}
		c.Alarm.To[i] = a.Address
	}
}
