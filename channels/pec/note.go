package pec

import (
	"strings"

	"filodiretto/channels/mail"
)

// notes says in words what this channel's remarks mean, Italian and English.
var notes = map[string][2]string{
	"daticert_missing":         {"mancano i dati di certificazione: le sole intestazioni non provano nulla", "the certification data are missing: headers alone prove nothing"},
	"daticert_unreadable":      {"i dati di certificazione non sono leggibili: le sole intestazioni non provano nulla", "the certification data could not be read: headers alone prove nothing"},
	"pec:":                     {"posta certificata: %s", "certified mail: %s"},
	"pec:anomaly":              {"posta ordinaria arrivata nella casella PEC: mittente e ora non sono certificati", "ordinary mail in the certified mailbox: neither sender nor time is certified"},
	"pec:not_whole":            {"busta PEC non intera: l’originale è presso il gestore", "the certified envelope is not whole: the original is at the provider"},
	NoteOrdinaryMailbox:        {"PEC arrivata in una casella di posta ordinaria", "certified mail that came to an ordinary mailbox"},
	"pec:ordinary":             {"non è una busta PEC: avviso del gestore o posta ordinaria", "no certified envelope: a provider's notice or ordinary mail"},
	"pec:not_proven":           {"busta PEC passata per una lista o modificata: la firma non vale e il mittente non è provato", "a certified envelope that went through a list or was changed: its signature does not hold and its sender is not proven"},
	"pec_not_to_us":            {"è indirizzata a un’altra casella e non a questa: qualcuno l’ha inoltrata così com’era", "it is addressed to another mailbox and not to this one: somebody passed it on as it was"},
	"pec_receipt_unknown":      {"ricevuta che non cambia lo stato di un invio", "a receipt that changes the state of nothing sent"},
	"pec_claims:":              {"dice di scrivere per conto di %s: nessuna firma lo prova", "it claims to be on behalf of %s: no signature proves it"},
	"pec_uncovered":            {"la parte firmata non dice che è posta certificata: lo dicono solo le intestazioni, che non provano nulla", "the signed part does not say that it is certified mail: only the headers do, which prove nothing"},
	"pec_receipt_elsewhere":    {"ricevuta di un invio fatto da un’altra casella: non cambia nulla", "a receipt of what another mailbox sent: it changes nothing"},
	"pec_rewrapped":            {"busta PEC passata per una lista: la firma del gestore vale ancora", "a certified envelope that went through a list: the provider's signature still holds"},
	"pec_sender_differs":       {"il mittente scritto nel messaggio non è quello certificato", "the sender written in the message is not the certified one"},
	"pec_signature_invalid":    {"la firma del gestore non è valida: non è una prova", "the provider's signature does not hold: this proves nothing"},
	"pec_signing_time_differs": {"l’ora della firma è lontana da quella certificata", "the time of the signature is far from the certified one"},
	"pec_time_differs":         {"l’ora del gestore è lontana da quella di arrivo", "the provider's time is far from that of arrival"},
}

// ExplainNote puts a code of Item.Notes into words, those of ordinary mail too.
func ExplainNote(code string) (italian, english string) {
	text, known := notes[code]
	value := ""
	if i := strings.IndexByte(code, ':'); !known && i > 0 {
		text, known = notes[code[:i+1]]
		value = code[i+1:]
	}
	if !known {
		return mail.ExplainNote(code)
	}
	return strings.ReplaceAll(text[0], "%s", value), strings.ReplaceAll(text[1], "%s", value)
}
