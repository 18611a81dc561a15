package telegram

import "filodiretto/channels"

// Driver is the Telegram channel for app's list.
var Driver = channels.Driver{Kind: Kind, Fields: fields, Open: open, Link: deepLink}

// fields is the schema of a bot's settings.
var fields = []channels.Field{
	{
		Name: "token", Type: channels.Text, Required: true, Secret: true,
		Label: label("Token del bot", "Bot token"),
		Help: label(
			"Lo rilascia @BotFather su Telegram con /newbot, nella forma 123456789:AAE... Chi lo conosce può scrivere a nome del Comune: se è stato visto da altri, si cambia con /revoke.",
			"@BotFather on Telegram gives it with /newbot, in the form 123456789:AAE... Whoever knows it can write in the name of the municipality: if others have seen it, change it with /revoke."),
	},
	{
		Name: "api_url", Type: channels.Text, Default: "https://api.telegram.org",
		Label: label("Indirizzo del server Bot API", "Address of the Bot API server"),
		Help: label(
			"Si cambia solo se il Comune usa un proprio server Bot API, per esempio http://127.0.0.1:8081.",
			"Change it only if the municipality runs its own Bot API server, for instance http://127.0.0.1:8081."),
	},
	{
		Name: "poll_timeout", Type: channels.Duration, Default: "50s",
		Label: label("Attesa per ogni richiesta", "Wait of each request"),
		Help: label(
			"Per quanto tempo il server tiene aperta la richiesta quando non c'è nulla di nuovo, da 1s a 50s. I messaggi arrivano comunque subito; si abbassa solo se un firewall chiude prima le connessioni.",
			"How long the server keeps a request open while nothing is new, from 1s to 50s. Messages arrive at once anyway; lower it only if a firewall closes connections earlier."),
	},
	{
		Name: "max_file_mb", Type: channels.Number, Default: "20",
		Label: label("Allegati ricevuti: limite in MB", "Received files: limit in MB"),
		Help: label(
			"Oltre questo limite l'allegato non viene scaricato e resta segnalato nel messaggio. Il server pubblico non consegna file oltre 20 MB.",
			"A file above this limit is not downloaded and is shown as such in the message. The public server delivers no file above 20 MB."),
	},
	{
		Name: "max_upload_mb", Type: channels.Number, Default: "50",
		Label: label("Allegati inviati: limite in MB", "Sent files: limit in MB"),
		Help: label(
			"Il server pubblico accetta file fino a 50 MB.",
			"The public server takes files of up to 50 MB."),
	},
	{
		Name: "messages_per_second", Type: channels.Number, Default: "30",
		Label: label("Messaggi al secondo", "Messages a second"),
		Help: label(
			"Quanti messaggi al secondo il bot invia al massimo, a tutti insieme. Telegram ne tollera circa 30; per ogni persona il limite è comunque uno al secondo.",
			"How many messages a second the bot sends at most, to all people together. Telegram tolerates about 30; to one person it is one a second in any case."),
	},
}

func label(it, en string) map[string]string {
	return map[string]string{"it": it, "en": en}
}

// defaultOf is the default of the field called name, or empty.
func defaultOf(name string) string {
	for _, f := range fields {
		if f.Name == name {
			return f.Default
		}
	}
	return ""
}
