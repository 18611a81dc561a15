package config

import (
	"regexp"
	"slices"
	"strings"
)

// The modes of the protocol register.
const (
	RegisterOff      = "off"
	RegisterBuiltin  = "builtin"
	RegisterExternal = "external"
)

// Register says how messages come to a number of the protocol register
// (DPR 445/2000 art. 53; Italian reference 1).
type Register struct {
	Mode           string   `toml:"mode" default:"external" one:"off builtin external" it:"Da dove viene il numero: external, dal programma di protocollo del Comune e scritto qui da un operatore; builtin, dal registro di questo programma; off, non se ne parla." en:"Where the number comes from: external, from the municipality's own protocol program and typed in by an operator; builtin, from this program's register; off, nothing is said of it."`
	Administration string   `toml:"administration" eg:"c_g870" it:"Codice IPA dell'amministrazione. Obbligatorio con builtin." en:"The administration's code in the national index (IPA). Required with builtin."`
	Area           string   `toml:"area" eg:"AB12CD3" it:"Codice dell'area organizzativa omogenea (AOO) nell'IPA. Obbligatorio con builtin." en:"Code of the homogeneous organisational area (AOO) in that index. Required with builtin."`
	Code           string   `toml:"code" default:"PG" it:"Codice del registro. Non si cambia più: è una parte del numero." en:"Code of the register. Never to be changed: it is a part of the number."`
	Channels       []string `toml:"channels" default:"pec" it:"Canali i cui messaggi, in arrivo e in partenza, vanno protocollati. La PEC deve esserci (CAD art. 40-bis)." en:"Channels whose messages, coming and going, must be registered. PEC must be one of them (CAD art. 40-bis)."`
	Offices        []string `toml:"offices" eg:"protocollo" it:"Uffici tutti i cui messaggi vanno protocollati, per codice." en:"Offices all of whose messages must be registered, by code."`
	Kinds          []string `toml:"kinds" one:"information request report complaint suggestion thanks records_access" eg:"records_access" it:"Tipi di pratica tutti i cui messaggi vanno protocollati." en:"Kinds of case all of whose messages must be registered."`
	Titolario      string   `toml:"titolario" eg:"titolario.csv" it:"File CSV del titolario del Comune: codice;descrizione;valido_dal;valido_al. Senza, il titolario nazionale dei Comuni (2005)." en:"CSV file of the municipality's own classification: code;description;valid_from;valid_to. Without it, the national one for municipalities (2005)."`
}

var goodRegister = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,16}$`)

func (l *loader) checkRegister(c *Config, bad report) {
	r := &c.Register
	if !goodRegister.MatchString(r.Code) {
		bad("register.code", "cannot be the code of a register", `Write up to 16 letters without accents, digits, points, hyphens and underscores: "PG"`)
	}
	if r.Mode == RegisterBuiltin {
		for _, x := range []struct{ key, value, eg string }{{"administration", r.Administration, "c_g870"}, {"area", r.Area, "AB12CD3"}} {
			if strings.TrimSpace(x.value) == "" {
				bad("register."+x.key, "is missing", `The register's own numbers bear it: `+x.key+` = "`+x.eg+`", as on indicepa.gov.it`)
			}
		}
	}
	if r.Mode != RegisterOff && !slices.Contains(r.Channels, "pec") {
		bad("register.channels", "leaves certified mail out", `The law wants it registered (CAD art. 40-bis): add "pec", or set mode = "off"`)
	}
	for _, o := range r.Offices {
		if !goodOffice.MatchString(o) {
			bad("register.offices", "holds something that is not the code of an office", `Write the codes of offices as on the pages of administration: ["protocollo"]`)
			break
		}
	}
	r.Titolario = l.anchor(c, "register.titolario", r.Titolario)
}
