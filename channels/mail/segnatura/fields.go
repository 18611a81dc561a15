package segnatura

import (
	"encoding/xml"
	"strings"
)

// party is a sender or recipient that is being read.
type party struct {
	name, unit, given, family, address string
}

func (p party) String() string {
	name := p.name
	if name == "" {
		name = strings.TrimSpace(p.given + " " + p.family)
	}
	switch {
	case name == "" && p.unit == "":
		return p.address
	case name == "":
		return p.unit
	case p.unit != "" && p.unit != name:
		return name + " - " + p.unit
	}
	return name
}

// class is a classification that is being read.
type class struct{ code, name string }

// begin looks at an element's attributes.
func (r *reader) begin(name string, t xml.StartElement) {
	switch name {
	case "mittente", "destinatario", "destinazione":
		inside := name == "destinatario" && r.parent() == "destinazione" // the old form has one in the other
		r.party = party{address: r.party.address}
		if !inside {
			r.party.address = ""
		}
		r.confirms(name, t)
	case "documento", "documentoprimario", "allegato":
		r.doc = Document{Name: attribute(t, "nomeFile")}
		if r.doc.Name == "" {
			r.doc.Name = attribute(t, "nome")
		}
	case "impronta":
		r.hash = hashText{algorithm: attribute(t, "algoritmo"), coding: attribute(t, "codifica")}
	case "classifica":
		r.class, r.levels = class{}, nil
	}
}

// confirms notes that the sender wants a confirmation. Allegato 6 wants one when
// nothing is said.
func (r *reader) confirms(name string, t xml.StartElement) {
	said := strings.ToLower(attribute(t, "confermaRicezione"))
	switch {
	case said == "si" || said == "sì" || said == "true" || said == "1":
		r.rec.Confirm = true
	case said == "" && name == "destinatario" && r.rec.Form == Allegato6:
		r.rec.Confirm = true
	}
}

// end takes the text of an element where it stands.
func (r *reader) end(name, text string) {
	switch {
	case r.in("intestazione", "classifica"):
		r.endClass(name, text)
	case r.in("mittente"), r.in("destinatario"), r.in("destinazione"):
		r.endParty(name, text)
	case r.in("documento"), r.in("documentoprimario"), r.in("allegato"):
		r.endDocument(name, text)
	case r.parent() == "identificatore" && r.atOwn():
		r.endIdentifier(name, text)
	case r.parent() == "intestazione":
		r.endHeading(name, text)
	}
}

// atOwn reports whether the identifier is the document's own: of the first
// registration, of an answer and of references there are others.
func (r *reader) atOwn() bool { return len(r.path) == 4 && r.path[1] == "intestazione" }

func (r *reader) endIdentifier(name, text string) {
	switch name {
	case "codiceamministrazione":
		r.rec.Administration = text
	case "codiceaoo":
		r.rec.Area = text
	case "codiceregistro":
		r.rec.Register = text
	case "numeroregistrazione":
		r.rec.Number = text
	case "dataregistrazione":
		r.rec.Date = date(text)
	}
}

func (r *reader) endHeading(name, text string) {
	switch name {
	case "oggetto":
		r.rec.Subject = text
	case "riservato":
		t := strings.ToLower(text)
		r.rec.Reserved = t != "no" && t != "n" && t != "false" && t != "0" // an empty one says so by being there
	}
}

func (r *reader) endClass(name, text string) {
	switch name {
	case "denominazione":
		r.class.name = text
	case "codiceflat", "codicetitolario", "codice":
		r.class.code = text
	case "livello", "sublivello":
		if text != "" {
			r.levels = append(r.levels, text)
		}
	case "classifica":
		if r.class.code == "" {
			r.class.code = strings.Join(r.levels, ".")
		}
		if r.class.code == "" {
			r.class.code = r.class.name
		}
		if r.rec.Class == "" {
			r.rec.Class = r.class.code
		}
	}
}

// endParty reads names wherever they stand in a party: the two forms, and those who
// write them, differ in everything around.
func (r *reader) endParty(name, text string) {
	switch name {
	case "denominazione", "denominazioneamministrazione", "ragionesociale":
		r.named(text)
	case "nome":
		if r.parent() != "classifica" {
			r.party.given = text
		}
	case "cognome":
		r.party.family = text
	case "indirizzotelematico":
		r.party.address = text
	case "mittente":
		r.rec.Sender = r.party.String()
	case "destinatario", "destinazione":
		r.recipient()
	}
}

// named takes the name of a body, or that of its office where it stands in one.
func (r *reader) named(text string) {
	switch {
	case text == "":
	case r.in("unitaorganizzativa"), r.in("aoo"), r.in("areaorganizzativaomogenea"):
		if r.party.unit == "" {
			r.party.unit = text
		}
	case r.party.name == "":
		r.party.name = text
	}
}

func (r *reader) recipient() {
	if s := r.party.String(); s != "" && len(r.rec.Recipients) < maxRecipients {
		if n := len(r.rec.Recipients); n == 0 || r.rec.Recipients[n-1] != s {
			r.rec.Recipients = append(r.rec.Recipients, s)
		}
	}
}

func (r *reader) endDocument(name, text string) {
	switch name {
	case "nomefile", "nomedocumento":
		if r.doc.Name == "" {
			r.doc.Name = text
		}
	case "titolodocumento", "titolo":
		r.doc.Title = text
	case "impronta":
		r.doc.SHA256 = r.hash.sha256(text)
	case "documentoprimario":
		r.document(true)
	case "allegato":
		r.document(false)
	case "documento":
		r.document(!r.in("allegati"))
	}
}

func (r *reader) document(principal bool) {
	if r.doc.Name == "" && r.doc.Title == "" || len(r.rec.Documents) >= maxDocuments {
		return
	}
	if principal && r.main == 0 { // it is read first, wherever it stands
		r.main++
		r.rec.Documents = append([]Document{r.doc}, r.rec.Documents...)
		return
	}
	r.rec.Documents = append(r.rec.Documents, r.doc)
}

// finish takes away the zeros that stand for "not registered yet".
func (r *reader) finish() {
	if !r.rec.Registered() {
		r.rec.Number = ""
	}
	if r.rec.Date == "0" {
		r.rec.Date = ""
	}
}
