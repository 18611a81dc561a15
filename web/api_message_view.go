package web

import (
	"filodiretto/inbox"
	"filodiretto/internal/clamd"
	"filodiretto/internal/clock"
	"filodiretto/web/openapi"
)

// apiMessage is one thing said on a case.
type apiMessage struct {
	ID         apiID           `json:"id"`
	CaseID     apiID           `json:"case_id"`
	CitizenID  apiID           `json:"citizen_id"`
	IdentityID apiID           `json:"identity_id"`
	Operator   *apiWho         `json:"operator"`
	AccountID  apiID           `json:"account_id"`
	Channel    string          `json:"channel"`
	Direction  inbox.Direction `json:"direction"`
	Origin     inbox.Origin    `json:"origin"`
	Kind       string          `json:"kind"`
	Sender     string          `json:"sender"`
	Standing   inbox.Standing  `json:"standing"`
	Recipients string          `json:"recipients"`
	Subject    string          `json:"subject"`
	Text       string          `json:"text"`
	Lang       string          `json:"lang"`
	Auto       string          `json:"auto"`
	Notes      []string        `json:"notes"`
	AnswersID  apiID           `json:"answers_id"`
	Raw        bool            `json:"raw"`
	Version    int             `json:"version"`
	SentAt     clock.Instant   `json:"sent_at"`
	At         clock.Instant   `json:"at"`
	ErasedAt   clock.Instant   `json:"erased_at"`
	TakenBack  bool            `json:"taken_back"`
	Parts      []apiPart       `json:"parts"`
	Deliveries []apiDelivery   `json:"deliveries"`
	Certified  *apiCertified   `json:"certified"`

	Certification inbox.Certification `json:"certification"`

	Signatures []apiSignature `json:"signatures"`
	Copies     []apiCopy      `json:"copies"`
	SameID     *apiSameID     `json:"same_id"`
}

var messageProps = []openapi.Prop{
	openapi.Req("id", openapi.ID(), ""),
	openapi.Req("case_id", idOrNull, "null for a bot's own dialogue, which is on no case."),
	openapi.Req("citizen_id", idOrNull, "The record of the sender, or of the case."),
	openapi.Req("identity_id", idOrNull, ""),
	openapi.Req("operator", whoSchema.OrNull(), "Who wrote it, of ours."),
	openapi.Req("account_id", idOrNull, ""),
	openapi.Req("channel", openapi.Text(0), "mail, pec, telegram, counter, phone."),
	openapi.Req("direction", openapi.OneOf(inbox.In, inbox.Out, inbox.Note), "note never leaves the house."),
	openapi.Req("origin", openapi.OneOf(inbox.FromCitizen, inbox.FromOperator, inbox.FromExternal, inbox.FromAutomation), ""),
	openapi.Req("kind", openapi.Text(0), "message, unsupported, visit, call, button."),
	openapi.Req("sender", openapi.Text(0), ""),
	openapi.Req("standing", openapi.OneOf(inbox.StandsUnchecked, inbox.StandsConfirmed, inbox.StandsDoubted, inbox.StandsUnclear, inbox.StandsUnlikely),
		"What our own mail server says of the sender. confirmed: their domain vouches for it. doubted: it is not from there. unclear: what was found may be about another. unlikely: their domain says that it hardly is from there. Empty: it says nothing of this domain."),
	openapi.Req("recipients", openapi.Text(0), ""),
	openapi.Req("subject", openapi.Text(0), ""),
	openapi.Req("text", openapi.Text(0), ""),
	openapi.Req("lang", openapi.Text(0), ""),
	openapi.Req("auto", openapi.Text(0), "Not empty when a machine wrote it."),
	openapi.Req("notes", openapi.List(openapi.Text(0)), "Codes of what was odd about it."),
	openapi.Req("answers_id", idOrNull, ""),
	openapi.Req("raw", openapi.Bool(), "The bytes as they came can be read from .../raw."),
	openapi.Req("version", openapi.Int(), "Above 1 when it was edited or read again: see .../versions."),
	openapi.Req("sent_at", timeOrNull, "As the sender claims."),
	openapi.Req("at", openapi.Time(), ""),
	openapi.Req("erased_at", timeOrNull, "Its contents were erased: what is left is who, when, by which channel and what became of it."),
	openapi.Req("taken_back", openapi.Bool(), "An answer that was taken back before it left."),
	openapi.Req("parts", openapi.List(partSchema), ""),
	openapi.Req("deliveries", openapi.List(deliverySchema), ""),
	openapi.Req("certified", certifiedSchema.OrNull(), "What the provider of certified mail states of it; null for all other mail."),
	openapi.Req("certification", openapi.OneOf("", inbox.CertifiedProven, inbox.CertifiedUnproven, inbox.CertifiedBroken, inbox.NotCertifiedEnvelope, inbox.NotCertifiedBare),
		"How far a message that came is certified mail: proven; unproven (nobody knows whose signature it is); broken (the signature does not hold, is missing, or covers something else: it proves nothing); ordinary mail in the certified mailbox, in a provider's envelope or without one; empty for other channels."),
	openapi.Req("signatures", openapi.List(signatureSchema), "Over the message itself (S/MIME)."),
	openapi.Req("copies", openapi.List(copySchema), "Further mailboxes of ours that it came by: one mail to several offices is one message. Not told in a person's story."),
	openapi.Req("same_id", sameIDSchema.OrNull(), "The mail that had its Message-ID before, with another text, where the operator may see it. Not told in a person's story."),
}

var messageSchema = openapi.Named("Message", "One thing said on a case.", openapi.Object(messageProps...))

func viewMessage(q *apiCall, m *inbox.Message, parts []*inbox.Part, ds []*inbox.Delivery) apiMessage {
	out := apiMessage{
		ID: apiID(m.ID), CaseID: apiID(m.CaseID), CitizenID: apiID(m.CitizenID), IdentityID: apiID(m.IdentityID), Operator: q.who(m.OperatorID),
		AccountID: apiID(m.AccountID), Channel: m.Channel, Direction: m.Direction, Origin: m.Origin, Kind: m.Kind, Sender: m.Sender,
		Recipients: m.Recipients, Subject: m.Subject, Text: m.Text, Lang: m.Lang, Auto: m.Auto, Notes: viewNotes(m), AnswersID: apiID(m.AnswersID),
		Raw: m.RawID != 0 && m.ErasedAt.IsZero(), Version: m.Version, SentAt: m.SentAt, At: m.At, ErasedAt: m.ErasedAt,
		Parts: make([]apiPart, len(parts)), Deliveries: make([]apiDelivery, len(ds)), Signatures: []apiSignature{},
		Copies: q.viewCopies(m), SameID: viewSameID(m),
	}
	if m.ErasedAt.IsZero() {
		if m.Direction == inbox.In {
			out.Standing = m.Standing()
		}
		out.Certification = m.Certification()
		out.Certified, out.Signatures = viewCertified(m.CertifiedBy()), viewSignatures(m.SignedBy(), senderOf(m))
	}
	for i, p := range parts {
		out.Parts[i] = viewPart(p, senderOf(m))
	}
	for i, d := range ds {
		out.Deliveries[i] = viewDelivery(m, d)
	}
	return out
}

// apiPart is a file, a place or a contact.
type apiPart struct {
	ID      apiID   `json:"id"`
	Kind    string  `json:"kind"`
	Name    string  `json:"name"`
	Type    string  `json:"type"`
	Claimed string  `json:"claimed_type"`
	Size    int64   `json:"size"`
	State   string  `json:"state"`
	Problem string  `json:"problem"`
	Preview string  `json:"preview"`
	Scan    string  `json:"scan"`
	Found   string  `json:"scan_word,omitempty"`
	Lat     float64 `json:"lat,omitempty"`
	Lon     float64 `json:"lon,omitempty"`
	Path    string  `json:"path,omitempty"`
	// Inside names the signed file that this one was taken out of.
	Inside     string         `json:"inside,omitempty"`
	Signatures []apiSignature `json:"signatures,omitempty"`
}

var partSchema = openapi.Named("Part", "A file, a place or a contact of a message.", openapi.Object(
	openapi.Req("id", idOrNull, ""),
	openapi.Req("kind", openapi.Text(0), ""),
	openapi.Req("name", openapi.Text(0), ""),
	openapi.Req("type", openapi.Text(0), "As its bytes say."),
	openapi.Req("claimed_type", openapi.Text(0), "As the sender says."),
	openapi.Req("size", openapi.Int(), "Bytes."),
	openapi.Req("state", openapi.OneOf("stored", "pending", "failed", "none"), "pending: still to be fetched from the platform. none: a place or a contact."),
	openapi.Req("problem", openapi.Text(0), ""),
	openapi.Req("preview", openapi.Text(0), ""),
	openapi.Req("scan", openapi.OneOf("none", clamd.Pending, clamd.Clean, clamd.Infected, clamd.Unscannable), "What the malware scan said. none: nobody was asked."),
	openapi.Opt("scan_word", openapi.Text(0), "The malware's name, or why the file cannot be scanned: encrypted, too_large, limits, not_there."),
	openapi.Opt("lat", openapi.Number(), ""),
	openapi.Opt("lon", openapi.Number(), ""),
	openapi.Opt("path", openapi.Text(0), "Where the bytes are, when they are stored."),
	openapi.Opt("inside", openapi.Text(0), "Name of the file that this one was taken out of, such as a signed one."),
	openapi.Opt("signatures", openapi.List(signatureSchema), "Over the file.")))

func viewPart(p *inbox.Part, sender string) apiPart {
	out := apiPart{
		ID: apiID(p.ID), Kind: p.Kind, Name: p.Name, Type: p.Detected, Claimed: p.Claimed, Size: p.Size, State: p.State, Problem: p.Problem,
		Preview: p.Preview, Lat: p.Lat, Lon: p.Lon, Inside: p.Inside, Signatures: viewSignatures(p.SignedBy(), sender), Scan: "none",
	}
	if p.Scan != nil {
		out.Scan, out.Found = string(p.Scan.State), p.Scan.Word
	}
	if p.State == "stored" && p.ID != 0 {
		out.Path = apiPrefix + "/files/" + formatID(p.ID)
	}
	return out
}

// apiDelivery is the way of a message to one recipient.
type apiDelivery struct {
	ID         apiID         `json:"id"`
	MessageID  apiID         `json:"message_id"`
	AccountID  apiID         `json:"account_id"`
	IdentityID apiID         `json:"identity_id"`
	Role       string        `json:"role"`
	Kind       string        `json:"kind"`
	Address    string        `json:"address"`
	Display    string        `json:"display"`
	State      inbox.State   `json:"state"`
	Delayed    bool          `json:"delayed"`
	Attempts   int           `json:"attempts"`
	NextAt     clock.Instant `json:"next_at"`
	Class      string        `json:"class"`
	Code       string        `json:"code"`
	Text       string        `json:"text"`
	MayRetry   bool          `json:"may_retry"`
	ExpiresAt  clock.Instant `json:"expires_at"`
	CreatedAt  clock.Instant `json:"created_at"`
	UpdatedAt  clock.Instant `json:"updated_at"`

	LegalSentAt    clock.Instant `json:"legal_sent_at"`
	LegalArrivedAt clock.Instant `json:"legal_arrived_at"`
	Outside        bool          `json:"outside"`
	Alarm          string        `json:"alarm"`
	Steps          []apiWayStep  `json:"steps"`
}

var deliveryStates = []inbox.State{
	inbox.Queued, inbox.Sending, inbox.Accepted, inbox.Sent, inbox.Delivered, inbox.Read, inbox.Failed, inbox.Blocked,
	inbox.Expired, inbox.Cancelled, inbox.Suppressed, inbox.Unknown,
}

var deliverySchema = openapi.Named("Delivery", "The way of one message to one recipient.", openapi.Object(
	openapi.Req("id", openapi.ID(), ""),
	openapi.Req("message_id", openapi.ID(), ""),
	openapi.Req("account_id", openapi.ID(), ""),
	openapi.Req("identity_id", idOrNull, ""),
	openapi.Req("role", openapi.OneOf("to", "cc"), ""),
	openapi.Req("kind", openapi.Text(0), "email, pec, telegram, phone."),
	openapi.Req("address", openapi.Text(0), ""),
	openapi.Req("display", openapi.Text(0), ""),
	openapi.Req("state", openapi.OneOf(deliveryStates...), "unknown: the request left and no answer came; it is never repeated by itself."),
	openapi.Req("delayed", openapi.Bool(), "The recipient's server said: later."),
	openapi.Req("attempts", openapi.Int(), ""),
	openapi.Req("next_at", timeOrNull, "When it is tried next."),
	openapi.Req("class", openapi.Text(0), "Why the last attempt failed."),
	openapi.Req("code", openapi.Text(0), ""),
	openapi.Req("text", openapi.Text(0), ""),
	openapi.Req("may_retry", openapi.Bool(), "A person may have it tried again."),
	openapi.Req("expires_at", timeOrNull, ""),
	openapi.Req("created_at", openapi.Time(), ""),
	openapi.Req("updated_at", openapi.Time(), ""),
	openapi.Req("legal_sent_at", timeOrNull, "Of certified mail: when the provider accepted it."),
	openapi.Req("legal_arrived_at", timeOrNull, "Of certified mail: when it was in the recipient's mailbox."),
	openapi.Req("outside", openapi.Bool(), "Certified mail to an ordinary mailbox: no receipt of delivery will come."),
	openapi.Req("alarm", openapi.OneOf("", inbox.NoAcceptance, inbox.NoDelivery), "Which receipt is missing for too long."),
	openapi.Req("steps", openapi.List(wayStepSchema), "Of certified mail: how far it got, as the case page and the evidence package tell it. Empty for other mail, for what has not been given to the provider, and where an answer to a command shows it.")))

func viewDelivery(m *inbox.Message, d *inbox.Delivery) apiDelivery {
	return apiDelivery{
		apiID(d.ID), apiID(d.MessageID), apiID(d.AccountID), apiID(d.IdentityID), d.Role, d.Kind, d.Address, d.Display, d.State, d.Delayed,
		d.Attempts, d.NextAt, d.Class, d.Code, d.Text, inbox.MayRetry(m, d), d.ExpiresAt, d.CreatedAt, d.UpdatedAt,
		d.LegalSentAt, d.LegalArrivedAt, d.Outside, d.Alarm,
		[]apiWayStep{},
	}
}

// apiAddress is where somebody is reached.
type apiAddress struct {
	Kind    string `json:"kind"`
	Value   string `json:"value"`
	Display string `json:"display"`
}

var addressSchema = openapi.Named("Address", "Where somebody is reached on a channel.", openapi.Object(
	openapi.Req("kind", openapi.Text(0), ""),
	openapi.Req("value", openapi.Text(0), ""),
	openapi.Req("display", openapi.Text(0), "")))
