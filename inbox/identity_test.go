package inbox

import (
	"errors"
	"strings"
	"testing"
)

func TestNewIdentityNormalise(t *testing.T) {
	tests := []struct {
		in    NewIdentity
		value string
		key   string
		err   string
	}{
		{NewIdentity{Kind: "email", Value: " Lucia.F@Posta.Example "}, "lucia.f@posta.example", "", ""},
		{NewIdentity{Kind: "email", Value: "not an address"}, "", "", "value:bad_form"},
		{NewIdentity{Kind: "phone", Value: "0575 35.55.12"}, "+390575355512", "+390575355512", ""},
		{NewIdentity{Kind: "phone", Value: "12"}, "", "", "value:bad_form"},
		{NewIdentity{Kind: "cf", Value: "rssmra 85t10 a562s"}, "RSSMRA85T10A562S", "RSSMRA85T10A562S", ""},
		{NewIdentity{Kind: "cf", Value: "SPNDNL80R13C555X"}, "", "", "doubtful: value: cf_wrong_check"},
		{NewIdentity{Kind: "cf", Value: "SPNDNL80R13C555X", OverrideReason: "così sulla tessera"}, "SPNDNL80R13C555X", "SPNDNL80R13C555X", ""},
		{NewIdentity{Kind: "cf", Value: "SPNDNL80R13C555X", OverrideReason: " \n"}, "", "", "doubtful: value: cf_wrong_check"},
		{NewIdentity{Kind: "cf", Value: "RSSMRA"}, "", "", "value:bad_form"},
		{NewIdentity{Kind: "cf", Value: "00000000000"}, "", "", "value:refused"},
		{NewIdentity{Kind: "cf", Value: "RSSMRA", OverrideReason: "perché sì"}, "", "", "value:bad_form"},
		{NewIdentity{Kind: "address", Value: "v. G. Garibaldi, 14/A"}, "via g garibaldi 14/a", "garibaldi 14", ""},
		{NewIdentity{Kind: "address", Value: " "}, "", "", "value:bad_form"},
		{NewIdentity{Kind: "telegram", Value: "@lucia"}, "", "", "kind:unknown"},
		{NewIdentity{Kind: "", Value: "x"}, "", "", "kind:unknown"},
	}
	for _, tt := range tests {
		row, err := tt.in.normalise()
		if tt.err != "" {
			if err == nil || code(err) != tt.err || !errors.Is(err, ErrInvalid) {
				t.Errorf("%+v: %v, want %s", tt.in, err, tt.err)
			}
			continue
		}
		if err != nil || row.Value != tt.value || row.MatchKey != tt.key {
			t.Errorf("%+v: %+v, %v", tt.in, row, err)
		}
	}
}

func TestErrorsTellNoNameOrAddress(t *testing.T) {
	err := &TakenError{CitizenID: 1, Name: "Lucia Ferrante"}
	if strings.Contains(err.Error(), "Lucia") {
		t.Error("an error ends in the log:", err)
	}
}

func TestAddIdentityKeepsTheReasonOfAnOverride(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		z := e.citizen("Daniele Spina")
		id, err := e.AddIdentity(t.Context(), e.giulia, z.ID, NewIdentity{Kind: "cf", Value: "SPNDNL80R13C555X", OverrideReason: "così sulla tessera"})
		if err != nil {
			t.Fatal(err)
		}
		p := e.person(e.giulia, z.ID)
		if got := p.Identities[0]; got.ID != id.ID || got.Warning != "cf_wrong_check" || got.OverrideReason != "così sulla tessera" {
			t.Errorf("row: %+v", got)
		}
		var data string
		if err := e.db.Read.NewRaw("SELECT data FROM events WHERE citizen_id = ? AND kind = 'identity.added'", z.ID).Scan(t.Context(), &data); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(data, "cf_wrong_check") || !strings.Contains(data, "così sulla tessera") || strings.Contains(data, "SPNDNL") {
			t.Errorf("event: %s", data)
		}
	})
}

func TestAddIdentityKnownAndTaken(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		a, b := e.citizen("Lucia Ferrante", "email:lucia@posta.example", "phone:333 1234567"), e.citizen("Lucia F.")
		add := func(z *Citizen, kind, value string) error {
			_, err := e.AddIdentity(t.Context(), e.giulia, z.ID, NewIdentity{Kind: kind, Value: value})
			return err
		}
		for kind, value := range map[string]string{"email": "LUCIA@posta.example", "phone": "+393331234567"} {
			if err := add(a, kind, value); code(err) != "value:known" {
				t.Errorf("%s again: %v", kind, err)
			}
		}
		err := add(b, "email", "lucia@posta.example")
		taken, ok := errors.AsType[*TakenError](err)
		if !ok || taken.CitizenID != a.ID || taken.Name != "Lucia Ferrante" || !errors.Is(err, ErrInvalid) {
			t.Fatalf("somebody else's address: %v", err)
		}
		if got := e.asked(b.ID); len(got) != 1 || got[0] != "Lucia Ferrante: email name 90" {
			t.Errorf("the two should be asked about: %q", got)
		}
		if p := e.person(e.giulia, b.ID); len(p.Identities) != 0 {
			t.Error("the address was added all the same")
		}
		e.merge(a, b)
		if err := add(b, "phone", "333 1234567"); code(err) != "value:known" {
			t.Error("known on another row of the person:", err)
		}
		if err := add(&Citizen{ID: 4711}, "phone", "333 1234567"); !errors.Is(err, ErrNotFound) {
			t.Error("unknown row:", err)
		}
		if _, err := e.CreateCitizen(t.Context(), e.giulia, NewCitizen{Name: "X", Identities: []NewIdentity{{Kind: "email", Value: "lucia@posta.example"}}}); !errors.As(err, &taken) {
			t.Error("a new file with a known address:", err)
		}
	})
}

func TestRemoveIdentityFreesTheAddress(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		a, b := e.citizen("Lucia", "email:famiglia@posta.example"), e.citizen("Marco")
		id := e.person(e.giulia, a.ID).Identities[0].ID
		if err := e.RemoveIdentity(t.Context(), e.giulia, id, " "); code(err) != "reason:missing" {
			t.Error("no reason:", err)
		}
		if err := e.RemoveIdentity(t.Context(), e.giulia, id, "è del marito"); err != nil {
			t.Fatal(err)
		}
		if err := e.RemoveIdentity(t.Context(), e.giulia, id, "ancora"); !errors.Is(err, ErrNotFound) {
			t.Error("removed twice:", err)
		}
		if _, err := e.AddIdentity(t.Context(), e.giulia, b.ID, NewIdentity{Kind: "email", Value: "famiglia@posta.example"}); err != nil {
			t.Error("the address is free:", err)
		}
		if p := e.person(e.giulia, a.ID); len(p.Identities) != 0 {
			t.Errorf("still on the file: %+v", p.Identities)
		}
		if hits, _ := e.SearchCitizens(t.Context(), e.giulia, "famiglia", 10); len(hits) != 1 || hits[0].ID != b.ID {
			t.Errorf("search finds %v", hits)
		}
	})
}

// What several records of a person have in common ends on all of them or on none; what
// somebody ended meanwhile hinders nothing, and is ended once.
func TestWhatRecordsShareIsRemovedAsOne(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		a, b := e.citizen("Lucia", "phone:333 1234567"), e.citizen("Lucia F.", "phone:333 1234567")
		first, second := e.person(e.giulia, a.ID).Identities[0].ID, e.person(e.giulia, b.ID).Identities[0].ID
		removed := func() int {
			return e.number("SELECT count(*) FROM identities WHERE removed_at > 0")*10 + e.number("SELECT count(*) FROM events WHERE kind = 'identity.removed'")
		}
		for _, x := range []struct {
			ids  []int64
			err  error
			want int // ten for each that is removed, and one for each event
		}{
			{[]int64{first, second, 4711}, ErrNotFound, 0},
			{[]int64{first}, nil, 11},
			{[]int64{first, second}, nil, 22},
			{[]int64{second, first}, ErrNotFound, 22},
			{nil, ErrNotFound, 22},
		} {
			if err := e.RemoveIdentities(t.Context(), e.giulia, x.ids, "non è suo"); !errors.Is(err, x.err) || removed() != x.want {
				t.Errorf("%v: %v, %d", x.ids, err, removed())
			}
		}
	})
}

func TestSetProof(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		z := e.citizen("Lucia", "phone:333 1234567")
		id := e.person(e.giulia, z.ID).Identities[0].ID
		for _, tt := range []struct {
			level  Proof
			source string
			want   string
		}{
			{Certain, "document_seen", "<nil>"},
			{Confirmed, "code_returned", "<nil>"},
			{Certain, "code_returned", "level:too_high"},
			{Declared, "declared", "<nil>"},
			{Declared - 1, "declared", "level:too_high"},
			{Certain, "link", "source:unknown"}, // only a link does that
		} {
			if err := e.SetProof(t.Context(), e.giulia, id, tt.level, tt.source); code(err) != tt.want {
				t.Errorf("%d by %s: %v, want %s", tt.level, tt.source, err, tt.want)
			}
		}
		if err := e.SetProof(t.Context(), e.giulia, id, Certain, "document_seen"); err != nil {
			t.Fatal(err)
		}
		got := e.person(e.giulia, z.ID).Identities[0]
		if got.Proof != Certain || got.ProofSource != "document_seen" || got.VerifiedByName != "Giulia Moretti" || got.VerifiedAt != e.manual.Now() {
			t.Errorf("%+v", got)
		}
		if len(ProofSources) != len(proofSources) {
			t.Error("forms offer other sources than there are")
		}
	})
}
