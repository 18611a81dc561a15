package mail

import (
	"context"

	"github.com/emersion/go-imap/v2"
)

// Fullness is how much of a mailbox is used, in bytes. Limit is 0 where the
// server does not tell, or sets none.
type Fullness struct{ Used, Limit int64 }

// Fullness asks the server how full the mailbox is (RFC 9208). A server that
// cannot tell is no error.
func (m *mailbox) Fullness(ctx context.Context) (Fullness, error) {
	c, err := m.dialIMAP(ctx)
	if err != nil {
		return Fullness{}, err
	}
	defer c.logout()
	if !c.Caps().Has(imap.CapQuota) {
		return Fullness{}, nil
	}
	var fullest Fullness
	err = c.do(func() error {
		roots, err := c.GetQuotaRoot("INBOX").Wait()
		for _, root := range roots {
			storage, ok := root.Resources[imap.QuotaResourceStorage]
			const kib = 1 << 10 // the unit of STORAGE
			if ok && storage.Limit > 0 && (fullest.Limit == 0 || float64(storage.Usage)/float64(storage.Limit) > float64(fullest.Used)/float64(fullest.Limit)) {
				fullest = Fullness{Used: storage.Usage * kib, Limit: storage.Limit * kib}
			}
		}
		return err
	})
	if err != nil {
		return Fullness{}, m.imapError("ask how full it is of", err)
	}
	return fullest, nil
}
