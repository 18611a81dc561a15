package inbox

// ShownChannel is the channel under which people are shown a message, and its case when
// it is the last one there: that of the message, but for ordinary mail in a certified
// mailbox, which wears no sign of being certified (mail rule 87).
func (m *Message) ShownChannel() string {
	if m.Certification().Ordinary() {
		return "mail"
	}
	return m.Channel
}
