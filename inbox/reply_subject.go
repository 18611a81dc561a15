package inbox

// ReplySubject is what stands over an answer by mail where nobody writes another
// subject: "Re: " and that of the answered message, else the case's.
func ReplySubject(c *Case, answered *Message) string { return replySubject(c, answered) }
