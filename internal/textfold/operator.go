package textfold

import (
	"slices"
	"strings"
)

// Op is what a filter looks at.
type Op string

// The filters of the search box.
const (
	OpFrom      Op = "from"
	OpTo        Op = "to"
	OpOffice    Op = "office"
	OpAssigned  Op = "assigned"
	OpKind      Op = "kind"
	OpProcedure Op = "procedure"
	OpChannel   Op = "channel"
	OpStatus    Op = "status"
	OpDue       Op = "due"
	OpNumber    Op = "number"
	OpCF        Op = "cf"
	OpHas       Op = "has"
	OpBefore    Op = "before"
	OpAfter     Op = "after"
)

// Operator is one operator of the search box. Operators is the one place that
// knows them: the parser, its problems, the help of the pages and the document
// of the API are all made of it.
type Operator struct {
	Op     Op
	It, En Taught
	// Choices are values that are the same in every town; Options add those that
	// only the program knows.
	Choices []Choice
	// partial lets a part of a name stand for it: "ufficio:trib".
	partial bool
}

// Taught is an operator in one language.
type Taught struct {
	Names    []string // what people type; the first is the one that is taught
	Meaning  string
	Examples []string // whole terms, the plainest first
}

// Choice is one value that an operator takes.
type Choice struct {
	Value string // as the program writes it
	// It and En are how people write it, in any case and with or without
	// accents; the first of each is the one that is taught. En may be empty where
	// a name has no language.
	It, En []string
}

// Spellings are all ways to write the choice, those of the language first.
func (c Choice) Spellings(lang string) []string {
	if lang == "en" {
		return slices.Concat(c.En, c.It)
	}
	return slices.Concat(c.It, c.En)
}

// In gives the operator in a language ("en", else Italian).
func (o Operator) In(lang string) Taught {
	if lang == "en" {
		return o.En
	}
	return o.It
}

// Operators are all operators, in the order in which they are taught.
var Operators = []Operator{
	{
		Op: OpFrom,
		It: Taught{[]string{"da", "mittente"}, "di chi è la pratica: nome, indirizzo, telefono", []string{"da:ferrante", `da:"Lucia Ferrante"`}},
		En: Taught{[]string{"from", "sender"}, "whose case it is: name, address, telephone", []string{"from:ferrante", `from:"Lucia Ferrante"`}},
	},
	{
		Op: OpTo,
		It: Taught{[]string{"a", "destinatario"}, "a chi si è scritto: la persona, o la nostra casella", []string{"a:ferrante", "a:urp@comune.example"}},
		En: Taught{[]string{"to", "recipient"}, "who was written to: the person, or our mailbox", []string{"to:ferrante", "to:urp@comune.example"}},
	},
	{
		Op: OpOffice, partial: true,
		It: Taught{[]string{"ufficio"}, "l’ufficio che ha la pratica", []string{"ufficio:tributi"}},
		En: Taught{[]string{"office"}, "the office that has the case", []string{"office:tributi"}},
	},
	{
		Op: OpAssigned, partial: true,
		It: Taught{[]string{"assegnato", "assegnata", "incaricato"}, "chi se ne occupa", []string{"assegnato:me", "assegnato:nessuno", "assegnato:giulia"}},
		En: Taught{[]string{"assigned", "assignee"}, "who works on it", []string{"assigned:me", "assigned:nobody", "assigned:giulia"}},
		Choices: []Choice{
			{"me", []string{"me", "io", "a me"}, []string{"me", "myself"}},
			{"none", []string{"nessuno", "non assegnato", "non assegnata"}, []string{"nobody", "none", "no one", "unassigned"}},
		},
	},
	{
		Op: OpKind,
		It: Taught{[]string{"tipo"}, "il tipo di richiesta", []string{"tipo:reclamo"}},
		En: Taught{[]string{"kind", "type"}, "what is wanted", []string{"kind:complaint"}},
	},
	{
		Op: OpProcedure, partial: true,
		It: Taught{[]string{"procedimento", "procedura"}, "il procedimento", []string{"procedimento:occupazione"}},
		En: Taught{[]string{"procedure"}, "the procedure", []string{"procedure:occupazione"}},
	},
	{
		Op: OpChannel,
		It: Taught{[]string{"canale"}, "il canale dell’ultimo messaggio", []string{"canale:telegram", "canale:posta", "canale:sportello"}},
		En: Taught{[]string{"channel"}, "the channel of the last message", []string{"channel:telegram", "channel:email", "channel:counter"}},
	},
	{
		Op: OpStatus,
		It: Taught{[]string{"stato"}, "a che punto è", []string{"stato:aperta", `stato:"in attesa"`, "-stato:chiusa"}},
		En: Taught{[]string{"status", "state"}, "where it stands", []string{"status:open", "status:waiting", "-status:closed"}},
	},
	{
		Op: OpDue,
		It: Taught{[]string{"scadenza", "scade", "entro"}, "quando scade", []string{"scadenza:oggi", "scadenza:settimana", "scadenza:scaduta", "scadenza:<12/12/2026"}},
		En: Taught{[]string{"due"}, "when it is due", []string{"due:today", "due:week", "due:overdue", "due:<2026-12-12"}},
		Choices: []Choice{
			{"today", []string{"oggi"}, []string{"today"}},
			{"tomorrow", []string{"domani"}, []string{"tomorrow"}},
			{"week", []string{"settimana", "questa settimana"}, []string{"week", "this week"}},
			{"overdue", []string{"scaduta", "scaduto", "scadute", "scaduti"}, []string{"overdue", "late", "expired"}},
			{"none", []string{"nessuna", "mai", "senza"}, []string{"none", "never"}},
		},
	},
	{
		Op: OpNumber,
		It: Taught{[]string{"numero", "pratica", "caso"}, "il numero della pratica", []string{"numero:2026/000123", "numero:123"}},
		En: Taught{[]string{"number", "case"}, "the number of the case", []string{"number:2026/000123", "number:123"}},
	},
	{
		Op: OpCF,
		It: Taught{[]string{"cf", "codicefiscale"}, "il codice fiscale", []string{"cf:RSSMRA85T10A562S"}},
		En: Taught{[]string{"cf"}, "the codice fiscale", []string{"cf:RSSMRA85T10A562S"}},
	},
	{
		Op: OpHas,
		It: Taught{[]string{"con", "ha"}, "con qualcosa allegato", []string{"con:allegato"}},
		En: Taught{[]string{"has", "with"}, "with something attached", []string{"has:attachment"}},
		Choices: []Choice{
			{"attachment", []string{"allegato", "allegati", "file"}, []string{"attachment", "attachments", "files"}},
		},
	},
	{
		Op: OpBefore,
		It: Taught{[]string{"prima"}, "ultimo messaggio prima di quel giorno", []string{"prima:12/11/2026", "prima:ieri"}},
		En: Taught{[]string{"before"}, "last message before that day", []string{"before:2026-11-12", "before:yesterday"}},
	},
	{
		Op: OpAfter,
		It: Taught{[]string{"dopo", "dal"}, "ultimo messaggio da quel giorno in poi", []string{"dopo:12/11/2026", "dopo:11/2026"}},
		En: Taught{[]string{"after", "since"}, "last message on that day or later", []string{"after:2026-11-12", "after:2026-11"}},
	},
}

// names are the operators by every name that people type.
var names = func() map[string]Operator {
	m := map[string]Operator{}
	for _, o := range Operators {
		for _, n := range slices.Concat(o.It.Names, o.En.Names) {
			m[n] = o
		}
	}
	return m
}()

func operator(name string) (Operator, bool) {
	o, ok := names[Fold(name)]
	return o, ok
}

// oneLetter reports whether a letter before a colon is an operator: "a:urp".
func oneLetter(name string) bool {
	_, ok := names[strings.ToLower(name)]
	return ok
}

// nearestOperator is the name that a mistyped one was probably meant for, or "".
// Names of the reader's own language need not win: one mistypes in either.
func nearestOperator(name string) string {
	all := make([]string, 0, len(names))
	for _, o := range Operators {
		all = append(append(all, o.It.Names...), o.En.Names...)
	}
	return Nearest(Fold(name), all)
}
