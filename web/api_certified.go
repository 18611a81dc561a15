package web

import (
	"archive/zip"
	"io"
	"net/http"

	"filodiretto/channels"
	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/cms"
	"filodiretto/web/openapi"
)

// apiSignature is who signed something, and whether it holds.
type apiSignature struct {
	Outcome      cms.Outcome   `json:"outcome"`
	Reason       string        `json:"reason"`
	Signer       string        `json:"signer"`
	Organisation string        `json:"organisation"`
	TaxCode      string        `json:"tax_code"`
	Issuer       string        `json:"issuer"`
	Fingerprint  string        `json:"fingerprint"`
	Digest       string        `json:"digest"`
	SignedAt     clock.Instant `json:"signed_at"`
	CheckedFor   clock.Instant `json:"checked_for"`
	ValidUntil   clock.Instant `json:"valid_until"`
	Revocation   string        `json:"revocation"`
	Chain        []string      `json:"chain"`
	Addresses    []string      `json:"addresses"`
	SignerIs     string        `json:"signer_is,omitempty"`
}

var signatureSchema = openapi.Named("Signature", "Who signed something, and whether it holds. unknown is never proof, and no accusation.", openapi.Object(
	openapi.Req("outcome", openapi.OneOf(cms.Valid, cms.Invalid, cms.Unknown), ""),
	openapi.Req("reason", openapi.Text(0), "Why not: digest_mismatch, expired, revoked, wrong_address, untrusted, not_signed, ..."),
	openapi.Req("signer", openapi.Text(0), "As the certificate says."),
	openapi.Req("organisation", openapi.Text(0), ""),
	openapi.Req("tax_code", openapi.Text(0), "Codice fiscale, as the certificate says."),
	openapi.Req("issuer", openapi.Text(0), ""),
	openapi.Req("fingerprint", openapi.Text(0), "SHA-256 of the certificate, hex."),
	openapi.Req("digest", openapi.Text(0), "SHA-256, SHA-1, ..."),
	openapi.Req("signed_at", timeOrNull, "As the signer claims."),
	openapi.Req("checked_for", timeOrNull, "The moment for which the certificate was checked: that of receipt, not now."),
	openapi.Req("valid_until", timeOrNull, "End of the certificate."),
	openapi.Req("revocation", openapi.OneOf("good", "revoked", "not_checked"), "What the authority's list said; not_checked is not good."),
	openapi.Req("chain", openapi.List(openapi.Text(0)), "SHA-256 of the certificates up to the authority, hex."),
	openapi.Req("addresses", openapi.List(openapi.Text(0)), "Mail addresses that the certificate is for; most signature cards have none."),
	openapi.Opt("signer_is", openapi.OneOf(inbox.SignerIsSender, inbox.SignerOtherAddress, inbox.SignerOtherName),
		"The signer held against who sent the message: sender, by address or else by name; other_address: the certificate is for other addresses alone; other_name: it has no address and another name. Absent where there is too little to compare, and where the signature does not hold.")))

func viewSignature(s cms.Signature) apiSignature {
	out := apiSignature{
		s.Outcome, s.Reason, s.Signer, s.Organisation, s.TaxCode, s.Issuer, s.Fingerprint, s.Digest, s.SignedAt, s.CheckedAt, s.NotAfter, string(s.Revocation), s.Chain, s.Addresses, "",
	}
	if out.Revocation == "" {
		out.Revocation = "not_checked"
	}
	if out.Chain == nil {
		out.Chain = []string{}
	}
	if out.Addresses == nil {
		out.Addresses = []string{}
	}
	return out
}

// viewSignatures are held against the sender of their message, "" where there is none.
func viewSignatures(list []cms.Signature, sender string) []apiSignature {
	out := make([]apiSignature, len(list))
	for i, s := range list {
		out[i] = viewSignature(s)
		if sender != "" && s.Outcome != cms.Invalid {
			out[i].SignerIs = string(inbox.WhoSigned(sender, s))
		}
	}
	return out
}

// apiCertified is what a provider of certified mail states.
type apiCertified struct {
	Kind      string        `json:"kind"`
	Proven    bool          `json:"proven"`
	Sender    string        `json:"sender"`
	Provider  string        `json:"provider"`
	At        clock.Instant `json:"at"`
	ID        string        `json:"envelope_id"`
	Original  string        `json:"original_id"`
	Error     string        `json:"error"`
	Detail    string        `json:"detail"`
	Signature apiSignature  `json:"signature"`
}

var certifiedSchema = openapi.Named("Certified", "What a provider of certified mail (PEC) states. It is worth what its signature is.", openapi.Object(
	openapi.Req("kind", openapi.Text(0), "The provider's word: posta-certificata; errore is ordinary mail in the certified mailbox; else a receipt's."),
	openapi.Req("proven", openapi.Bool(), "The provider's signature holds."),
	openapi.Req("sender", openapi.Text(0), "The certified address; empty for ordinary mail."),
	openapi.Req("provider", openapi.Text(0), ""),
	openapi.Req("at", timeOrNull, "The provider's time, which counts in law."),
	openapi.Req("envelope_id", openapi.Text(0), "identificativo."),
	openapi.Req("original_id", openapi.Text(0), "Message-ID that the sender gave."),
	openapi.Req("error", openapi.Text(0), "nessuno, no-dest, no-dominio, virus, altro."),
	openapi.Req("detail", openapi.Text(0), "The provider's words."),
	openapi.Req("signature", signatureSchema, "")))

func viewCertified(c *channels.Certified) *apiCertified {
	if c == nil {
		return nil
	}
	return &apiCertified{c.Kind, c.Proven(), c.Sender, c.Provider, c.At, c.ID, c.Original, c.Error, c.Detail, viewSignature(c.Signature)}
}

// apiWayStep is one thing that is known of the way of a certified mail to a recipient.
type apiWayStep struct {
	Step      string        `json:"step"`
	At        clock.Instant `json:"at"`
	ReceiptID apiID         `json:"receipt_id"`
}

var wayStepSchema = openapi.Named("DeliveryStep", "One thing that is known of the way of a certified mail to a recipient.", openapi.Object(
	openapi.Req("step", openapi.OneOf(inbox.StepGiven, inbox.StepDoubt, inbox.StepAccepted, inbox.StepWarned, inbox.StepWaits, inbox.StepOutside,
		inbox.StepArrived, inbox.StepTold, inbox.StepFailed, inbox.StepRefused, inbox.NoAcceptance, inbox.NoDelivery),
		"given to the provider; doubt: it is not known whether the provider took it; accepted; warned: not delivered yet, says the provider; waits; outside: no receipt of delivery will come; arrived; told: a person says that it arrived; failed; refused by the provider; no_acceptance and no_delivery: missing for too long."),
	openapi.Req("at", timeOrNull, "The provider's time where receipt_id says it, else ours; null for what lasts."),
	openapi.Req("receipt_id", idOrNull, "The proven receipt that says so.")))

// withSteps adds to the deliveries of a message how far each got.
func withSteps(out *apiMessage, ds []*inbox.Delivery, receipts []*inbox.CertifiedReceipt) {
	for i, d := range ds {
		for _, x := range inbox.CertifiedWay(d, receipts) {
			step := apiWayStep{Step: x.Key, At: x.At}
			if x.Proof != nil {
				step.ReceiptID = apiID(x.Proof.ID)
			}
			out.Deliveries[i].Steps = append(out.Deliveries[i].Steps, step)
		}
	}
}

// apiReceipt is one receipt about a certified mail that was sent.
type apiReceipt struct {
	ID         apiID         `json:"id"`
	AccountID  apiID         `json:"account_id"`
	MessageID  apiID         `json:"message_id"`
	DeliveryID apiID         `json:"delivery_id"`
	Kind       string        `json:"kind"`
	Outcome    string        `json:"outcome"`
	Recipient  string        `json:"recipient"`
	Subject    string        `json:"subject"`
	Proven     bool          `json:"proven"`
	LegalAt    clock.Instant `json:"legal_at"`
	At         clock.Instant `json:"at"`
	Certified  *apiCertified `json:"certified"`
}

var receiptSchema = openapi.Named("Receipt", "A receipt about a certified mail that was sent. Only a proven one moves a delivery.", openapi.Object(
	openapi.Req("id", openapi.ID(), ""),
	openapi.Req("account_id", openapi.ID(), ""),
	openapi.Req("message_id", idOrNull, "null for a letter that was sent from elsewhere."),
	openapi.Req("delivery_id", idOrNull, ""),
	openapi.Req("kind", openapi.Text(0), "accettazione, avvenuta-consegna, errore-consegna, preavviso-errore-consegna, non-accettazione, or another word of the provider."),
	openapi.Req("outcome", openapi.OneOf("", "relayed", "delivered", "delayed", "failed"), "What it means for the delivery; empty for nothing."),
	openapi.Req("recipient", openapi.Text(0), ""),
	openapi.Req("subject", openapi.Text(0), ""),
	openapi.Req("proven", openapi.Bool(), "The provider's signature holds."),
	openapi.Req("legal_at", timeOrNull, "The provider's time."),
	openapi.Req("at", openapi.Time(), "When it was read here."),
	openapi.Req("certified", certifiedSchema.OrNull(), "null for who may not read it.")))

func viewReceipts(rows []*inbox.CertifiedReceipt) apiItems[apiReceipt] {
	out := apiItems[apiReceipt]{Items: make([]apiReceipt, len(rows))}
	for i, r := range rows {
		out.Items[i] = apiReceipt{
			apiID(r.ID), apiID(r.AccountID), apiID(r.MessageID), apiID(r.DeliveryID), r.Kind, r.Outcome, r.Recipient, r.Subject, r.Proven, r.LegalAt, r.At, viewCertified(r.CertifiedBy()),
		}
	}
	return out
}

func (a *api) certifiedOps() []apiOp {
	read := func(path, id, summary string) openapi.Operation {
		return openapi.Operation{Method: http.MethodGet, Path: path, ID: id, Tag: "certified mail", Scope: "read", Summary: summary}
	}
	list := func(o openapi.Operation) openapi.Operation {
		o.Out = openapi.Object(openapi.Req("items", openapi.List(receiptSchema), ""))
		return o
	}
	bytes := func(o openapi.Operation) openapi.Operation {
		o.Out, o.OutType = openapi.Bytes(), "application/octet-stream"
		return o
	}
	return []apiOp{
		op(list(read("/messages/{id}/receipts", "listReceipts", "The receipts about a certified mail, in the provider's order")), apiRead(a.receipts)),
		op(bytes(read("/messages/{id}/evidence", "getEvidence", "All that proves a certified mail, as one ZIP; each taking is in the record of events")), apiRead(a.takeEvidence)),
		op(bytes(read("/receipts/{id}/raw", "getReceiptRaw", "A receipt as it came, byte for byte")), apiRead(a.receiptBytes)),
		op(list(read("/accounts/{id}/receipts", "listLooseReceipts", "The newest receipts of a mailbox about letters that were sent from elsewhere")), apiRead(a.loose)),
	}
}

func (a *api) receipts(q *apiCall) (apiItems[apiReceipt], error) {
	rows, err := a.Inbox.MessageReceipts(q.ctx, q.Viewer, q.id("id"))
	return viewReceipts(rows), err
}

func (a *api) loose(q *apiCall) (apiItems[apiReceipt], error) {
	acc, err := a.Inbox.Account(q.ctx, q.id("id"))
	if err != nil {
		return apiItems[apiReceipt]{}, err
	}
	rows, err := a.Inbox.UnmatchedReceipts(q.ctx, q.Viewer, *acc, looseMost)
	return viewReceipts(rows), err
}

func (a *api) receiptBytes(q *apiCall) (*apiFile, error) {
	r, body, err := a.Inbox.Receipt(q.ctx, q.Viewer, q.id("id"))
	if err != nil {
		return nil, err
	}
	return rawFile(body, "receipt-"+formatID(r.ID), "message/rfc822"), nil
}

// takeEvidence writes the package while it is read, so that no more than one file
// of it is in memory.
func (a *api) takeEvidence(q *apiCall) (*apiFile, error) {
	x, err := a.Inbox.Evidence(q.ctx, q.Viewer, q.id("id"))
	if err != nil {
		return nil, err
	}
	r, w := io.Pipe()
	go func() { w.CloseWithError(a.writeEvidence(zip.NewWriter(w), x)) }()
	return &apiFile{Name: evidenceName(x), Size: -1, Body: r}, nil
}
