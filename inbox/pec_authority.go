package inbox

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"filodiretto/channels"
	"filodiretto/internal/clock"
	"filodiretto/internal/cms"
	"filodiretto/internal/db"
)

// authority is the certificate of one against which a provider's signature was found to
// hold. The files that name authorities change, and a proof is asked for years later.
type authority struct {
	bun.BaseModel `bun:"table:authorities,alias:au"`

	Fingerprint string `bun:",pk"` // SHA-256 of the certificate, hex: those of cms.Signature.Chain
	DER         []byte `bun:"der"`
	KeptAt      clock.Instant
}

// keepAuthorities keeps those that vouched for signatures just verified.
func keepAuthorities(ctx context.Context, tx *db.Tx, signatures ...cms.Signature) error {
	found := map[string]*authority{}
	for i := range signatures {
		for _, c := range signatures[i].Authorities() {
			sum := sha256.Sum256(c.Raw)
			name := hex.EncodeToString(sum[:])
			found[name] = &authority{Fingerprint: name, DER: c.Raw, KeptAt: tx.Now}
		}
	}
	rows := slices.SortedFunc(maps.Values(found), func(a, b *authority) int { return cmp.Compare(a.Fingerprint, b.Fingerprint) })
	return insertNew(ctx, tx, rows)
}

// keepAuthorities keeps those of a batch.
func (f *filing) keepAuthorities(ctx context.Context) error {
	var list []cms.Signature
	for _, r := range f.list {
		for i := range r.items {
			if c := r.items[i].Certified; c != nil {
				list = append(list, c.Signature)
			}
		}
	}
	return keepAuthorities(ctx, f.tx, list...)
}

// keepRereadAuthorities keeps those of a new reading that changes nothing else: a former
// version kept none.
func (in *Inbox) keepRereadAuthorities(ctx context.Context, c *channels.Certified) error {
	if c == nil || len(c.Signature.Authorities()) == 0 {
		return nil
	}
	return in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return keepAuthorities(ctx, tx, c.Signature) })
}

// EvidenceAuthority is an authority that vouched for a signature of a package.
type EvidenceAuthority struct {
	Fingerprint string            // SHA-256 of its certificate, hex
	Certificate *x509.Certificate // nil where a former version did not keep it
	File        string            // of the package, with this certificate alone: "autorita/01.pem"; "" where it was not kept
}

// Root reports whether it vouches for itself: who publishes roots publishes its
// fingerprint.
func (a *EvidenceAuthority) Root() bool {
	return a.Certificate != nil && bytes.Equal(a.Certificate.RawIssuer, a.Certificate.RawSubject)
}

// authoritiesName is the file of a package with the certificates of its authorities.
const authoritiesName = "autorita.pem"

// addAuthorities puts the certificates into a package by which whoever gets it can
// verify its signatures: those that prove something, and no others.
func (in *Inbox) addAuthorities(ctx context.Context, x *Evidence) error {
	var names []string
	learn := func(c *channels.Certified) {
		if c.Proven() && len(c.Signature.Chain) > 1 {
			names = append(names, c.Signature.Chain[1:]...)
		}
	}
	learn(x.Message.CertifiedBy())
	for _, r := range x.Receipts {
		learn(r.CertifiedBy())
	}
	slices.Sort(names)
	if names = slices.Compact(names); len(names) == 0 {
		return nil
	}
	var rows []authority
	if err := in.db.Read.NewSelect().Model(&rows).Where("au.fingerprint IN (?)", bun.List(names)).OrderExpr("au.fingerprint").Scan(ctx); err != nil {
		return fmt.Errorf("authorities of a proof: %w", err)
	}
	kept := map[string]*x509.Certificate{}
	at := clock.Instant(0)
	for _, r := range rows {
		c, err := x509.ParseCertificate(r.DER)
		if err != nil {
			return fmt.Errorf("authority of a proof: %w", err)
		}
		kept[r.Fingerprint], at = c, max(at, r.KeptAt)
	}
	for _, name := range names {
		x.Authorities = append(x.Authorities, EvidenceAuthority{Fingerprint: name, Certificate: kept[name]})
	}
	x.authorityFiles(at)
	return nil
}

// authorityFiles are one with all certificates, by which signatures are verified, and one
// for each, by which its fingerprint is seen: openssl believes every certificate of the
// first, and shows the fingerprint of no more than one. Roots come first.
func (x *Evidence) authorityFiles(at clock.Instant) {
	rank := map[bool]int{true: 0, false: 1}
	slices.SortStableFunc(x.Authorities, func(a, b EvidenceAuthority) int { return cmp.Compare(rank[a.Root()], rank[b.Root()]) })
	var all []byte
	var each []EvidenceFile
	for i := range x.Authorities {
		a := &x.Authorities[i]
		if a.Certificate == nil {
			continue
		}
		one := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.Certificate.Raw})
		all = append(all, one...)
		a.File = fmt.Sprintf("autorita/%02d.pem", len(each)+1)
		each = append(each, EvidenceFile{Name: a.File, What: "authority", At: at, Open: opening(func() ([]byte, error) { return one, nil })})
	}
	if len(each) > 0 {
		x.Files = append(x.Files, EvidenceFile{Name: authoritiesName, What: "authorities", At: at, Open: opening(func() ([]byte, error) { return all, nil })})
		x.Files = append(x.Files, each...)
	}
}
