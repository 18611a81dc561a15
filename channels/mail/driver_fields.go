package mail

import (
	"strings"

	"filodiretto/channels"
)

// fields is the schema of a mailbox. Host and password of both servers are
// always asked for by name; everything else has a default that fits most
// providers.
var fields = []channels.Field{
	text("address", "", true,
		"Indirizzo della casella", "Address of the mailbox",
		"L'indirizzo con cui i cittadini scrivono e da cui si risponde, per esempio urp@comune.pontelieto.it.",
		"The address that citizens write to and that answers come from, such as urp@comune.pontelieto.it."),
	field("aliases", channels.List, "",
		"Altri indirizzi della casella", "Other addresses of the mailbox",
		"Indirizzi che arrivano in questa stessa casella, separati da virgole. Servono a riconoscere la nostra posta.",
		"Addresses that arrive in this same mailbox, separated by commas. They serve to recognise our own mail."),
	text("name", "", false,
		"Nome del mittente", "Sender's name",
		"Il nome che il cittadino legge come mittente quando l'ufficio non ne ha uno suo.",
		"The name that the citizen reads as the sender when the office has none of its own."),
	oneOf(text("reading", string(readingIMAP), false,
		"Come arriva la posta", "How mail comes in",
		"Di solito si legge la casella con IMAP. Con POP3 solo se il provider non offre altro. La posta consegnata arriva dal server del Comune (LMTP o HTTP, vedi docs/mail.md) e qui non serve alcuna password.",
		"Usually the mailbox is read over IMAP. Over POP3 only where the provider offers nothing else. Mail that is handed over comes from the municipality's own server (LMTP or HTTP, see docs/mail.md), and no password is needed here."),
		choice(string(readingIMAP), "Letta dalla casella (IMAP)", "Read from the mailbox (IMAP)"),
		choice(string(readingPOP3), "Scaricata dalla casella (POP3)", "Fetched from the mailbox (POP3)"),
		choice(string(readingHanded), "Consegnata dal nostro server (LMTP o HTTP)", "Handed over by our server (LMTP or HTTP)")),
	text("imap_host", "", true,
		"Server della posta in arrivo (IMAP)", "Server for incoming mail (IMAP)",
		"Il nome del server, per esempio imap.provider.it.", "The server's name, such as imap.provider.it."),
	field("imap_port", channels.Number, "",
		"Porta IMAP", "IMAP port",
		"Vuota: 993 con tls, 143 con starttls e plain-local.", "Empty: 993 with tls, 143 with starttls and plain-local."),
	oneOf(text("imap_security", string(securityTLS), false,
		"Sicurezza IMAP", "IMAP security", securityHelpIT, securityHelpEN), securities...),
	text("imap_user", "", false,
		"Utente IMAP", "IMAP user",
		"Vuoto: l'indirizzo della casella.", "Empty: the address of the mailbox."),
	secret("imap_password", true,
		"Password IMAP", "IMAP password",
		"La password della casella, o una password per applicazioni dove il provider la chiede.",
		"The mailbox's password, or an app password where the provider wants one."),
	text("pop3_host", "", true,
		"Server della posta in arrivo (POP3)", "Server for incoming mail (POP3)",
		"Il nome del server, per esempio pop.provider.it.", "The server's name, such as pop.provider.it."),
	field("pop3_port", channels.Number, "",
		"Porta POP3", "POP3 port",
		"Vuota: 995 con tls, 110 con starttls e plain-local.", "Empty: 995 with tls, 110 with starttls and plain-local."),
	oneOf(text("pop3_security", string(securityTLS), false,
		"Sicurezza POP3", "POP3 security", securityHelpIT, securityHelpEN), securities...),
	text("pop3_user", "", false,
		"Utente POP3", "POP3 user",
		"Vuoto: l'indirizzo della casella.", "Empty: the address of the mailbox."),
	secret("pop3_password", true,
		"Password POP3", "POP3 password",
		"La password della casella, o una password per applicazioni dove il provider la chiede.",
		"The mailbox's password, or an app password where the provider wants one."),
	field("pop3_delete_days", channels.Number, "0",
		"Cancella dal provider dopo giorni", "Delete at the provider after days",
		"0: mai, e la casella può riempirsi. Altrimenti un messaggio è cancellato dal provider tanti giorni dopo essere stato conservato qui per intero; quelli di cui c'è solo l'intestazione restano.",
		"0: never, and the mailbox may fill up. Else a message is deleted at the provider that many days after it was kept here whole; those of which only the header is here stay."),
	oneOf(text("auth", authPassword, false,
		"Modo di accesso", "Way of logging in",
		"password, oppure oauth2 (gettoni di accesso: Google Workspace e Microsoft 365 non accettano più password).",
		"password, or oauth2 (access tokens: Google Workspace and Microsoft 365 take no passwords any more)."),
		choice(authPassword, "Password", "Password"), choice(authToken, "Gettoni di accesso (OAuth2)", "Access tokens (OAuth2)")),
	text("oauth_token_url", "", false,
		"Indirizzo dei gettoni", "Address for tokens",
		"Per esempio https://login.microsoftonline.com/ID-TENANT/oauth2/v2.0/token oppure https://oauth2.googleapis.com/token.",
		"Such as https://login.microsoftonline.com/TENANT-ID/oauth2/v2.0/token or https://oauth2.googleapis.com/token."),
	text("oauth_client_id", "", false,
		"Identificativo dell'applicazione", "Application's id",
		"Come registrato presso il fornitore della posta.", "As registered with the mail provider."),
	secret("oauth_client_secret", false,
		"Segreto dell'applicazione", "Application's secret",
		"Come registrato presso il fornitore. Da solo, senza gettone di rinnovo, vale come accesso dell'applicazione (client credentials).",
		"As registered with the provider. Alone, without a refresh token, it serves as the application's own access (client credentials)."),
	secret("oauth_refresh_token", false,
		"Gettone di rinnovo", "Refresh token",
		"Quello ottenuto accedendo una volta come la casella. Se il fornitore lo rifiuta, il canale si ferma e lo dice.",
		"The one obtained by signing in once as the mailbox. When the provider refuses it, the channel stops and says so."),
	field("oauth_scopes", channels.List, "",
		"Permessi chiesti", "Scopes asked for",
		"Per esempio https://outlook.office365.com/.default oppure https://mail.google.com/.",
		"Such as https://outlook.office365.com/.default or https://mail.google.com/."),
	field("folders", channels.List, "INBOX",
		"Cartelle da leggere", "Folders to read",
		"Nomi separati da virgole, per esempio INBOX, Posta indesiderata. Si leggono soltanto: nulla viene segnato, spostato o cancellato. Al massimo otto.",
		"Names separated by commas, such as INBOX, Junk. They are only read: nothing is flagged, moved or deleted. Eight at most."),
	text("smtp_host", "", true,
		"Server della posta in uscita (SMTP)", "Server for outgoing mail (SMTP)",
		"Il nome del server, per esempio smtp.provider.it.", "The server's name, such as smtp.provider.it."),
	field("smtp_port", channels.Number, "",
		"Porta SMTP", "SMTP port",
		"Vuota: 465 con tls, 587 con starttls, 25 con plain-local.", "Empty: 465 with tls, 587 with starttls, 25 with plain-local."),
	oneOf(text("smtp_security", string(securityTLS), false,
		"Sicurezza SMTP", "SMTP security", securityHelpIT, securityHelpEN), securities...),
	text("smtp_user", "", false,
		"Utente SMTP", "SMTP user",
		"Vuoto: l'utente IMAP se c'è una password SMTP, altrimenti si spedisce senza accesso.",
		"Empty: the IMAP user when there is an SMTP password, else mail is sent without a login."),
	secret("smtp_password", false,
		"Password SMTP", "SMTP password",
		"Spesso la stessa della posta in arrivo. Vuota: il server non chiede accesso.",
		"Often the same as for incoming mail. Empty: the server asks for no login."),
	text("ca_file", "", false,
		"Certificato dell'autorità", "Certificate of the authority",
		"File PEM di un'autorità privata che firma i certificati dei due server. Vuoto: le autorità del sistema.",
		"PEM file of a private authority that signs both servers' certificates. Empty: the system's authorities."),
	field("allow_plaintext", channels.Bool, "false",
		"Permetti password in chiaro in rete", "Allow passwords in the clear on the network",
		"Sconsigliato. Con plain-local la password può viaggiare in chiaro solo dentro questa macchina; con questa opzione anche in rete, e chi ascolta la legge. Un avviso resta visibile nello stato del canale.",
		"Not advised. With plain-local the password may travel in the clear inside this machine only; with this option on the network too, where anyone who listens can read it. A warning stays visible in the channel's state."),
	text(SettingPasswordUntil, "", false,
		"Scadenza della password", "End of the password",
		"Il giorno, per esempio 2027-03-31, se il gestore fa scadere la password (anche quella per le app) o il segreto dell'applicazione: da due settimane prima lo ricordano questa pagina, il comando check e l'avviso di [alarm].",
		"The day, such as 2027-03-31, where the provider lets the password (or that for apps) or the application's secret expire: from two weeks before, this page, the command check and the mail of [alarm] remind of it."),
	field("poll", channels.Duration, "2m",
		"Controllo periodico", "Periodic look",
		"Ogni quanto guardare la casella anche se il server non annuncia nulla (da 5s a 1h).",
		"How often to look at the mailbox even when the server announces nothing (5s to 1h)."),
	text("start", "all", false,
		"Da quando leggere", "Where to start",
		"Al primo collegamento: all (tutto; ciò che ha più di un giorno entra come archivio, senza ricevute né termini), now (solo la posta nuova) oppure un numero di giorni.",
		"On the first connection: all (everything; what is older than a day enters as archive, without receipts or terms), now (new mail only) or a number of days."),
	text("sent_folder", "", false,
		"Cartella della posta inviata", "Folder of sent mail",
		"Dove mettere una copia di ciò che si spedisce, per esempio Sent o INBOX/Inviata; auto: quella che il server indica. Vuota: nessuna copia.",
		"Where to put a copy of what is sent, such as Sent or INBOX/Inviata; auto: the one that the server marks. Empty: no copy."),
	field("plus_addressing", channels.Bool, "false",
		"Indirizzi con dettaglio", "Addresses with a detail",
		"Attiva se la posta a urp+qualcosa@... arriva in questa casella: le risposte ritrovano così il loro fascicolo.",
		"Switch on if mail to urp+something@... arrives in this mailbox: answers then find their case."),
	field("rate_per_minute", channels.Number, "0",
		"Messaggi al minuto", "Messages a minute",
		"Il limite del provider; 0 significa nessun limite.", "The provider's limit; 0 means none."),
	field("rate_per_domain", channels.Number, "0",
		"Messaggi al minuto verso un dominio", "Messages a minute to one domain",
		"Quanti al minuto agli indirizzi di uno stesso provider, che altrimenti può rifiutarli; 0 significa nessun limite.",
		"How many a minute to addresses of one provider, which may refuse them otherwise; 0 means none."),
	field("auth_servers", channels.List, "",
		"Server di cui fidarsi per SPF, DKIM e DMARC", "Servers trusted for SPF, DKIM and DMARC",
		"Il nome con cui il proprio server di posta firma l'intestazione Authentication-Results, per esempio mx.comune.pontelieto.it oppure mx.google.com. Se chi riceve la posta da fuori è una macchina diversa da quella della casella, anche il suo indirizzo interno (10.0.0.5): altrimenti gli esiti non valgono a favore del mittente. Mai l'indirizzo di un bilanciatore. Microsoft 365 non scrive alcun nome: lasciare vuoto. Vuoto: gli esiti non si mostrano, perché chiunque può scriverli.",
		"The name by which your own mail server marks the header Authentication-Results, such as mx.comune.pontelieto.it or mx.google.com. Where the machine that takes mail from outside is another than the mailbox's, its inner address too (10.0.0.5): else results do not count for a sender. Never the address of a balancer. Microsoft 365 writes no name: leave it empty. Empty: results are not shown, since anybody can write them."),
	field("connections", channels.Number, "4",
		"Collegamenti per spedire", "Connections for sending",
		"Quanti messaggi si spediscono insieme (da 1 a 32).", "How many messages are sent at once (1 to 32)."),
}

const (
	securityHelpIT = "tls (cifrato da subito), starttls (cifrato dopo il saluto) oppure plain-local (senza cifratura, solo per un server su questa macchina)."
	securityHelpEN = "tls (encrypted from the start), starttls (encrypted after the greeting) or plain-local (not encrypted, only for a server on this machine)."
)

// securities are the ways of protecting a connection.
var securities = []channels.Choice{
	choice(string(securityTLS), "tls: cifrato da subito", "tls: encrypted from the start"),
	choice(string(securityStartTLS), "starttls: cifrato dopo il saluto", "starttls: encrypted after the greeting"),
	choice(string(securityPlain), "plain-local: senza cifratura", "plain-local: not encrypted"),
}

func choice(value, labelIT, labelEN string) channels.Choice {
	return channels.Choice{Value: value, Label: map[string]string{"it": labelIT, "en": labelEN}}
}

func oneOf(f channels.Field, choices ...channels.Choice) channels.Field {
	f.Choices = choices
	return f
}

// whenRead says at which way of reading a setting counts.
var whenRead = map[string]string{
	"imap_password": "reading=imap&auth=password", "pop3_password": "reading=pop3&auth=password",
	"imap_": "reading=imap", "folders": "reading=imap", "sent_folder": "reading=imap",
	"pop3_": "reading=pop3", "poll": "reading=imap|pop3", "start": "reading=imap|pop3",
	"oauth_": "auth=oauth2",
}

func field(name string, kind channels.FieldType, def, labelIT, labelEN, helpIT, helpEN string) channels.Field {
	when, exact := whenRead[name]
	for begin, word := range whenRead {
		if !exact && strings.HasSuffix(begin, "_") && strings.HasPrefix(name, begin) {
			when = word
		}
	}
	return channels.Field{
		Name: name, Type: kind, Default: def, When: when,
		Label: map[string]string{"it": labelIT, "en": labelEN},
		Help:  map[string]string{"it": helpIT, "en": helpEN},
	}
}

func text(name, def string, required bool, labelIT, labelEN, helpIT, helpEN string) channels.Field {
	f := field(name, channels.Text, def, labelIT, labelEN, helpIT, helpEN)
	f.Required = required
	return f
}

func secret(name string, required bool, labelIT, labelEN, helpIT, helpEN string) channels.Field {
	f := text(name, "", required, labelIT, labelEN, helpIT, helpEN)
	f.Secret = true
	return f
}
