package asl

import (
	"os"
	"path/filepath"
	"testing"
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

// BenchmarkLead_EachExpression evaluates every expression on the path of a lead from
// text to text: what it reads is parsed (2 KiB of input, 2 KiB of result), the value
// written. Issue: at most 15 µs each; the metric is the dearest one of a machine.
func BenchmarkLead_EachExpression(b *testing.B) {
	bindings := leadBindings(b)
	texts := map[string][]byte{}
	for name, value := range map[string]any{"input": bindings.Input, "result": bindings.Result, "context": bindings.Context, "errorOutput": nil} {
		texts[name] = AppendJSON(nil, value)
	}
	for name, machine := range leadMachines(b) {
		for state := range machine.All() {
			for _, t := range state.templates() {
				if t == nil {
					continue
				}
				for _, x := range t.expressions {
					b.Run(name+"/"+state.Name+"/"+x.field, func(b *testing.B) { benchmarkFromText(b, x, texts) })
				}
			}
		}
	}
}

func benchmarkFromText(b *testing.B, x *expression, texts map[string][]byte) {
	b.ReportAllocs()
	var out []byte
	for b.Loop() {
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
		out = AppendJSON(out[:0], value)
	}
}
