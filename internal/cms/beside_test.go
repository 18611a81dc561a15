package cms

import "testing"

// A signature that holds a content of its own says nothing of another one that is
// shown beside it: else whoever has one genuine signature could put any text there.
func TestWhatIsShownBesideCountsAlone(t *testing.T) {
	p := made()
	der, err := Signer{Certificate: p.rsa.cert, Key: p.rsa.key}.Sign([]byte("consegnato\r\n"), false, then)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Parse(der)
	if err != nil {
		t.Fatal(err)
	}
	for content, want := range map[string]Outcome{"consegnato\r\n": Valid, "inventato\r\n": Invalid, "": Invalid} {
		if r := all(t, s.Verify(Lines([]byte(content)), trustIn(t, p.root), then), 1)[0]; r.Outcome != want {
			t.Errorf("%q: %+v", content, r)
		}
	}
	if r := all(t, s.Verify(nil, trustIn(t, p.root), then), 1)[0]; r.Outcome != Valid {
		t.Errorf("its own content: %+v", r)
	}
}
