package asl

import (
	"testing"
)

// leadBindings is what the states of a lead's way see: an input of about 2 KiB.
func leadBindings(tb testing.TB) *Bindings {
	tb.Helper()
	parse := func(text string) any {
		value, err := ParseJSON([]byte(text))
		if err != nil {
			tb.Fatal(err)
		}
		return value
	}
	submission := `{"name":"Ana O'Brien","email":"ana@example.com","company":"Exemplo Ltda","phone":"+5511999990000","message":"` +
		string(make1KiB()) + `","source":"landing","utm":{"source":"google","medium":"cpc"},"locale":"pt-BR","consent":{"marketing":false,"textId":"contact","textVersion":3},"keyHash":"0123456789abcdef0123456789abcdef"}`
	answer := `{"statusCode":201,"headers":{"Content-Type":"application/json","Location":"/api/leads/0192"},"body":"{\"id\":\"0192\"}"}`
	return &Bindings{
		Input:   parse(`{"outcome":"reserved","deliver":true,"leadId":"0192f0c1-2b3c-7d4e-8f90-a1b2c3d4e5f6","eventId":"0192f0c1-2b3c-7d4e-8f90-a1b2c3d4e5f7","submission":` + submission + `,"answer":` + answer + `}`),
		Result:  parse(`{"ExecutedVersion":"$LATEST","Payload":{"outcome":"accepted","leadId":"0192","eventId":"0193","webhookId":"msg_0193","attempt":1,"answer":` + answer + `},"StatusCode":200}`),
		Context: parse(`{"Execution":{"Id":"arn:aws:states:us-east-1:000000000000:express:lead_intake:x:y","StartTime":"2026-11-21T12:00:00.123Z","RedriveCount":0},"State":{"Name":"S","RetryCount":0}}`),
		Vars:    map[string]any{},
	}
}

func make1KiB() []byte {
	text := make([]byte, 1024)
	for i := range text {
		text[i] = 'x'
	}
	return text
}

var benchExpressions = []struct{ name, text string }{
	{"path", "$states.input.answer"},
	{"deepPath", "$states.context.Execution.StartTime"},
	{"equal", "$states.input.outcome = 'reserved'"},
	{"concat", "'lead-' & $states.input.leadId"},
	{"object", `{"id": $states.input.leadId, "event": $states.input.eventId, "ok": $states.input.deliver and $states.input.outcome = 'reserved', "n": $string($states.context.State.RetryCount)}`},
}

func BenchmarkEval_Fast(b *testing.B) {
	bindings := leadBindings(b)
	for _, c := range benchExpressions {
		x := mustCompile(b, c.text)
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := x.eval(bindings); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkEval_Reference(b *testing.B) {
	bindings := leadBindings(b)
	for _, c := range benchExpressions {
		x := mustCompile(b, c.text)
		x.fast = nil
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := x.eval(bindings); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkEval_WithConversion is the cost from text to text: the input parsed, the
// expression evaluated, the result written.
func BenchmarkEval_WithConversion(b *testing.B) {
	bindings := leadBindings(b)
	input := AppendJSON(nil, bindings.Input)
	for _, c := range benchExpressions {
		x := mustCompile(b, c.text)
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			var out []byte
			for b.Loop() {
				value, err := ParseJSON(input)
				if err != nil {
					b.Fatal(err)
				}
				now := *bindings
				now.Input = value
				result, err := x.eval(&now)
				if err != nil {
					b.Fatal(err)
				}
				out = AppendJSON(out[:0], result)
			}
		})
	}
}

func BenchmarkParseJSON(b *testing.B) {
	text := AppendJSON(nil, leadBindings(b).Input)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseJSON(text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendJSON(b *testing.B) {
	value := leadBindings(b).Input
	var out []byte
	b.ReportAllocs()
	for b.Loop() {
		out = AppendJSON(out[:0], value)
	}
	b.SetBytes(int64(len(out)))
}
