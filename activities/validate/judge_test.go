package validate

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// with is the smallest post with one member replaced or added, as raw JSON.
func with(member, raw string) string {
	members := map[string]string{"name": `"Ana Souza"`, "email": `"ana@example.com"`, "consent": `{"accepted":true}`}
	members[member] = raw
	var b strings.Builder
	for _, name := range []string{"name", "email", "consent", "phone", "company", "message", "source", "utm", "variant", "locale", "checks", "extra"} {
		if raw, ok := members[name]; ok {
			fmt.Fprintf(&b, ",%q:%s", name, raw)
		}
	}
	return "{" + b.String()[1:] + "}"
}

func quoted(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func TestValidate_RefusesFields(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, body, pointer, code string
	}{
		{"no name", `{"email":"ana@example.com","consent":{"accepted":true}}`, "/name", codeRequired},
		{"blank name", with("name", `"   "`), "/name", codeRequired},
		{"name of one letter", with("name", `"A"`), "/name", codeTooShort},
		{"name of 121 letters", with("name", quoted(strings.Repeat("ã", 121))), "/name", codeTooLong},
		{"name without a letter", with("name", `"12 34"`), "/name", codeFormat},
		{"name is a number", with("name", "7"), "/name", codeWrongType},
		{"name is null", with("name", "null"), "/name", codeWrongType},
		{"name is an object", with("name", `{"first":"Ana"}`), "/name", codeWrongType},
		{"name with a bidi override", with("name", `"Ana \u202Eazuos"`), "/name", codeCharacters},
		{"name with a bidi isolate", with("name", `"Ana\u2066"`), "/name", codeCharacters},
		{"name with a bidi mark", with("name", `"Ana\u200F Souza"`), "/name", codeCharacters},
		{"name with an Arabic letter mark", with("name", `"Ana\u061C"`), "/name", codeCharacters},
		{"name of a tab", with("name", `"\t"`), "/name", codeRequired},
		{"name with a vertical tab", with("name", `"Ana\u000BSouza"`), "/name", codeCharacters},
		{"e-mail with a tab", with("email", `"ana\t@example.com"`), "/email", codeCharacters},
		{"e-mail with a joiner", with("email", `"ana@exam\u200Dple.com"`), "/email", codeCharacters},
		{"e-mail with a joiner that its script needs", with("email", `"ana@علی\u200Cرضا.com"`), "/email", codeFormat},
		{"phone with a tab", with("phone", `"11\t91234-5678"`), "/phone", codeCharacters},
		{"name with CR LF at its end", with("name", `"Ana Souza\r\n"`), "/name", codeCharacters},
		{"name with a C1 control", with("name", `"Ana\u0085Souza"`), "/name", codeCharacters},
		{"name with a joiner", with("name", `"Ana\u200DSouza"`), "/name", codeCharacters},
		{"name with a zero-width space", with("name", `"Ana\u200BSouza"`), "/name", codeCharacters},
		{"name with a line separator", with("name", `"Ana\u2028Souza"`), "/name", codeCharacters},
		{"name with tag characters", with("name", `"Ana\udb40\udc41"`), "/name", codeCharacters},
		{"name with a noncharacter", with("name", `"Ana\uffff"`), "/name", codeCharacters},
		{"name with the replacement character", with("name", `"Ana\ufffd"`), "/name", codeCharacters},
		{"name with four combining marks", with("name", `"Z\u0335\u0336\u0337\u0338algo"`), "/name", codeCharacters},
		{"no e-mail", `{"name":"Ana","consent":{"accepted":true}}`, "/email", codeRequired},
		{"e-mail of 300 characters", with("email", quoted("a@"+strings.Repeat("b", 294)+".com")), "/email", codeTooLong},
		{"e-mail of 260 bytes in 250 signs", with("email", quoted(strings.Repeat("a", 55)+"@"+strings.Repeat("é", 10)+"."+strings.Repeat(strings.Repeat("b", 59)+".", 3)+"com")), "/email", codeTooLong},
		{"e-mail with CR LF", with("email", `"ana@example.com\r\nbcc: x@example.com"`), "/email", codeCharacters},
		{"e-mail with CR LF at its end", with("email", `"ana@example.com\r\n"`), "/email", codeCharacters},
		{"e-mail with a soft hyphen", with("email", `"ana@exam\u00ADple.com"`), "/email", codeCharacters},
		{"e-mail is a list", with("email", `["ana@example.com"]`), "/email", codeWrongType},
		{"phone of no plan", with("phone", `"12345"`), "/phone", codeFormat},
		{"phone in words", with("phone", `"ligue para mim"`), "/phone", codeFormat},
		{"phone with an extension", with("phone", `"(11) 3123-4567 ramal 12"`), "/phone", codeFormat},
		{"phone of 41 signs", with("phone", quoted(strings.Repeat("1", 41))), "/phone", codeTooLong},
		{"phone is a number", with("phone", "11912345678"), "/phone", codeWrongType},
		{"company of 121 signs", with("company", quoted(strings.Repeat("c", 121))), "/company", codeTooLong},
		{"company with a joiner", with("company", `"Ac\u200Dme"`), "/company", codeCharacters},
		{"company with a bidi embedding", with("company", `"\u202AAcme"`), "/company", codeCharacters},
		{"message of 1001 signs", with("message", quoted(strings.Repeat("m", 1001))), "/message", codeTooLong},
		{"message with a bell", with("message", `"a\u0007"`), "/message", codeCharacters},
		{"message with a lone CR", with("message", `"a\rb"`), "/message", codeCharacters},
		{"message with tag characters", with("message", `"a\udb40\udc41"`), "/message", codeCharacters},
		{"source that is an e-mail", with("source", `"ana@example.com"`), "/source", codeFormat},
		{"unknown locale", with("locale", `"fr"`), "/locale", codeNotAllowed},
		{"utm is a text", with("utm", `"x"`), "/utm", codeWrongType},
		{"unknown utm", with("utm", `{"id":"1"}`), "/utm/id", codeUnknown},
		{"utm of 201 signs", with("utm", `{"term":`+quoted(strings.Repeat("t", 201))+`}`), "/utm/term", codeTooLong},
		{"unknown field", with("extra", `1`), "/extra", codeUnknown},
		{"name in capitals", strings.Replace(with("extra", "1"), "extra", "NAME", 1), "/NAME", codeUnknown},
		{"field of the table", strings.Replace(with("extra", `"delivered"`), "extra", "status", 1), "/status", codeUnknown},
		{"field with a slash and a tilde", strings.Replace(with("extra", "1"), "extra", "a/b~c", 1), "/a~1b~0c", codeUnknown},
		{"no consent", `{"name":"Ana","email":"ana@example.com"}`, "/consent/accepted", codeRequired},
		{"empty consent", with("consent", "{}"), "/consent/accepted", codeRequired},
		{"consent refused", with("consent", `{"accepted":false}`), "/consent/accepted", codeRequired},
		{"consent in words", with("consent", `{"accepted":"true"}`), "/consent/accepted", codeRequired},
		{"consent null", with("consent", `{"accepted":null}`), "/consent/accepted", codeRequired},
		{"consent is true", with("consent", "true"), "/consent", codeWrongType},
		{"consent text without a hash", with("consent", `{"accepted":true,"textHash":"abc"}`), "/consent/textHash", codeFormat},
		{"marketing text without a hash", with("consent", `{"accepted":true,"marketingTextHash":"abc"}`), "/consent/marketingTextHash", codeFormat},
		{"marketing in words", with("consent", `{"accepted":true,"marketing":"on"}`), "/consent/marketing", codeWrongType},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			answer, problem := setup(t).refuse(t, tt.body, nil)
			if answer.StatusCode != 422 {
				t.Errorf("status %d, want 422", answer.StatusCode)
			}
			if len(problem.Errors) != 1 || problem.Errors[0].Pointer != tt.pointer || problem.Errors[0].Code != tt.code || problem.Errors[0].Message == "" {
				t.Errorf("errors %+v, want %s at %s", problem.Errors, tt.code, tt.pointer)
			}
		})
	}
}
