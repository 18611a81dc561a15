// Package config reads the one configuration file, the environment and the
// files that hold secrets, and tells everything that is wrong with them at
// once. The struct tags below are the manual: `it` and `en` explain a key,
// `default` is its value when nobody sets it, `eg` an example to copy, `one`
// the words that are allowed, `min` and `max` the range of a number.
package config

import (
	"net/netip"
	"time"

	"filodiretto/internal/cms"
	"filodiretto/internal/secret"
)

// Config is the whole configuration, checked and with defaults filled in.
// Printing it shows no secret.
type Config struct {
	Municipality Municipality `toml:"municipality" it:"Il Comune." en:"The municipality."`
	Contact      Contact      `toml:"contact" it:"I recapiti che i cittadini vedono in fondo alle pagine e nei messaggi." en:"Where citizens find the municipality, as pages and messages tell it."`
	Privacy      Privacy      `toml:"privacy" it:"Che cosa dice l'informativa sulla privacy di questo Comune. Il testo si modifica nelle pagine di amministrazione." en:"What the privacy notice says of this municipality. The text is edited on the pages of administration."`
	Server       Server       `toml:"server" it:"Il server web." en:"The web server."`
	Database     Database     `toml:"database" it:"La base dati." en:"The database."`
	Intake       Intake       `toml:"intake" it:"La posta che il server del Comune consegna da sé, invece di essere letta in una casella." en:"Mail that the municipality's own server hands over, rather than being read in a mailbox."`
	Redis        Redis        `toml:"redis" it:"Redis: serve solo con più macchine, e contiene solo ciò che può sparire." en:"Redis: needed only with several machines; it holds only what may vanish."`
	Files        Files        `toml:"files" it:"Allegati e messaggi originali." en:"Attachments and original messages."`
	Malware      Malware      `toml:"malware" it:"Il controllo antivirus degli allegati." en:"The malware scan of files."`
	Security     Security     `toml:"security" it:"Chiavi, sessioni e accessi." en:"Keys, sessions and logins."`
	Automation   Automation   `toml:"automation" it:"Ciò che il sistema fa da solo, e quanto al massimo." en:"What the system does by itself, and how much at most."`
	Register     Register     `toml:"register" it:"Il protocollo informatico." en:"The protocol register (protocollo)."`
	PEC          PEC          `toml:"pec" it:"La posta certificata: quando manca una ricevuta." en:"Certified mail: when a receipt is missing."`
	Voice        Voice        `toml:"voice" it:"La voce degli schermi in sala, fatta da questa macchina." en:"The voice of the displays, made by this machine."`
	Signatures   Signatures   `toml:"signatures" it:"A quali firme si crede." en:"Which signatures are believed."`
	Satisfaction Satisfaction `toml:"satisfaction" it:"Il giudizio dei cittadini con tre faccine." en:"What citizens think of it, with three faces."`
	Alarm        Alarm        `toml:"alarm" it:"Chi è avvisato per e-mail quando un canale non funziona." en:"Who is told by e-mail when a channel does not work."`
	Log          Log          `toml:"log" it:"Il registro tecnico (su stderr)." en:"The technical log (to stderr)."`
	Channels     []Channel    `toml:"-"`
	Offices      []Office     `toml:"-"`

	// Path is the file that was read, empty when there was none.
	Path string `toml:"-"`
	// SecretFiles are the files that secrets were read from, Path among them
	// where it holds any itself.
	SecretFiles []string `toml:"-"`

	origin map[string]Place
}

// Municipality says whose the installation is.
type Municipality struct {
	Name       string         `toml:"name" required:"true" eg:"Comune di Pontelieto" it:"Nome del Comune, come appare ai cittadini." en:"Name of the municipality, as citizens see it."`
	ISTATCode  string         `toml:"istat_code" eg:"037042" it:"Codice ISTAT del Comune, sei cifre." en:"ISTAT code of the municipality, six digits."`
	Zone       string         `toml:"zone" default:"Europe/Rome" it:"Fuso orario in cui si contano i giorni e gli orari d'ufficio." en:"Time zone in which days and office hours are counted."`
	Language   string         `toml:"language" default:"it" one:"it en" it:"Lingua delle pagine e dei testi quando il cittadino non ne sceglie un'altra." en:"Language of pages and texts when the citizen chooses no other."`
	PublicURL  string         `toml:"public_url" eg:"https://filo.comune.pontelieto.it" it:"Indirizzo con cui i cittadini raggiungono le pagine. Senza, http://localhost e la porta di server.listen." en:"Address at which citizens reach the pages. Without it, http://localhost and the port of server.listen."`
	CasePrefix string         `toml:"case_prefix" default:"FD" eg:"PL" it:"Da una a otto lettere maiuscole o cifre, all'inizio del riferimento nell'oggetto delle risposte: [PL-2026-000123-...]." en:"One to eight capital letters or digits that begin the reference in the subject of answers: [PL-2026-000123-...]."`
	Logo       string         `toml:"logo" eg:"stemma.svg" it:"File dello stemma, SVG o PNG." en:"File of the coat of arms, SVG or PNG."`
	Location   *time.Location `toml:"-"` // Zone, loaded
}

// Server says how the pages are served.
type Server struct {
	Listen          string         `toml:"listen" default:"127.0.0.1:8080" it:"Indirizzo e porta su cui ascoltare." en:"Address and port to listen on."`
	TrustedProxies  []string       `toml:"trusted_proxies" eg:"10.0.0.0/8, 127.0.0.1" it:"Indirizzi o reti dei proxy di cui si crede l'intestazione X-Forwarded-For." en:"Addresses or networks of the proxies whose X-Forwarded-For header is believed."`
	MaxUploadMB     int            `toml:"max_upload_mb" default:"25" min:"1" max:"1024" it:"Dimensione massima di un caricamento, in MB." en:"Largest upload, in MB."`
	APIPerSecond    int            `toml:"api_per_second" default:"2000" min:"1" max:"1000000" it:"Richieste all'API al secondo per operatore, prima della risposta 429: un programma impazzito non deve rallentare le pagine." en:"API requests per second and operator before the answer is 429: a program gone wild must not slow the pages."`
	ShutdownGrace   time.Duration  `toml:"shutdown_grace" default:"20s" min:"1s" max:"10m" it:"Quanto si aspetta, allo spegnimento, che finisca ciò che è in corso." en:"How long a stop waits for what is under way."`
	FilesURL        string         `toml:"files_url" eg:"https://file-filo.comune.pontelieto.it" it:"Un secondo indirizzo dello stesso server, da cui arrivano solo gli allegati: un'origine diversa da quella delle pagine, così che un file non possa mai passare per una di esse. Senza, lo stesso delle pagine." en:"A second address of the same server from which files come, and nothing else: another origin than the pages', so that no file can ever pass for one of them. Without it, that of the pages."`
	Roles           []string       `toml:"roles" default:"web, worker" one:"web worker" it:"Che cosa fa questo processo: le pagine (web), il lavoro in sottofondo (worker) o entrambi." en:"What this process does: the pages (web), the background work (worker), or both."`
	InsecureCookies bool           `toml:"insecure_cookies" it:"true solo per provare in http: i cookie viaggiano senza cifratura. Senza, è true solo se public_url è http://localhost o http://127.0.0.1." en:"true only to try things over http: cookies travel unencrypted. Without it, it is true only if public_url is http://localhost or http://127.0.0.1."`
	Proxies         []netip.Prefix `toml:"-"` // TrustedProxies, parsed
}

// Database says where the rows are.
type Database struct {
	URL             secret.URL `toml:"url" default:"sqlite:filodiretto.db" eg:"postgres://filodiretto:password@db.comune.lan:5432/filodiretto" it:"\"sqlite:/percorso/file.db\" oppure \"postgres://...\". Un percorso relativo parte dalla cartella di questo file." en:"\"sqlite:/path/file.db\" or \"postgres://...\". A relative path starts at this file's folder."`
	ReadConnections int        `toml:"read_connections" default:"4" min:"1" max:"100" it:"Connessioni per leggere; con PostgreSQL altrettante, e quattro in più, per scrivere." en:"Connections for reading; with PostgreSQL as many, and four more, for writing."`
}

// Redis says where machines meet.
type Redis struct {
	URL    secret.URL `toml:"url" eg:"redis://:password@redis.comune.lan:6379/0" it:"Indirizzo; senza, tutto resta in questo processo." en:"Address; without it, all stays in this process."`
	Prefix string     `toml:"prefix" default:"filodiretto:" it:"Inizio di ogni chiave, se Redis serve anche ad altri." en:"Beginning of every key, if others use the same Redis."`
}

// Files says where attachments are.
type Files struct {
	URL secret.URL `toml:"url" default:"dir:files" eg:"s3://ACCESSKEY:SECRETKEY@s3.comune.lan:9000/filodiretto?region=it-1" it:"\"dir:/percorso\" oppure \"s3://chiave:segreto@host/bucket\" (aggiungere ?insecure=true per http)." en:"\"dir:/path\" or \"s3://key:secret@host/bucket\" (add ?insecure=true for http)."`
}

// Security holds keys and limits of logins.
type Security struct {
	MasterKey     secret.String `toml:"master_key" it:"Chiave principale: 32 byte in base64 (openssl rand -base64 32). Senza, con sqlite e dir, è creata in filodiretto.key accanto alla base dati: va conservata insieme alle copie di sicurezza, non nello stesso posto." en:"Master key: 32 bytes in base64 (openssl rand -base64 32). Without it, with sqlite and dir, it is made in filodiretto.key beside the database: keep it along with the backups, but not in the same place."`
	MasterKeyOld  secret.String `toml:"master_key_old" it:"Chiavi di prima, separate da virgole, che aprono ancora i valori cifrati con loro." en:"Earlier keys, separated by commas, which still open what was sealed under them."`
	SessionHours  int           `toml:"session_hours" default:"10" min:"1" max:"720" it:"Dopo quante ore si rifà l'accesso." en:"Hours after which one logs in again."`
	LoginFailures int           `toml:"login_failures" default:"5" min:"1" max:"1000" it:"Accessi sbagliati per nome utente, entro login_window, prima di far aspettare." en:"Failed logins per user name, within login_window, before one has to wait."`
	LoginAddress  int           `toml:"login_failures_per_address" default:"50" min:"1" max:"100000" it:"Lo stesso per indirizzo di rete: un ufficio intero può uscire da un indirizzo solo." en:"The same per network address: a whole office may leave from one address."`
	LoginWindow   time.Duration `toml:"login_window" default:"15m" min:"1s" max:"24h" it:"Tempo in cui si contano gli accessi sbagliati." en:"Time in which failed logins are counted."`
	// KeyFile is where the app makes the master key when MasterKey is empty.
	KeyFile string `toml:"-"`
}

// Automation bounds what no person started (reference/mail.md rules 56-58).
type Automation struct {
	PerRecipientHour int           `toml:"per_recipient_hour" default:"3" min:"0" max:"1000" it:"Messaggi automatici allo stesso destinatario in un'ora." en:"Automatic messages to one recipient in an hour."`
	PerRecipientDay  int           `toml:"per_recipient_day" default:"10" min:"0" max:"10000" it:"Lo stesso in un giorno." en:"The same in a day."`
	PerCaseDay       int           `toml:"per_case_day" default:"10" min:"0" max:"10000" it:"Messaggi automatici per una pratica in un giorno." en:"Automatic messages about one case in a day."`
	PerAccountHour   int           `toml:"per_account_hour" default:"300" min:"0" max:"1000000" it:"Messaggi automatici di una casella o di un bot in un'ora." en:"Automatic messages of one mailbox or bot in an hour."`
	GlobalHour       int           `toml:"global_hour" default:"1000" min:"0" max:"10000000" it:"Messaggi automatici di tutta l'installazione in un'ora." en:"Automatic messages of the whole installation in an hour."`
	ReceiptMaxAge    time.Duration `toml:"automatic_receipt_max_age" default:"24h" min:"1m" max:"720h" it:"Un messaggio arrivato da più tempo non riceve più la conferma automatica (per esempio dopo un guasto)." en:"A message that came longer ago gets no automatic receipt any more (after a breakdown, for example)."`
	RaiseAfterHours  int           `toml:"raise_after_hours" default:"24" min:"1" max:"8760" it:"Dopo quante ore una pratica che nessuno ha preso è segnalata al responsabile." en:"Hours after which a case that nobody took is raised to the head."`
	ReopenDays       int           `toml:"reopen_days" default:"15" min:"0" max:"3650" it:"Entro quanti giorni dalla chiusura una risposta del cittadino riapre la pratica; dopo ne nasce una nuova." en:"Days after closing within which a citizen's answer opens the case again; later a new one is made."`
	UndoSeconds      int           `toml:"undo_seconds" default:"10" min:"0" max:"120" it:"Secondi in cui un invio si può annullare." en:"Seconds in which a sending can be undone."`
}

// PEC says after how long a missing receipt of certified mail is an alarm (mail rule 86).
type PEC struct {
	AcceptanceWithin time.Duration `toml:"acceptance_within" default:"20m" min:"1m" max:"24h" it:"Se il gestore non manda la ricevuta di accettazione entro questo tempo, la pratica avvisa. Di solito arriva in pochi secondi." en:"If the provider sends no receipt of acceptance within this time, the case says so. It usually comes within seconds."`
	DeliveryWithin   time.Duration `toml:"delivery_within" default:"30h" min:"25h" max:"240h" it:"Se dopo l'accettazione non arriva né la consegna né un avviso entro questo tempo, la pratica avvisa. Il gestore ha ventiquattro ore." en:"If after acceptance neither delivery nor a notice comes within this time, the case says so. The provider has twenty-four hours."`
}

// Voice is who says the calls of a room aloud (queue reference 3, row 31).
type Voice struct {
	Program string `toml:"program" eg:"/usr/bin/espeak-ng" it:"Il programma che parla: un percorso, o \"off\" per nessuno. Senza, espeak-ng se è installato; se no parla il browser dello schermo, quando ha una voce sua." en:"The program that speaks: a path, or \"off\" for none. Without it, espeak-ng where it is installed; else the display's browser speaks, when it has a voice of its own."`
	Pace    int    `toml:"pace" default:"145" min:"80" max:"300" it:"Parole al minuto." en:"Words a minute."`
}

// Signatures says who vouches for signers of mails and files, and how the
// signatures of senders' domains are looked up (mail rules 35 and 51).
type Signatures struct {
	AuthoritiesFile string `toml:"authorities_file" eg:"autorita.pem" it:"File PEM con i certificati delle autorità di cui ci si fida per le firme di messaggi (S/MIME) e documenti (.p7m): per esempio quelle dei prestatori qualificati, dall'elenco di AgID. Senza, una firma che regge resta \"non verificabile\"." en:"PEM file with the certificates of the authorities trusted for signatures of messages (S/MIME) and documents (.p7m): those of the qualified providers on AgID's list, for example. Without it a signature that holds stays \"cannot be told\"."`
	DKIM            string `toml:"dkim" default:"system" eg:"10.0.0.53:53" it:"Chi dà le chiavi dei domini che firmano la posta (DKIM): \"system\" per il DNS di questa macchina, un indirizzo per un altro server DNS, \"off\" per non controllare. Nessun messaggio aspetta il DNS." en:"Who gives the keys of the domains that sign mail (DKIM): \"system\" for this machine's DNS, an address for another DNS server, \"off\" for no check. No message waits for the DNS."`
	// Trust holds the authorities of AuthoritiesFile; nil without one.
	Trust *cms.Trust `toml:"-"`
}

// Satisfaction says when citizens are asked how it went ("Mettiamoci la faccia",
// italian-pa reference 8: voluntary, begun by each body with a plan of its own). After
// a case it is off until somebody decides so.
type Satisfaction struct {
	AfterCase bool `toml:"after_case" it:"true per chiedere un giudizio anche alla chiusura di una pratica, sul canale della pratica, al massimo una volta ogni 30 giorni per persona; chi non vuole avvisi non è disturbato. Gli uffici riservati sono esclusi." en:"true to ask also when a case is closed, on the channel of the case, at most once in 30 days for each person; who wants no notices is not bothered. Reserved offices are left out."`
}

// Log says what is told and how.
type Log struct {
	Level  string `toml:"level" default:"info" one:"debug info warn error" it:"Da quale importanza in su." en:"From which importance upward."`
	Format string `toml:"format" default:"text" one:"text json" it:"Forma delle righe." en:"Form of the lines."`
}
