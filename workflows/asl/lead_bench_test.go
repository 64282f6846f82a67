package asl

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// leadMachines are the machines on the path of a lead, as they are deployed.
func leadMachines(tb testing.TB) map[string]*Machine {
	tb.Helper()
	out := make(map[string]*Machine, 2)
	for _, name := range []string{"lead_intake", "fibonacci_delivery"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "states", name+".asl.json"))
		if err != nil {
			tb.Fatal(err)
		}
		if out[name], err = Parse(text); err != nil {
			tb.Fatalf("%s: %v", name, err)
		}
	}
	return out
}

// BenchmarkLead_SlowestExpression finds the dearest expression on the path of a lead,
// from text to text: what it reads is parsed (2 KiB of input, 2 KiB of result), the
// value written. They are measured in turns, and each counts with its fastest turn, so
// that what else the machine does decides little. Issue 3: at most 15 µs each.
func BenchmarkLead_SlowestExpression(b *testing.B) {
	const turns, repeats, allowed = 100, 30, 15 * time.Microsecond
	bindings := leadBindings(b)
	texts := map[string][]byte{}
	for name, value := range map[string]any{"input": bindings.Input, "result": bindings.Result, "context": bindings.Context, "errorOutput": nil} {
		texts[name] = AppendJSON(nil, value)
	}
	expressions := leadExpressions(b)
	for b.Loop() {
		fastest := map[*expression]time.Duration{}
		for range turns {
			for _, x := range expressions {
				began := time.Now()
				for range repeats {
					evalFromText(b, x, texts)
				}
				took := time.Since(began) / repeats
				if best, measured := fastest[x]; !measured || took < best {
					fastest[x] = took
				}
			}
		}
		slowest := slices.MaxFunc(expressions, func(x, y *expression) int { return cmp.Compare(fastest[x], fastest[y]) })
		micros := float64(fastest[slowest]) / float64(time.Microsecond)
		b.Logf("the slowest of %d expressions on the path of a lead, from text to text: %.1f µs for %s", len(expressions), micros, slowest.text)
		b.ReportMetric(micros, "slowest-µs")
		b.ReportMetric(0, "ns/op") // one operation is a whole comparison: its time says nothing
		if fastest[slowest] > allowed {
			b.Errorf("%s takes %s, more than %s", slowest.text, fastest[slowest], allowed)
		}
	}
}

// leadExpressions are the different ones on the path of a lead.
func leadExpressions(b *testing.B) []*expression {
	b.Helper()
	var out []*expression
	seen := map[string]bool{}
	for _, machine := range leadMachines(b) {
		for _, x := range machine.expressions() {
			if !seen[x.text] {
				seen[x.text] = true
				out = append(out, x)
			}
		}
	}
	if len(out) < 20 {
		b.Fatalf("only %d expressions found", len(out))
	}
	return out
}

func evalFromText(b *testing.B, x *expression, texts map[string][]byte) {
	b.Helper()
	now := &Bindings{}
	for _, member := range x.reads.members {
		value, err := ParseJSON(texts[member])
		if err != nil {
			b.Fatal(err)
		}
		switch member {
		case "input":
			now.Input = value
		case "result":
			now.Result = value
		case "context":
			now.Context = value
		default:
			now.ErrorOutput = value
		}
	}
	value, err := x.eval(now)
	if err != nil {
		b.Fatal(err)
	}
	AppendJSON(nil, value)
}
