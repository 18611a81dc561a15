package pec

import "filodiretto/channels"

// presets are the providers of certified mail as their guides and other programs
// tell (PEC reference section 10, November 2026). Ports are those of implicit TLS,
// which is the default of the fields.
var presets = []channels.Preset{
	preset("aruba", "Aruba PEC", "imaps.pec.aruba.it", "smtps.pec.aruba.it",
		"Utente: l’indirizzo PEC. Con la verifica in due passaggi serve la password per i programmi di posta, che vale sei mesi: scrivine la scadenza. Il titolare può aver spento IMAP nel pannello.",
		"User: the PEC address. With two-step verification a password for mail programs is needed; it lasts six months: write down its end. The owner may have switched IMAP off in the panel.",
		"sent_folder", "INBOX.Inviata"),
	preset("legalmail", "InfoCert Legalmail", "mbox.cert.legalmail.it", "sendm.cert.legalmail.it",
		"Utente: il codice che comincia per M, non l’indirizzo. Al massimo sei messaggi al minuto; il contratto chiede un accordo per i programmi che spediscono da soli.",
		"User: the code that begins with M, not the address. Six messages a minute at most; the contract asks for an agreement on programs that send by themselves.",
		"sent_folder", "INBOX/Spedite", "rate_per_minute", "6"),
	preset("namirial", "Namirial", "imaps.sicurezzapostale.it", "smtps.sicurezzapostale.it",
		"Utente: l’indirizzo PEC. Indirizzi non provati da noi.", "User: the PEC address. Addresses not tried by us."),
	preset("poste", "Poste Italiane (postecert.it)", "mail.postecert.it", "mail.postecert.it",
		"Utente: l’indirizzo PEC.", "User: the PEC address."),
	preset("postel", "Postel (postecertifica.it)", "mail.postecertifica.it", "mail.postecertifica.it",
		"La password per i programmi di posta scade ogni 90 giorni: scrivine la scadenza.", "The password for mail programs expires every 90 days: write down its end."),
	preset("register", "Register.it", "imap.pec-email.com", "smtp.pec-email.com", notTried[0], notTried[1]),
	preset("libero", "Libero, Italiaonline", "mail.postacert.it.net", "mail.postacert.it.net", notTried[0], notTried[1]),
	preset("intesi", "Intesi Group (REM)", "imap.ig-trustmail.com", "smtp.ig-trustmail.com", notTried[0], notTried[1]),
}

var notTried = [2]string{"Indirizzi non provati da noi: confrontali con quelli del gestore.", "Addresses not tried by us: compare them with the provider's."}

func preset(key, name, imap, smtp, italian, english string, more ...string) channels.Preset {
	values := map[string]string{"imap_host": imap, "imap_port": "993", "imap_security": "tls", "smtp_host": smtp, "smtp_port": "465", "smtp_security": "tls"}
	for i := 0; i+1 < len(more); i += 2 {
		values[more[i]] = more[i+1]
	}
	return channels.Preset{Key: key, Name: name, Values: values, Note: map[string]string{"it": italian, "en": english}}
}
