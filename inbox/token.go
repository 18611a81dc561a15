package inbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
)

// Signer makes and checks the tokens by which an answer finds its case
// (mail rules 75 and 77; inbox.md section 4). None of them alone opens a case:
// the sender must fit too.
type Signer struct {
	key    []byte
	prefix string // of subject tokens
	domain string // of Message-IDs
}

var tokenText = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// mac is 80 bits over what the token is for and its number.
func (s Signer) mac(purpose string, n int64) string {
	h := hmac.New(sha256.New, s.key)
	h.Write([]byte(purpose))
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(n)))
	return tokenText.EncodeToString(h.Sum(nil)[:10])
}

// MessageID is the Message-ID, without <>, of our message n.
func (s Signer) MessageID(n int64) string {
	return fmt.Sprintf("fd.%s.%s@%s", strconv.FormatInt(n, 36), s.mac("message", n), s.domain)
}

// SubmissionID is the Message-ID, without <>, under which our message n is given to
// a provider for delivery d alone, where several recipients get a mail each: no two
// submissions share an id, so that no receipt is another one's (PEC reference
// section 5.1). It is an id of message n too. Each time that a person lets it leave
// again is a sending of its own: 0 is the first.
func (s Signer) SubmissionID(n, d int64, sending int) string {
	local, _, _ := strings.Cut(s.MessageID(n), "@")
	id := fmt.Sprintf("%s.%s.%s", local, strconv.FormatInt(d, 36), s.mac(submission(sending), d))
	if sending > 0 {
		id += "." + strconv.Itoa(sending)
	}
	return id + "@" + s.domain
}

// submission is what the mark of a submission's id is made for.
func submission(sending int) string {
	if sending == 0 {
		return "submission"
	}
	return "submission " + strconv.Itoa(sending)
}

// ParseMessageID gives the number back when the Message-ID is one of ours, or that
// of a submission.
func (s Signer) ParseMessageID(id string) (n int64, ok bool) {
	_, domain, found := strings.Cut(id, "@")
	if !found || !strings.EqualFold(domain, s.domain) {
		return 0, false
	}
	return s.ParseMessageLocal(id)
}

// ParseMessageLocal gives the message of an id whose right-hand side is not ours:
// somebody wrote another domain on it, or the installation's own name has changed.
// What stands before the "@" proves itself; whoever asks must still check that
// the rest fits (PEC reference section 5.4).
func (s Signer) ParseMessageLocal(id string) (n int64, ok bool) {
	n, _, _, ok = s.parseLocal(id)
	return n, ok
}

// ParseSubmission gives the delivery and the sending of an id that SubmissionID made,
// 0 for all others. Like ParseMessageLocal it does not look at what stands after the "@".
func (s Signer) ParseSubmission(id string) (d int64, sending int) {
	_, d, sending, _ = s.parseLocal(id)
	return d, sending
}

// parseLocal reads "fd.N.MAC", "fd.N.MAC.D.MAC" and "fd.N.MAC.D.MAC.SENDING".
func (s Signer) parseLocal(id string) (n, d int64, sending int, ok bool) {
	local, _, _ := strings.Cut(id, "@")
	local = strings.ToLower(local)
	if strings.Count(local, ".") == 5 {
		at := strings.LastIndexByte(local, '.')
		var err error
		if sending, err = strconv.Atoi(local[at+1:]); err != nil || sending <= 0 {
			return 0, 0, 0, false
		}
		local = local[:at]
	}
	if strings.Count(local, ".") == 4 {
		at := strings.LastIndexByte(local, '.')
		at = strings.LastIndexByte(local[:at], '.')
		if d, ok = s.parse(submission(sending), "", local[at+1:]); !ok {
			return 0, 0, 0, false
		}
		local = local[:at]
	}
	if n, ok = s.parse("message", "fd.", local); !ok {
		return 0, 0, 0, false
	}
	return n, d, sending, true
}

// EnvelopeID names delivery d to the mail systems that carry it. Unlike a Message-ID
// no recipient sees it, so that what a report says under it was not made up by one.
func (s Signer) EnvelopeID(d int64) string {
	return fmt.Sprintf("fde.%s.%s", strconv.FormatInt(d, 36), s.mac("envelope", d))
}

// ParseEnvelopeID gives the delivery back.
func (s Signer) ParseEnvelopeID(id string) (d int64, ok bool) {
	return s.parse("envelope", "fde.", strings.ToLower(strings.TrimSpace(id)))
}

// ReplyDetail is the detail of a plus-address of case n: urp+DETAIL@comune.
func (s Signer) ReplyDetail(n int64) string {
	return fmt.Sprintf("c.%s.%s", strconv.FormatInt(n, 36), s.mac("case", n))
}

// ParseReplyDetail gives the case id back.
func (s Signer) ParseReplyDetail(detail string) (n int64, ok bool) {
	return s.parse("case", "c.", strings.ToLower(detail))
}

func (s Signer) parse(purpose, head, t string) (int64, bool) {
	rest, found := strings.CutPrefix(t, head)
	if !found {
		return 0, false
	}
	num, mac, found := strings.Cut(rest, ".")
	if !found {
		return 0, false
	}
	n, err := strconv.ParseInt(num, 36, 64)
	if err != nil || n <= 0 || !hmac.Equal([]byte(mac), []byte(s.mac(purpose, n))) {
		return 0, false
	}
	return n, true
}

// SubjectToken is what a subject shows: PL-2026-000123-K. The last letter
// checks the others, so that a mistyped number finds nothing (mail rule 77).
func (s Signer) SubjectToken(year int, number int64) string {
	body := fmt.Sprintf("%s-%d-%06d", s.prefix, year, number)
	return body + "-" + s.check(body)
}

// ParseSubjectToken reads a token from within the brackets of a subject.
func (s Signer) ParseSubjectToken(t string) (year int, number int64, ok bool) {
	t = strings.ToUpper(strings.TrimSpace(t))
	i := strings.LastIndexByte(t, '-')
	if i < 0 || s.check(t[:i]) != t[i+1:] {
		return 0, 0, false
	}
	rest, found := strings.CutPrefix(t[:i], s.prefix+"-")
	if !found {
		return 0, 0, false
	}
	y, n, found := strings.Cut(rest, "-")
	if !found {
		return 0, 0, false
	}
	year, err1 := strconv.Atoi(y)
	number, err2 := strconv.ParseInt(n, 10, 64)
	return year, number, err1 == nil && err2 == nil && number > 0
}

func (s Signer) check(body string) string {
	const letters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
	h := hmac.New(sha256.New, s.key)
	h.Write([]byte("subject"))
	h.Write([]byte(body))
	return string(letters[int(h.Sum(nil)[0])%len(letters)])
}
