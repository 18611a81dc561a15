package mail

import "strings"

// notes says in words what the parser's remarks mean, Italian and English, for
// the message's "how this was read" panel. A code that ends in ":" is followed
// by a value, which takes the place of %s.
var notes = map[string][2]string{
	"also_from:":                 {"indica come mittente anche %s", "also gives %s as a sender"},
	"alternative_left_out":       {"una versione tecnica doppia del testo non è mostrata", "a technical double of the text is not shown"},
	"arc:":                       {"ARC: %s", "ARC: %s"},
	"auth_below:":                {"a nome del nostro server sta scritto %s, ma dove può scrivere anche altri: a favore del mittente non vale", "under our own server's name stands %s, but where others can write too: it does not speak for the sender"},
	"auth_unreadable":            {"le verifiche del nostro server di posta non sono leggibili", "what our own mail server found cannot be read"},
	"auto:":                      {"scritto da un programma, lo dice %s", "written by a program, as %s says"},
	"bare_cr":                    {"fini di riga fuori norma", "line ends are not as the standard wants"},
	"base64_junk":                {"codifica base64 con caratteri estranei, saltati", "foreign characters in the base64 encoding were skipped"},
	"blank_line_on_top":          {"righe vuote prima delle intestazioni", "blank lines above the headers"},
	"bounce_by_pattern":          {"mancata consegna riconosciuta dal testo, senza certezza", "recognised as undelivered by its wording, not for certain"},
	"boundary_guessed":           {"il confine tra le parti manca o è sbagliato: è stato dedotto", "the boundary between the parts was missing or wrong and was guessed"},
	"calendar":                   {"contiene un evento di calendario", "contains a calendar event"},
	"calendar:accepted":          {"accetta un invito", "accepts an invitation"},
	"calendar:add":               {"aggiunge una data a un appuntamento", "adds a date to an appointment"},
	"calendar:cancel":            {"annulla un appuntamento", "cancels an appointment"},
	"calendar:counter":           {"chiede di cambiare un appuntamento", "asks to change an appointment"},
	"calendar:declinecounter":    {"rifiuta di cambiare un appuntamento", "refuses to change an appointment"},
	"calendar:declined":          {"rifiuta un invito", "declines an invitation"},
	"calendar:delegated":         {"passa un invito ad altri", "hands an invitation on to somebody else"},
	"calendar:publish":           {"contiene un evento di calendario", "contains a calendar event"},
	"calendar:refresh":           {"chiede di nuovo i dati di un appuntamento", "asks for the data of an appointment again"},
	"calendar:reply":             {"risponde a un invito", "answers an invitation"},
	"calendar:request":           {"invita a un appuntamento", "invites to an appointment"},
	"calendar:tentative":         {"accetta un invito con riserva", "accepts an invitation tentatively"},
	"calendar:update":            {"cambia un appuntamento a cui invita", "changes an appointment to which it invites"},
	"charset:":                   {"testo letto come %s", "text read as %s"},
	"charset_invalid_bytes":      {"alcuni caratteri non erano leggibili", "some characters could not be read"},
	"charset_not_as_declared":    {"i caratteri non sono quelli dichiarati dal mittente", "the characters are not those that the sender declared"},
	"charset_undeclared":         {"il mittente non dichiara l’insieme di caratteri", "the sender does not declare the character set"},
	"data_image_left_out":        {"un’immagine scritta nel testo non è leggibile", "a picture inside the text could not be read"},
	"date_future":                {"la data dichiarata è nel futuro", "the claimed date is in the future"},
	"date_missing":               {"manca la data del mittente", "the sender's date is missing"},
	"date_unreadable":            {"la data del mittente non è leggibile", "the sender's date could not be read"},
	"date_zone_unknown":          {"la data non dice il fuso orario: letta come UTC", "the date does not tell its time zone and was read as UTC"},
	"dkim:":                      {"DKIM secondo il nostro server: %s", "DKIM, says our own server: %s"},
	"dmarc:":                     {"DMARC secondo il nostro server: %s", "DMARC, says our own server: %s"},
	"dkim_signature":             {"firmato da un dominio (DKIM)", "signed by a domain (DKIM)"},
	"encoding_lied":              {"la codifica dichiarata non è quella vera", "the declared encoding is not the true one"},
	"encrypted":                  {"messaggio o file cifrato: si apre solo con la chiave del destinatario", "an encrypted message or file: only the recipient's key opens it"},
	"forwarded":                  {"inoltra il messaggio di un altro", "passes on somebody else's message"},
	"from_junk":                  {"era nella cartella della posta indesiderata: lì l’ha messo il server di posta, o un collega", "it lay in the folder of unwanted mail: the mail server put it there, or a colleague"},
	"from_outside":               {"il nostro server lo ha ricevuto da un altro server", "our own server had it from another server"},
	"from_own_address":           {"il mittente è un indirizzo di questa casella", "the sender is an address of this mailbox"},
	"header_garbage":             {"righe estranee tra le intestazioni, saltate", "foreign lines between the headers were skipped"},
	"html_cut":                   {"pagina HTML troppo grande: tagliata, il testo è nell’originale", "the HTML was too large and was cut; the original has all"},
	"html_deadline":              {"pagina HTML troppo complessa: si mostra il solo testo", "the HTML was too complex: only the text is shown"},
	"html_empty":                 {"la versione HTML è vuota: si mostra il testo", "the HTML version is empty: the text is shown"},
	"limit:":                     {"oltre il limite (%s): l’originale è conservato", "over the limit (%s): the original is kept"},
	"loop:":                      {"porta il contrassegno dei nostri messaggi automatici (%s)", "carries the mark of our own automatic messages (%s)"},
	"loop_cut":                   {"contrassegno troppo lungo, tagliato", "the mark was too long and was cut"},
	"message_id_missing":         {"manca l’identificativo del messaggio: ne è stato fatto uno", "the message had no id: one was made"},
	"name_cut":                   {"nome troppo lungo, tagliato", "a name was too long and was cut"},
	"name_is_another_address":    {"il nome del mittente è un indirizzo diverso da quello vero", "the sender's name is an address other than the true one"},
	"no_blank_line":              {"manca la riga vuota dopo le intestazioni", "the blank line after the headers is missing"},
	"no_boundary":                {"parti non separabili: letto come testo semplice", "the parts could not be told apart and were read as plain text"},
	"no_final_boundary":          {"manca il confine finale: il messaggio potrebbe essere incompleto", "the final boundary is missing: the message may be incomplete"},
	"no_text":                    {"il messaggio non ha testo", "the message has no text"},
	"not_given":                  {"il server di posta non ha consegnato il contenuto", "the mail server did not hand out the content"},
	"opened_signed_message":      {"messaggio firmato (S/MIME): il testo viene da dentro la firma", "a signed message (S/MIME): the text is from inside the signature"},
	"own_links_removed":          {"collegamenti verso questo sistema sono stati tolti", "links to this system were taken out"},
	"preview_cut":                {"anteprima tagliata: il messaggio allegato è intero", "the preview was cut; the attached message is whole"},
	"quoted_printable_odd":       {"codifica quoted-printable con errori, lasciati com’erano", "errors in the quoted-printable encoding were left as they were"},
	"remote_images":              {"immagini esterne non caricate", "pictures from outside were not loaded"},
	"reply_to_differs":           {"chiede le risposte a un altro indirizzo", "asks for answers to another address"},
	"server_placeholder":         {"il server di posta ha dato un avviso al posto del messaggio", "the mail server gave a notice instead of the message"},
	"several_from":               {"più mittenti: vale il primo", "several senders: the first one counts"},
	"signed_file_unreadable":     {"un file .p7m non contiene una firma leggibile", "a .p7m file holds no signature that can be read"},
	"spf:":                       {"SPF secondo il nostro server: %s", "SPF, says our own server: %s"},
	"spam_flag":                  {"il server di posta lo ritiene indesiderato", "the mail server takes it for spam"},
	"subject_cut":                {"oggetto tagliato: vedere l’originale", "the subject was cut: see the original"},
	"text_cut":                   {"testo tagliato: vedere l’originale", "the text was cut: see the original"},
	"text_from_html":             {"testo preso dalla versione HTML", "the text was taken from the HTML version"},
	"text_from_parts":            {"testo preso dagli allegati", "the text was taken from the attachments"},
	"tnef":                       {"allegati di Outlook (winmail.dat) aperti", "Outlook's wrapper (winmail.dat) was opened"},
	"tnef_cut":                   {"winmail.dat incompleto: forse mancano allegati", "winmail.dat is incomplete: files may be missing"},
	"tnef_unreadable":            {"winmail.dat non leggibile: resta l’originale", "winmail.dat could not be read: the original is kept"},
	"too_large":                  {"messaggio troppo grande: l’originale è presso il gestore della posta", "the message was too large: the original is at the mail provider"},
	"tracking_images_removed":    {"immagini che segnalano la lettura, tolte", "pictures that tell who reads were taken out"},
	"twice:":                     {"il campo %s è scritto due volte e in modo diverso: vale il primo", "the field %s stands there twice and differs: the first one counts"},
	"unknown_encoding":           {"codifica sconosciuta: letto com’è", "an unknown encoding was read as it is"},
	"weak:out_of_office_subject": {"l’oggetto sembra quello di una risposta di assenza", "the subject looks like that of an absence note"},
}

// ExplainNote puts a code of Item.Notes into words. Both are empty for a code
// that this channel does not make.
func ExplainNote(code string) (italian, english string) {
	text, known := notes[code]
	value := ""
	if i := strings.IndexByte(code, ':'); !known && i > 0 {
		text, value = notes[code[:i+1]], code[i+1:]
	}
	return strings.ReplaceAll(text[0], "%s", value), strings.ReplaceAll(text[1], "%s", value)
}
