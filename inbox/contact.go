package inbox

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"
)

// privacyLink is where the whole notice on personal data stands: on the
// municipality's own site when the configuration says so, else on our page.
// Without a public address there is none, and texts leave its line out.
func (s Settings) privacyLink() string {
	switch {
	case s.PrivacyLink != "":
		return s.PrivacyLink
	case s.PublicURL != "":
		return s.PublicURL + "/p/privacy"
	}
	return ""
}

// officePhone is the telephone of the office with the key: its own, else the
// municipality's.
func (s Settings) officePhone(key string) string {
	if own := s.OfficePhones[key]; own != "" {
		return own
	}
	return s.Phone
}

// officePhone is the telephone of an office by its id.
func (in *Inbox) officePhone(ctx context.Context, idb bun.IDB, id int64) (string, error) {
	if len(in.set.OfficePhones) == 0 {
		return in.set.Phone, nil
	}
	var key string
	if err := idb.NewSelect().Table("offices").Column("key").Where("id = ?", id).Scan(ctx, &key); err != nil {
		return "", fmt.Errorf("telephone of an office: %w", notFound(err))
	}
	return in.set.officePhone(key), nil
}
