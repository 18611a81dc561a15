package page

import "filodiretto/internal/clock"

// Texts is the list of the texts of notices, and of the ready texts.
type Texts struct {
	Shell
	Topics []NoticeTopic
	Ready  []ReadyLine
}

// NoticeTopic are the notices about one thing.
type NoticeTopic struct {
	Key     string // under "text.topic_"
	Notices []NoticeLine
}

// NoticeLine is something of which citizens or staff are told, with its texts.
type NoticeLine struct {
	Event string // its name in addresses
	Name  string // what it is for, in words
	Texts []NoticeText
	// New are the texts that may be added: one channel in one language.
	New []NoticeText
}

// NoticeText is one text of a notice. Its address is
// /admin/texts/<event>/<channel or "all">/<lang>.
type NoticeText struct {
	Slot    string  // channel in the address; "all" for every channel
	Channel Channel // empty for all
	Lang    Lang
	Own     bool // written here; otherwise the built-in one
	Broken  bool // it cannot be used, and the built-in one stands in
	Changed clock.Instant
	By      string
}

// ReadyLine is a ready text in the list.
type ReadyLine struct {
	ID      int64
	Short   string // "integrazione-ok"
	Name    string
	Lang    Lang
	Office  string // empty for all
	Changed clock.Instant
	By      string
}

// TextForm changes a text of a notice. Inputs: subject, body, seen.
type TextForm struct {
	Shell
	Event       string
	Name        string // what it is for, in words
	Slot        string
	Channel     Channel // empty for all
	Lang        Lang
	Own         bool
	SubjectOnly bool // the text is a subject and nothing else
	HasSubject  bool // the channel has subjects
	Subject     string
	Body        string
	Seen        string // when the text was last changed, as the form sends it back
	// Builtin is what comes back when the own text is taken away; nil when
	// another text would be used then.
	Builtin *BuiltinText
	// Variables may be written in braces.
	Variables []TextVariable
	Preview   TextPreview
	Faults    []FieldFault
}

// BuiltinText is a text as the program brings it.
type BuiltinText struct{ Subject, Body string }

// ReadyForm makes or changes a ready text. Inputs: name, short, office, lang,
// body, seen.
type ReadyForm struct {
	Shell
	ID        int64
	Name      string
	Short     string
	Offices   []Choice
	Langs     []Choice
	Body      string
	Seen      string
	Variables []TextVariable
	Preview   TextPreview
	Faults    []FieldFault
}

// TextVariable is a variable that a text may use.
type TextVariable struct {
	Name    string // "{case_number}" as it is typed
	Meaning string // in words
}

// TextPreview is how a text will look on each channel, the element #preview.
type TextPreview struct {
	Previews []ChannelPreview
	// Faults are what is wrong with the text, in words with their line; nothing
	// is shown then.
	Faults []string
	Meter  *Meter
}

// ChannelPreview is a text on one channel.
type ChannelPreview struct {
	Channel Channel
	Subject string
	Text    string
	Chars   int
	Limit   int // 0 for none
	Parts   int // SMS parts, or Telegram messages; 0 where it means nothing
	Unicode bool
	Adapted bool // signs were replaced to save parts
}
