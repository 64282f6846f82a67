package engine

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/asl"
)

// A document that was told is copied from the slate, and must not be once the slate
// holds something else.
func TestEvent_TellsADocumentAgain(t *testing.T) {
	t.Parallel()
	value, err := asl.ParseJSON([]byte(`{"a":"\"\\\n","b":[1,null]}`))
	if err != nil {
		t.Fatal(err)
	}
	large := newDocument(strings.Repeat("x", slateSize))
	raw := &document{value: value, text: `{ "a":"\u0022\\\n", "b":[1, null] }`, raw: true}
	for name, doc := range map[string]*document{"made": newDocument(value), "as a caller wrote it": raw} {
		want := doc.String()
		slates := []*slate{newSlate(), newSlate()}
		for i, step := range []func(*slate){
			func(*slate) {},
			func(*slate) {},
			func(s *slate) { s.wipe(); tell(t, s, newDocument("other")) },
			func(s *slate) { tell(t, s, large); tell(t, s, large) },
			func(*slate) {},
		} {
			for _, s := range slates {
				step(s)
				if got := tell(t, s, doc); got != want {
					t.Errorf("%s, step %d: got %s, want %s", name, i, got, want)
				}
			}
		}
	}
}

// tell answers the input that an event tells.
func tell(t *testing.T, s *slate, doc *document) string {
	t.Helper()
	ev := event{id: 2, kind: passStateEntered, at: time.Unix(0, 0), name: "A", data: doc}
	var details struct{ Input string }
	if err := json.Unmarshal(ev.wire(s, "us-east-1", true).Details, &details); err != nil {
		t.Fatal(err)
	}
	return details.Input
}
