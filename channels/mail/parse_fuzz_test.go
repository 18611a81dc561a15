package mail

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"filodiretto/channels"
)

// FuzzParse: whatever the bytes are, there is one clean item, the same each
// time, and no panic.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.eml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		if len(body) < 4000 {
			f.Add(body)
		}
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		raw := channels.Raw{Body: body, ReceivedAt: testReceived}
		it := parseOne(t, raw, testOwn)
		if again := parseOne(t, raw, testOwn); !reflect.DeepEqual(it, again) {
			t.Error("parsed twice, two answers")
		}
	})
}
