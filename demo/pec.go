package demo

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"

	"filodiretto/channels/pec/standin"
	"filodiretto/internal/clock"
)

// The certified mailbox of the Protocollo and its account.
const (
	pecBox     = "protocollo@pec.pontelieto.example"
	pecAccount = "protocollo-pec"
)

// certifiedPost is the provider of the town's certified mailbox: it answers what
// the town sends with receipts, each when its time has come.
type certifiedPost struct {
	provider  *standin.Provider
	maker     *standin.Authority // of certificates
	authority string             // file with the certificates of all authorities that the demo ever had

	mu      sync.Mutex
	waiting []standin.Post
	answers answering // what recipients write back; nil for nobody
	rng     *rand.Rand
}

// answering is what the owner of a mailbox does with an envelope that is put into
// it; false when nothing.
type answering func(to string, envelope []byte, at clock.Instant, rng *rand.Rand) (standin.Post, bool)

// setAnswers lets recipients answer from now on.
func (p *certifiedPost) setAnswers(a answering) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answers, p.rng = a, rand.New(rand.NewPCG(uint64(len(p.waiting)), 0x616e73))
}

// newCertifiedPost makes a provider and adds who vouches for it to a file, so
// that what an earlier run signed stays proven.
func newCertifiedPost(authorities string) (*certifiedPost, error) {
	now := clock.System{}.Now()
	a, err := standin.NewAuthority(now)
	if err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	f, err := os.OpenFile(authorities, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	_, err = f.Write(a.PEM())
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	signer, err := a.Certify("Gestore PEC di Pontelieto (dimostrazione)", "gestore-pec.example", now.Time().AddDate(-1, 0, 0), now.Time().AddDate(2, 0, 0))
	if err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	return &certifiedPost{authority: authorities, maker: a, provider: &standin.Provider{
		Name: "Gestore PEC di Pontelieto (dimostrazione)", Domain: "gestore-pec.example", Signer: signer, Zone: rome, Fate: pecFate,
	}}, nil
}

// pecFate is what becomes of certified mail to an address of the demo.
func pecFate(address string) standin.Fate {
	switch {
	case address == pecGone:
		return standin.Fate{Fails: "altro", Words: "5.1.1 - Gestore PEC - indirizzo non valido", After: 3 * time.Second}
	case address == pecSlow:
		return standin.Fate{Silent: true}
	case !strings.Contains(address, "@pec"):
		return standin.Fate{External: true}
	}
	return standin.Fate{After: 4 * time.Second}
}

// submit takes a certified mail of the town, as the provider does.
func (p *certifiedPost) submit(from, to string, data []byte, now clock.Instant) error {
	posts, err := p.provider.Submit(from, from, []string{to}, data, now)
	var refused *standin.Refusal
	if errors.As(err, &refused) {
		return &smtp.SMTPError{Code: refused.Code, EnhancedCode: smtp.EnhancedCodeNotSet, Message: refused.Words}
	}
	if err != nil {
		return err
	}
	if to == pecMute { // taken, and not a word
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, x := range posts {
		switch {
		case x.Box == pecBox:
			p.waiting = append(p.waiting, x)
		case p.answers != nil:
			if back, ok := p.answers(x.Box, x.Raw, x.At, p.rng); ok {
				p.waiting = append(p.waiting, back)
			}
		}
	}
	return nil
}

// due takes out what is to be in the mailbox by now.
func (p *certifiedPost) due(now clock.Instant) (out []standin.Post) {
	p.mu.Lock()
	defer p.mu.Unlock()
	left := p.waiting[:0]
	for _, x := range p.waiting {
		if x.At > now {
			left = append(left, x)
		} else {
			out = append(out, x)
		}
	}
	p.waiting = left
	return out
}

// deliverReceipts puts the receipts that are due into the certified mailbox.
func (p *postOffice) deliverReceipts() error {
	for _, x := range p.certified.due(p.clock.Now()) {
		if err := p.deliver(x.Box, x.Raw); err != nil {
			return err
		}
	}
	return nil
}
