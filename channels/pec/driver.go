package pec

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/mail"
	"filodiretto/internal/cms"
)

// Driver offers certified mailboxes.
var Driver = channels.Driver{Kind: "pec", Fields: fields(), Open: open, Presets: presets}

// agidKey is the key of AgID CA1, which certifies the providers' signatures
// and was itself certified several times (PEC reference section 8.4).
const agidKey = "39e3c6c6f13c9620775172694d20f81edad55a8613934cdaa7c3793a6d26b86b"

// The kinds of receipt of delivery that one can ask for.
const (
	receiptWhole = "completa"
	receiptShort = "breve"
	receiptBare  = "sintetica"
)

// fromMail are the settings that a certified mailbox shares with an ordinary
// one, with their defaults where these differ.
var fromMail = map[string]string{
	"address": "", "aliases": "", "name": "", "imap_host": "", "imap_port": "", "imap_security": "", "imap_user": "", "imap_password": "",
	"folders": "INBOX", "smtp_host": "", "smtp_port": "", "smtp_security": "", "smtp_user": "", "smtp_password": "",
	"ca_file": "", "allow_plaintext": "false", "poll": "1m", "start": "all", "sent_folder": "", "rate_per_minute": "5",
}

func fields() []channels.Field {
	var out []channels.Field
	for _, f := range mail.Driver.Fields {
		def, shared := fromMail[f.Name]
		if !shared {
			continue
		}
		if def != "" {
			f.Default = def
		}
		f.When = "" // certified mail is read over IMAP and in no other way
		out = append(out, f)
	}
	out = append(out,
		field("receipt", channels.Text, receiptWhole, "Ricevuta di consegna", "Receipt of delivery",
			"completa (con tutto il messaggio), breve (con le impronte degli allegati: per invii pesanti) oppure sintetica. Ogni ricevuta occupa la casella: se è piena, la prova va persa.",
			"completa (with the whole message), breve (with hashes of the files: for heavy messages) or sintetica. Each receipt fills the mailbox: when that is full, the proof is lost."),
		field("max_mb", channels.Number, "30", "Dimensione massima (MB)", "Largest message (MB)",
			"Quanto può pesare un messaggio, allegati compresi. La legge chiede almeno 30; il contratto può dare di più.",
			"How heavy a message may be, files included. The law asks for 30 at least; the contract may give more."),
		field("password_until", channels.Text, "", "Scadenza della password", "End of the password",
			"Il giorno, per esempio 2027-03-31, se il gestore fa scadere le password dei programmi: da due settimane prima lo ricorda questa pagina.",
			"The day, such as 2027-03-31, where the provider lets programs' passwords expire: from two weeks before, this page reminds of it."),
	)
	return append(out, authorityFields()...)
}

// authorityFields say whose signature counts.
func authorityFields() []channels.Field {
	return []channels.Field{
		field("authorities_file", channels.Text, "", "Certificati delle autorità PEC", "Certificates of PEC authorities",
			"File PEM con altre autorità che firmano i certificati dei gestori, per esempio quelle di prima del 2018.",
			"PEM file with further authorities that sign the providers' certificates, such as those before 2018."),
		field("authority_keys", channels.List, agidKey, "Chiavi delle autorità PEC", "Keys of PEC authorities",
			"SHA-256 della chiave (SubjectPublicKeyInfo) delle autorità, separate da virgole. Quella già scritta è AgID CA1.",
			"SHA-256 of the authorities' keys (SubjectPublicKeyInfo), separated by commas. The one given is AgID CA1."),
		field("revocation_list", channels.Text, "", "Elenco dei certificati revocati", "List of revoked certificates",
			"Un file o un indirizzo (per AgID CA1: http://ca1.agid.gov.it/CRL). Vuoto: la revoca non si controlla, e lo si legge accanto alla firma.",
			"A file or an address (for AgID CA1: http://ca1.agid.gov.it/CRL). Empty: revocation is not checked, and the signature says so."),
	}
}

func field(name string, kind channels.FieldType, def, labelIT, labelEN, helpIT, helpEN string) channels.Field {
	return channels.Field{
		Name: name, Type: kind, Default: def,
		Label: map[string]string{"it": labelIT, "en": labelEN}, Help: map[string]string{"it": helpIT, "en": helpEN},
	}
}

// mailbox is one opened account. Receiving is that of ordinary mail: it only
// reads, and flags, moves and deletes nothing (mail rule 88).
type mailbox struct {
	mail.Box
	own   mail.OwnAddresses
	trust *cms.Trust
	first time.Duration // until the first look at fullness
	most  int64         // bytes of a message as it is sent
}

var _ channels.Channel = (*mailbox)(nil)

func open(a channels.Account, deps channels.Deps) (channels.Channel, error) {
	settings := make(map[string]string, len(a.Settings)+1)
	for k, v := range a.Settings {
		settings[k] = v
	}
	settings["connections"] = "1" // providers count logins; one is kept (PEC reference section 10)
	if settings["smtp_password"] == "" {
		settings["smtp_password"] = settings["imap_password"]
	}
	a.Settings = settings
	receipt := strings.ToLower(strings.TrimSpace(settings["receipt"]))
	if receipt == "" {
		receipt = receiptWhole
	}
	if !slices.Contains([]string{receiptWhole, receiptShort, receiptBare}, receipt) {
		return nil, fmt.Errorf("mailbox %s: receipt: write completa, breve or sintetica", a.Key)
	}
	most, err := strconv.ParseInt(or(settings["max_mb"], "30"), 10, 64)
	if err != nil || most < 1 || most > 500 {
		return nil, fmt.Errorf("mailbox %s: max_mb: write a whole number from 1 to 500", a.Key)
	}
	trust, err := trusted(settings, deps)
	if err != nil {
		return nil, fmt.Errorf("mailbox %s: %w", a.Key, err)
	}
	own, err := mail.Own(a, deps)
	if err != nil {
		return nil, fmt.Errorf("mailbox %s: %w", a.Key, err)
	}
	box, err := mail.OpenVariant(a, deps, mail.Variant{
		Header: [][2]string{{"X-TipoRicevuta", receipt}}, MaxBytes: most << 20, Plain: true,
	})
	if err != nil {
		return nil, err
	}
	return &mailbox{Box: box, own: own, trust: trust, first: firstLook, most: most << 20}, nil
}

// trusted are the authorities whose providers are believed, and where these say
// which certificates they took back.
func trusted(settings map[string]string, deps channels.Deps) (*cms.Trust, error) {
	var keys []string
	for k := range strings.SplitSeq(or(settings["authority_keys"], agidKey), ",") {
		if k = strings.TrimSpace(k); k != "" {
			keys = append(keys, k)
		}
	}
	trust, err := cms.NewTrust(keys...)
	if err != nil {
		return nil, fmt.Errorf("authority_keys: %w", err)
	}
	if path := strings.TrimSpace(settings["authorities_file"]); path != "" {
		if err := trust.AddFile(path); err != nil {
			return nil, fmt.Errorf("authorities_file: %w", err)
		}
	}
	if place := strings.TrimSpace(settings["revocation_list"]); place != "" {
		r, err := newRevocations(place, deps.Transport, deps.Clock, deps.Log)
		if err != nil {
			return nil, fmt.Errorf("revocation_list: %w", err)
		}
		trust.UseLists(r.lists)
	}
	return trust, nil
}

func or(s, other string) string {
	if s = strings.TrimSpace(s); s == "" {
		return other
	}
	return s
}

// Parse reads one raw item.
func (m *mailbox) Parse(raw channels.Raw) ([]channels.Item, error) { return Parse(raw, m.own, m.trust) }

// ParserVersion is the version of the package's parser.
func (m *mailbox) ParserVersion() int { return ParserVersion }

// MostFiles leaves room for text and headers; files grow by 78/57 in base64 with
// its line ends. Each recipient gets a mail of its own, so that the law's "size
// times recipients" is the size.
func (m *mailbox) MostFiles() int64 { return max(m.most-m.most/10, 0) / 78 * 57 }

// Send gives a message for one recipient to the provider. Each recipient gets
// a certified mail of its own, whose headers name nobody else: providers want
// every recipient in the headers, and personal data want no others there. The
// server's acceptance is none in law: that comes as a receipt.
func (m *mailbox) Send(ctx context.Context, out *channels.Outgoing) (channels.Receipt, error) {
	one := *out
	one.ToAll, one.CcAll = []channels.Address{out.To}, nil
	return m.Box.Send(ctx, &one)
}
