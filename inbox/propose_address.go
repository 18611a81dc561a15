package inbox

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"
)

// twoWays are the two kinds of identity that one mail address may be.
var twoWays = map[string]string{"email": "pec", "pec": "email"}

// proposeAddresses asks of addresses that write for the first time whether they are
// those of a known person, who wrote from the same address by certified mail or by
// ordinary mail. The two stay two identities: what is written to one must not go to
// the other. A mail that nobody vouches for asks nothing: whoever forged it chose the
// address.
func (f *filing) proposeAddresses(ctx context.Context) error {
	values := map[string][]string{}
	of := map[addressKey]*Identity{}
	for _, id := range f.newWriters {
		other := twoWays[id.Kind]
		if other == "" {
			continue
		}
		values[other] = append(values[other], id.Value)
		of[addressKey{other, "", id.Value}] = id
	}
	var pairs []pair
	for kind, list := range values {
		var rows []struct {
			Value     string
			CitizenID int64
		}
		err := f.tx.NewRaw("SELECT i.value, i.citizen_id FROM identities AS i WHERE i.kind = ? AND i.scope = '' AND i.value IN (?) AND i.removed_at = 0 AND i.kind IN ('email','telegram','pec')", // names the unique index
			kind, bun.List(list)).Scan(ctx, &rows)
		if err != nil {
			return fmt.Errorf("the same address by another way: %w", err)
		}
		for _, r := range rows {
			pairs = append(pairs, newPair(of[addressKey{kind, "", r.Value}].CitizenID, r.CitizenID, "email"))
		}
	}
	return f.in.propose(ctx, f.tx, pairs)
}
