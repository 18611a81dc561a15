package telegram

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"filodiretto/channels"
	"filodiretto/internal/clock"
)

// ParserVersion grows whenever Parse may give another result.
func (c *Channel) ParserVersion() int { return 1 }

// Parse reads one update. It gives exactly one item for every JSON object,
// whatever is in it; only bytes that are no JSON object are an error. It is
// pure: it looks at nothing but raw.
func (c *Channel) Parse(raw channels.Raw) ([]channels.Item, error) {
	item, err := parse(raw)
	if err != nil {
		return nil, fmt.Errorf("parse update: %w", err)
	}
	return []channels.Item{item}, nil
}

func parse(raw channels.Raw) (channels.Item, error) {
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(raw.Body, &keys); err != nil {
		return channels.Item{}, cleanJSONError(err)
	}
	if keys == nil {
		return channels.Item{}, errors.New("the update is null")
	}
	var u update
	odd, err := tolerant(raw.Body, &u)
	if err != nil {
		return channels.Item{}, err
	}
	p := &parser{raw: raw, keys: keys}
	if u.ID != nil {
		p.item.Sequence = *u.ID
	}
	p.item.ReceivedAt = raw.ReceivedAt
	if odd {
		p.note("odd_json")
	}
	switch {
	case u.Message != nil:
		p.message(u.Message, keys["message"])
	case u.Edited != nil:
		p.message(u.Edited, keys["edited_message"])
		p.edit(u.Edited)
	case u.Callback != nil:
		p.button(u.Callback)
	case u.Member != nil:
		p.member(u.Member)
	default:
		p.unknownUpdate()
	}
	return p.item, nil
}

// parser fills one item.
type parser struct {
	raw  channels.Raw
	keys map[string]json.RawMessage
	item channels.Item
}

func (p *parser) note(code string) {
	if !slices.Contains(p.item.Notes, code) {
		p.item.Notes = append(p.item.Notes, code)
	}
}

// tolerant decodes what fits the struct and reports whether something did not:
// a field of another type than documented must not hide the rest of a message.
func tolerant(b []byte, into any) (odd bool, err error) {
	err = json.Unmarshal(b, into)
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return true, nil
	}
	return false, cleanJSONError(err)
}

// cleanJSONError says where JSON is broken without quoting it.
func cleanJSONError(err error) error {
	var syntax *json.SyntaxError
	var wrong *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &syntax):
		return fmt.Errorf("broken JSON at byte %d", syntax.Offset)
	case errors.As(err, &wrong):
		return errors.New("the update is no JSON object")
	}
	return errors.New("the update is no JSON")
}

// sender fills From from a person, or from the chat that speaks as itself.
func (p *parser) sender(u *user, as *chat) {
	switch {
	case as != nil && as.ID != 0:
		// An anonymous administrator or a channel: "from" is then a stand-in
		// of the platform that is the same for everybody.
		p.note("sender_chat")
		name := as.Title
		if name == "" {
			name = as.FirstName + " " + as.LastName
		}
		p.item.From = address(as.ID, name, as.Username)
	case u != nil && u.ID != 0:
		p.item.From = address(u.ID, u.FirstName+" "+u.LastName, u.Username)
		p.item.Lang = language(u.Language)
		if u.IsBot {
			p.note("bot")
		}
	}
}

// address is a Telegram identity. Its Scope stays empty: which bot it is
// known to is not in the bytes, the inbox knows the account.
func address(id int64, name, username string) channels.Address {
	a := channels.Address{Kind: Kind, Value: strconv.FormatInt(id, 10), Display: cleanLine(name)}
	if h := cleanLine(username); h != "" {
		a.Handle = "@" + h
	}
	return a
}

// chat fills the thread. A chat that is not private leaves a note: the answer
// there is read by others too.
func (p *parser) chat(c chat) {
	if c.ID != 0 {
		p.item.ThreadKey = strconv.FormatInt(c.ID, 10)
	}
	switch c.Type {
	case "private", "":
	case "channel":
		p.note("channel")
	default:
		p.note("group")
	}
}

// messageKey is the ExternalID of a message: its number counts within its chat.
func messageKey(chatID, messageID int64) string {
	if chatID == 0 || messageID == 0 {
		return ""
	}
	return strconv.FormatInt(chatID, 10) + ":" + strconv.FormatInt(messageID, 10)
}

// moment turns the platform's seconds into an instant; zero stays zero.
func moment(seconds int64) clock.Instant {
	if seconds <= 0 || seconds > 253402300799 { // the year 9999
		return 0
	}
	return clock.Instant(seconds * 1_000_000)
}

// language keeps what looks like a BCP 47 tag.
func language(s string) string {
	if len(s) < 2 || len(s) > 35 {
		return ""
	}
	for _, r := range s {
		if r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') {
			return ""
		}
	}
	return s
}

// unknownUpdate keeps an update of a kind that we do not know, with as much of
// the sender and the chat as the usual names give.
func (p *parser) unknownUpdate() {
	p.item.Kind = channels.Unsupported
	p.item.ExternalID = "update:" + p.raw.DedupKey
	for _, name := range sortedKeys(p.keys) {
		if name == "update_id" {
			continue
		}
		p.note("update:" + codeWord(name))
		var inside struct {
			ID         int64 `json:"message_id"`
			Date       int64 `json:"date"`
			From       *user `json:"from"`
			User       *user `json:"user"`
			Chat       *chat `json:"chat"`
			SenderChat *chat `json:"sender_chat"`
		}
		if _, err := tolerant(p.keys[name], &inside); err != nil {
			continue
		}
		if inside.From == nil {
			inside.From = inside.User
		}
		p.sender(inside.From, inside.SenderChat)
		if inside.Chat != nil {
			p.chat(*inside.Chat)
		}
		p.item.SentAt = moment(inside.Date)
	}
}

// sortedKeys gives the names in a fixed order: Parse gives the same result
// every time.
func sortedKeys(m map[string]json.RawMessage) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// codeWord bounds a name from outside for use in a note.
func codeWord(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == '_' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '?'
	}, strings.ToLower(s))
	if len(s) > 40 {
		s = s[:40]
	}
	return s
}
