package config

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"filodiretto/channels"
)

// manual is what the example says besides the fields' own words.
type manual struct {
	intro, channels, offices                  string
	required, secret, words, numbers, without string
}

var manuals = map[string]manual{
	"it": {
		intro: "Configurazione di Filo Diretto. Le righe che cominciano con # senza spazio mostrano il valore che vale se non si scrive nulla, o un esempio: togliere il # per cambiarlo.\n" +
			"Ogni chiave ha una variabile d'ambiente, che vince sul file: FILODIRETTO_SERVER_LISTEN per listen sotto [server]; FILODIRETTO_CHANNEL_URP_MAIL_HOST per host del canale con id \"urp-mail\".\n" +
			"Ogni segreto si può tenere in un file a parte: invece di password = \"...\" si scrive password_file = \"/percorso\", oppure la variabile con _FILE in fondo.\n" +
			"Una chiave sconosciuta è un errore: tutti gli errori sono detti insieme, con la riga e il rimedio.",
		channels: "I canali: una [[channel]] per ogni casella, bot o sportello. Si possono aggiungere anche dalle pagine; quelli scritti qui, là si vedono soltanto.",
		offices:  "Gli uffici che hanno telefono, sede o orari propri: una [[office]] per ciascuno. Gli altri hanno quelli sotto [contact].",
		required: "Obbligatoria.", secret: "Segreto: anche %s.", words: "Uno di: %s.", numbers: "Da %s a %s.", without: "Se manca: %s.",
	},
	"en": {
		intro: "Configuration of Filo Diretto. Lines that begin with # and no space show the value that holds when nothing is written, or an example: take the # away to change it.\n" +
			"Every key has an environment variable, which wins over the file: FILODIRETTO_SERVER_LISTEN for listen under [server]; FILODIRETTO_CHANNEL_URP_MAIL_HOST for host of the channel with the id \"urp-mail\".\n" +
			"Every secret may be kept in a file of its own: instead of password = \"...\" write password_file = \"/path\", or the variable with _FILE at its end.\n" +
			"An unknown key is an error: all errors are told at once, each with its line and the remedy.",
		channels: "The channels: one [[channel]] for each mailbox, bot or counter. They may be added on the pages too; those written here are only shown there.",
		offices:  "The offices with a telephone, a place or hours of their own: one [[office]] for each. The others have those under [contact].",
		required: "Required.", secret: "Secret: also %s.", words: "One of: %s.", numbers: "From %s to %s.", without: "When absent: %s.",
	},
}

// WriteExample writes the manual of the configuration in Italian, as a file
// that can be copied and filled in.
func WriteExample(w io.Writer, drivers []channels.Driver) error {
	return WriteExampleIn(w, drivers, "it")
}

// WriteExampleIn is WriteExample in a language: "it" or "en".
func WriteExampleIn(w io.Writer, drivers []channels.Driver, lang string) error {
	m, ok := manuals[lang]
	if !ok {
		return fmt.Errorf("no manual in language %q", lang)
	}
	var b bytes.Buffer
	comment(&b, m.intro)
	for _, s := range sections {
		b.WriteString("\n")
		comment(&b, s.help[lang])
		fmt.Fprintf(&b, "[%s]\n", s.name)
		for _, f := range s.fields {
			writeField(&b, m, f, lang, f.Required)
		}
	}
	b.WriteString("\n")
	comment(&b, m.offices)
	b.WriteString("\n#[[office]]\n")
	for _, f := range officeFields {
		writeField(&b, m, f, lang, false)
	}
	b.WriteString("\n")
	comment(&b, m.channels)
	for _, d := range drivers {
		writeDriver(&b, m, d, lang)
	}
	_, err := w.Write(b.Bytes())
	return err
}

// writeDriver writes a channel of one kind, all of it commented out.
func writeDriver(b *bytes.Buffer, m manual, d channels.Driver, lang string) {
	b.WriteString("\n#[[channel]]\n")
	for _, f := range shared {
		switch f.Name {
		case "id":
			f.example = "urp-" + d.Kind
		case "kind":
			f.example = d.Kind
		case "office":
			f.example = "urp"
		case "name":
			f.example = "URP"
		}
		if own, both := ownWords(d, f.Name, lang); both {
			f.Help = map[string]string{lang: f.Help[lang] + " " + own}
		}
		writeField(b, m, f, lang, false)
	}
	for _, f := range d.Fields {
		if !slices.ContainsFunc(shared, func(s field) bool { return s.Name == f.Name }) {
			writeField(b, m, field{Field: f}, lang, false)
		}
	}
}

// ownWords are what a driver says of a key that all channels have: one key of
// the file is both (the name of a mailbox), and is written once.
func ownWords(d channels.Driver, key, lang string) (string, bool) {
	i := slices.IndexFunc(d.Fields, func(f channels.Field) bool { return f.Name == key })
	if i < 0 {
		return "", false
	}
	return d.Fields[i].Help[lang], true
}

// writeField writes the words about a key, and the key with its default or an
// example, commented out unless it must be filled in.
func writeField(b *bytes.Buffer, m manual, f field, lang string, open bool) {
	text := f.Help[lang]
	if text == "" {
		text = f.Label[lang]
	}
	if text != "" && !strings.ContainsAny(text[len(text)-1:], ".:;?!)") {
		text += "."
	}
	for _, more := range f.remarks(m) {
		text = strings.TrimSpace(text + " " + more)
	}
	b.WriteString("\n")
	comment(b, text)
	hash := "#"
	if open {
		hash = ""
	}
	fmt.Fprintf(b, "%s%s = %s\n", hash, f.Name, f.written())
}

// remarks are the words that follow from the field's type and limits.
func (f field) remarks(m manual) []string {
	var list []string
	if f.Required {
		list = append(list, m.required)
	}
	if len(f.one) > 0 {
		list = append(list, fmt.Sprintf(m.words, strings.Join(f.one, ", ")))
	}
	if f.min != "" && f.max != "" {
		list = append(list, fmt.Sprintf(m.numbers, f.min, f.max))
	}
	if f.Default != "" && f.example != "" {
		list = append(list, fmt.Sprintf(m.without, f.Default))
	}
	if f.Secret {
		list = append(list, fmt.Sprintf(m.secret, f.Name+"_file"))
	}
	return list
}

// written is the field's example or default in TOML.
func (f field) written() string {
	text := f.example
	if text == "" {
		text = f.Default
	}
	switch f.Type {
	case channels.Number, channels.Bool:
		return show(field{Field: channels.Field{Name: f.Name, Type: f.Type, Default: text}}.byDefault())
	case channels.List:
		var quoted []string
		for part := range strings.SplitSeq(text, ",") {
			if part = strings.TrimSpace(part); part != "" {
				quoted = append(quoted, strconv.Quote(part))
			}
		}
		return "[" + strings.Join(quoted, ", ") + "]"
	case channels.Duration:
		if text == "" {
			text = "0s"
		}
	}
	return strconv.Quote(text)
}

// comment writes text as comment lines of about 78 letters.
func comment(b *bytes.Buffer, text string) {
	for paragraph := range strings.SplitSeq(text, "\n") {
		line := "#"
		for word := range strings.FieldsSeq(paragraph) {
			if len([]rune(line))+1+len([]rune(word)) > 78 && line != "#" {
				b.WriteString(line + "\n")
				line = "#"
			}
			line += " " + word
		}
		if line != "#" {
			b.WriteString(line + "\n")
		}
	}
}
