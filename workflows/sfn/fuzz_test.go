package sfn

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
)

// Whatever the body: no panic, an answer of the protocol, and the engine is asked
// at most once and never with a member that breaks its own constraint.
func FuzzHandler(f *testing.F) {
	operations := slices.Sorted(maps.Keys(New(&fake{}, nil).operations))
	for i := range operations {
		f.Add(uint8(i), `{"stateMachineArn":"`+machineARN+`","executionArn":"`+executionARN+`"}`)
	}
	f.Add(uint8(0), `{"name":"m","definition":"{}","roleArn":"`+roleOfM+`","tags":[{"key":"k"}],"loggingConfiguration":{"level":"ALL","destinations":[null]}}`)
	f.Add(uint8(1), `{"executionArn":"\ud83d\ude00","maxResults":1e3,"nextToken":null}`)
	f.Add(uint8(2), `[{"a":"\ud800"}]`)
	f.Fuzz(func(t *testing.T, n uint8, body string) {
		b := setup(t)
		operation := operations[int(n)%len(operations)]
		status, answer := b.call(t, operation, body)
		switch {
		case len(b.engine.asked) > 1:
			t.Errorf("%s: the engine was asked %d times", operation, len(b.engine.asked))
		case status == 200 && len(b.engine.asked) == 0:
			t.Errorf("%s: answered without the engine: %s", operation, answer)
		case status != 200:
			var refused struct {
				Type string `json:"__type"`
			}
			if err := json.Unmarshal([]byte(answer), &refused); err != nil || !strings.Contains(refused.Type, "#") || status == 500 {
				t.Errorf("%s: %d %s", operation, status, answer)
			}
		}
	})
}
