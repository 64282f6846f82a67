package asl

import (
	"math"
	"strings"
	"testing"
)

// The right-hand sides are what Node 20 answers to JSON.stringify(JSON.parse(text)).
func TestJSON_IsWrittenAsECMAScriptWritesIt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{
		{`null`, `null`},
		{` true `, `true`},
		{`0`, `0`},
		{`-0`, `0`},
		{`1.0`, `1`},
		{`1e2`, `100`},
		{`-1.5e-3`, `-0.0015`},
		{`0.000001`, `0.000001`},
		{`0.0000001`, `1e-7`},
		{`1.5e-10`, `1.5e-10`},
		{`123456789012345680000`, `123456789012345680000`},
		{`1e21`, `1e+21`},
		{`1.7976931348623157e308`, `1.7976931348623157e+308`},
		{`5e-324`, `5e-324`},
		{`9007199254740993`, `9007199254740992`},
		{`9223372036854775808`, `9223372036854776000`},
		{`0.1`, `0.1`},
		{`0.30000000000000004`, `0.30000000000000004`},
		{`4.35`, `4.35`},
		{`"\u0061\/\b\f\n\r\t\u0001\u001f\u007f"`, "\"a/\\b\\f\\n\\r\\t\\u0001\\u001f\u007f\""},
		{`"<>&'"`, `"<>&'"`},
		{`"\u2028\u2029"`, "\"\u2028\u2029\""},
		{`"\ud83d\ude00"`, `"😀"`},
		{`"\"\\"`, `"\"\\"`},
		{`[]`, `[]`},
		{`[1, [2, {}], null]`, `[1,[2,{}],null]`},
		{`{"b":1,"a":2}`, `{"b":1,"a":2}`},
		{`{"b":1,"10":2,"2":3,"a":4,"02":5,"-1":6,"4294967295":7,"4294967294":8}`, `{"2":3,"10":2,"4294967294":8,"b":1,"a":4,"02":5,"-1":6,"4294967295":7}`},
		{`{"a":1,"b":2,"a":3}`, `{"a":3,"b":2}`},
		{`{"":{"":[]}}`, `{"":{"":[]}}`},
		{`{"é\n":1}`, `{"é\n":1}`},
	} {
		value, err := ParseJSON([]byte(c.text))
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if got := string(AppendJSON(nil, value)); got != c.want {
			t.Errorf("%s came out as %s, want %s", c.text, got, c.want)
		}
	}
}

func TestParseJSON_Refuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		``, ` `, `{`, `}`, `[1,]`, `{"a":1,}`, `{"a"}`, `{a:1}`, `{1:2}`, `'a'`, `"a`, "\"\n\"", `"\x"`, `"\u12"`, `"\ud800"`, `"\ude00\ud83d"`, "\"\xff\"",
		`01`, `+1`, `1.`, `.5`, `1e`, `0x1`, `NaN`, `Infinity`, `1e400`, `-1e400`, `nul`, `True`, `1 2`, `{}[]`, `null,`, "\ufeff{}", `// a
		1`, strings.Repeat("[", 10_001) + strings.Repeat("]", 10_001),
	} {
		if value, err := ParseJSON([]byte(text)); err == nil {
			t.Errorf("%.40q was read as %v", text, value)
		}
	}
}

func TestAppendJSON_WritesWhatIsNotFiniteAsNull(t *testing.T) {
	t.Parallel()
	got := string(AppendJSON(nil, []any{math.NaN(), math.Inf(1), math.Inf(-1), "\xff"}))
	if want := `[null,null,null,"` + "\ufffd" + `"]`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAppendJSON_PanicsOnWhatIsNoValue(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("an int was written")
		}
	}()
	AppendJSON(nil, []any{1})
}

// FuzzParseJSON: what is read is written and read again as the same value.
func FuzzParseJSON(f *testing.F) {
	for _, seed := range []string{`{"a":[1,null,"x"],"1":true}`, `"\ud83d\ude00"`, `-0.5e-7`, `[[[]]]`, `{"a":1,"a":2}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		value, err := ParseJSON(text)
		if err != nil {
			return
		}
		written := AppendJSON(nil, value)
		again, err := ParseJSON(written)
		if err != nil {
			t.Fatalf("%q was written as %q, which is refused: %v", text, written, err)
		}
		if !equal(value, again) || string(AppendJSON(nil, again)) != string(written) {
			t.Fatalf("%q was written as %q, which is another value", text, written)
		}
	})
}
