package web

import (
	"net/http"

	"filodiretto/web/openapi"
)

// problemSchema is the shape of every refusal.
var problemSchema = openapi.Named("Problem", "An RFC 9457 problem document: what is wrong, and what to do about it.", openapi.Object(
	openapi.Req("type", openapi.Text(0), ""),
	openapi.Req("title", openapi.Text(0), ""),
	openapi.Req("status", openapi.Int(), ""),
	openapi.Opt("code", openapi.Text(0), "Stable, for programs."),
	openapi.Opt("field", openapi.Text(0), "The member, parameter or header that is wrong."),
	openapi.Opt("detail", openapi.Text(0), ""),
	openapi.Req("remedy", openapi.Text(0), "What to do."),
	openapi.Opt("request", openapi.Text(0), "Id of the request in the log."),
	openapi.Opt("errors", openapi.List(openapi.Object(
		openapi.Req("field", openapi.Text(0), ""),
		openapi.Req("code", openapi.Text(0), ""),
		openapi.Req("detail", openapi.Text(0), ""))), "All that is wrong."),
	openapi.Opt("newer", openapi.List(messageSchema), "Messages that came after what was answered."),
	openapi.Opt("unseen", openapi.List(addressSchema), "Recipients whom the case has never seen."),
	openapi.Opt("draft", draftSchema, "The draft as it was saved elsewhere."),
	openapi.Opt("citizen_id", openapi.ID(), "The person whose the address is."),
	openapi.Opt("overriding", openapi.Text(0), "The member by which the warning is overridden.")))

// apiDescription is the document without its operations.
var apiDescription = openapi.Document{
	Title: "Filo Diretto", Version: "1", Server: apiPrefix, Problem: problemSchema,
	Doc: "Citizens, cases, messages and what belongs to them. Whatever a page can do, this API can do, as the operator whose token it has. " +
		"Ids are strings, instants RFC 3339. Lists answer next, which is sent as cursor to go on. " +
		"Every POST takes an Idempotency-Key. What has a version refuses a change of a former one with 409. " +
		"Every refusal is a problem document that says what to do.",
	Scopes: map[string]string{
		"read": "read what the operator may see", "write": "also do what the operator may do", "admin": "also offices, operators and settings, for an administrator",
	},
	Tags: [][2]string{
		{"cases", "The matters of citizens: lists, and what can be done with one."},
		{"messages", "What is said on a case, drafts and files."},
		{"certified mail", "Receipts and proof of certified mail (PEC)."},
		{"citizens", "People, by what they are known, and who is the same person as whom."},
		{"rooms", "Sites, counters, tickets, and what is done with who waits."},
		{"appointments", "Agendas, slots, appointments, the waiting list, and how people voted."},
		{"quarantine", "What could not be filed by itself."},
		{"register", "The protocol register (protocollo): which messages bear which number."},
		{"search", "Finding."},
		{"channels", "Mailboxes, bots and counters, and how they are."},
		{"settings", "Rules, texts, offices, operators, tokens."},
		{"reports", "The figures of the rooms, and what other counters would do."},
		{"events", "What happened, for the audit."},
		{"this API", "The document, and whom the token acts as."},
	},
	FaultDocs: map[int]string{
		http.StatusBadRequest:            "The body cannot be read.",
		http.StatusUnauthorized:          "No token, or one that is not accepted.",
		http.StatusForbidden:             "The operator or the token may not do this.",
		http.StatusNotFound:              "It does not exist, or is not to be seen.",
		http.StatusConflict:              "It changed meanwhile; or a request with the same idempotency key is being done.",
		http.StatusRequestEntityTooLarge: "The body is too large.",
		http.StatusUnsupportedMediaType:  "The body has another type than this address takes.",
		http.StatusUnprocessableEntity:   "A member or parameter is not acceptable; it is named.",
		http.StatusPreconditionRequired:  "The change must say which version it was decided on.",
		http.StatusTooManyRequests:       "Too many requests; see Retry-After.",
		http.StatusInternalServerError:   "A fault of ours.",
		http.StatusServiceUnavailable:    "The database does not answer; see Retry-After.",
	},
}
