package web

import (
	"context"
	"strings"

	"filodiretto/inbox"
	"filodiretto/register"
)

// registeredSubject is the subject of an answer to a message that bears a protocol
// number: it names the number, as letters of public bodies do. Empty, which leaves the
// subject to the inbox, for all other answers.
func (s *Server) registeredSubject(ctx context.Context, c *caller, cmd inbox.ReplyCommand) (string, error) {
	if cmd.Subject != "" || cmd.SeenInID == 0 || !s.Register.On() {
		return cmd.Subject, nil
	}
	if _, acc, ok := s.Accounts.Channel(cmd.AccountID); !ok || acc.Kind != "mail" && acc.Kind != "pec" {
		return "", nil // chats have no subject
	}
	stands, err := s.Register.Standings(ctx, []int64{cmd.SeenInID})
	if err != nil {
		return "", err
	}
	x := stands[cmd.SeenInID]
	if x == nil || x.State != register.Registered || x.Entry == nil {
		return "", nil
	}
	m, err := s.Inbox.Message(ctx, c.Viewer, cmd.SeenInID)
	if err != nil {
		return "", err
	}
	k, err := s.Inbox.CaseByID(ctx, c.Viewer, cmd.CaseID)
	if err != nil {
		return "", err
	}
	subject, number := inbox.ReplySubject(k, m), "Prot. "+x.Entry.Ref()
	if strings.Contains(subject, number) {
		return "", nil
	}
	return firstWords(subject, 200) + " - " + number, nil
}
