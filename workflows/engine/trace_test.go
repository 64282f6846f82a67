package engine_test

import (
	"regexp"
	"testing"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/engine"
)

// Recording: a header that names a root stays as it is, one that does not say
// whether it is sampled is, and one without a good root gets another.
func TestStartExecution_TraceHeader(t *testing.T) {
	const (
		root  = "Root=1-5759e988-bd862e3fe1be46a994272793"
		made  = "Root=1-386d438[01]-000000000000400080000000" // the time and an id
		other = ";Sampled=1"
	)
	for name, c := range map[string]struct {
		given *string
		want  string
	}{
		"none":                      {nil, ""},
		"whole":                     {ptr(root + ";Parent=53995c3f42cd8ad8;Sampled=0"), root + ";Parent=53995c3f42cd8ad8;Sampled=0"},
		"blanks and more members":   {ptr("Self=1; Sampled=1 ;" + root), "Self=1; Sampled=1 ;" + root},
		"root alone":                {ptr(root), root + other},
		"root and parent":           {ptr(root + ";Parent=53995c3f42cd8ad8"), root + ";Parent=53995c3f42cd8ad8" + other},
		"empty":                     {ptr(""), made + other},
		"no root":                   {ptr("Sampled=1"), made + other},
		"bad root":                  {ptr("Root=1"), made + other},
		"a NUL":                     {ptr(root + ";Sampled=0;\x00"), made + ";Sampled=0"},
		"bad root, not sampled":     {ptr("Root=1-0-0;Sampled=0"), made + ";Sampled=0"},
		"bad root, sampled somehow": {ptr("Root=x;Sampled=?"), made + other},
		"no header":                 {ptr("nonsense"), made + other},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				b := setup(t, nil)
				standard, express := b.create(t, "standard", engine.Standard, states(waits)), b.create(t, "express", engine.Express, states(`"A": {"Type": "Succeed"}`))
				started, err := b.StartExecution(t.Context(), engine.StartInput{StateMachineARN: standard, Name: "x", TraceHeader: c.given})
				if err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Second)
				x, err := b.DescribeExecution(t.Context(), engine.DescribeInput{ExecutionARN: started.ExecutionARN})
				if err != nil {
					t.Fatal(err)
				}
				ran, err := b.StartSyncExecution(t.Context(), engine.StartInput{StateMachineARN: express, Name: "x", TraceHeader: c.given})
				if err != nil {
					t.Fatal(err)
				}
				want := regexp.MustCompile(`\A` + c.want + `\z`)
				for kind, got := range map[string]string{"Standard": x.TraceHeader, "Express": ran.TraceHeader} {
					if !want.MatchString(got) {
						t.Errorf("%s: got %q, want %q", kind, got, c.want)
					}
				}
			})
		})
	}
}
