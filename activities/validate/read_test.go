package validate

import (
	"fmt"
	"strings"
	"testing"
)

func TestValidate_RefusesWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	many := make([]string, 0, 70)
	for i := range 70 {
		many = append(many, fmt.Sprintf(`"k%d":1`, i))
	}
	tests := []struct {
		name, body string
		change     map[string]string
		status     int
		code       string
		pointer    string
	}{
		{"empty", "", nil, 400, codeEmpty, ""},
		{"blank", " \n", nil, 400, codeEmpty, ""},
		{"not JSON", "name=Ana", nil, 400, codeJSON, ""},
		{"cut off", minimal[:30], nil, 400, codeJSON, ""},
		{"array", "[" + minimal + "]", nil, 400, codeNotObject, ""},
		{"text", `"ana"`, nil, 400, codeNotObject, ""},
		{"number", "1", nil, 400, codeNotObject, ""},
		{"null", "null", nil, 400, codeNotObject, ""},
		{"two values", minimal + minimal, nil, 400, codeJSON, ""},
		{"trailing text", minimal + "x", nil, 400, codeJSON, ""},
		{"byte order mark", "\uFEFF" + minimal, nil, 400, codeJSON, ""},
		{"depth 10,000 of objects in 1 MiB", strings.Repeat(`{"a":`, 10_000) + "1" + strings.Repeat("}", 10_000), nil, 413, codeTooLarge, ""},
		{"depth 3,000 of objects", strings.Repeat(`{"a":`, 2_500) + "1" + strings.Repeat("}", 2_500), nil, 400, codeTooDeep, ""},
		{"depth 5,000 of arrays", `{"a":` + strings.Repeat("[", 5_000) + strings.Repeat("]", 5_000) + "}", nil, 400, codeTooDeep, ""},
		{"array of depth 8,000", strings.Repeat("[", 8_000), nil, 400, codeJSON, ""},
		{"70 keys", "{" + strings.Join(many, ",") + "}", nil, 400, codeTooManyKeys, ""},
		{"1 MiB", `{"message":"` + strings.Repeat("a", 1<<20) + `"}`, nil, 413, codeTooLarge, ""},
		{"one byte too many", minimal + strings.Repeat(" ", maxBody+1-len(minimal)), nil, 413, codeTooLarge, ""},
		{"duplicate key", `{"name":"a","name":"b"}`, nil, 400, codeDuplicate, "/name"},
		{"duplicate key in escapes", `{"email":"a","em\u0061il":"b"}`, nil, 400, codeDuplicate, "/email"},
		{"duplicate key below", `{"consent":{"accepted":true,"accepted":true}}`, nil, 400, codeDuplicate, "/consent/accepted"},
		{"invalid UTF-8", "{\"name\":\"A\xffna\"}", nil, 400, codeEncoding, ""},
		{"UTF-8 lost on the way", "{\"name\":\"A\uFFFDna\"}", nil, 400, codeEncoding, ""},
		{"lone surrogate", `{"name":"\ud800"}`, nil, 400, codeJSON, ""},
		{"NUL in a value", `{"name":"a\u0000b"}`, nil, 400, codeNUL, ""},
		{"NUL in a key", `{"na\u0000me":"b"}`, nil, 400, codeNUL, ""},
		{"raw NUL", "{\"name\":\"a\x00b\"}", nil, 400, codeNUL, ""},
		{"raw line feed in a text", "{\"name\":\"a\nb\"}", nil, 400, codeJSON, ""},
		{"wrong content type", minimal, map[string]string{"contentType": "text/plain"}, 415, codeMediaType, ""},
		{"no content type", minimal, map[string]string{"contentType": ""}, 415, codeMediaType, ""},
		{"broken content type", minimal, map[string]string{"contentType": "application/json; charset"}, 415, codeMediaType, ""},
		{"other charset", minimal, map[string]string{"contentType": "application/json; charset=latin1"}, 415, codeMediaType, ""},
		{"multipart", minimal, map[string]string{"contentType": "multipart/form-data; boundary=x"}, 415, codeMediaType, ""},
		{"form with a field twice", "name=Ana&email=a%40example.com&name=Eva", formPost, 400, codeRepeated, "/name"},
		{"form with a nested field twice", "consent.accepted=on&consent.accepted=on", formPost, 400, codeRepeated, "/consent/accepted"},
		{"form with a field twice in escapes", "name=Ana&n%61me=Eva", formPost, 400, codeRepeated, "/name"},
		{"form with a broken escape", "name=%zz", formPost, 400, codeForm, ""},
		{"form in latin1", "name=Jos%E9", formPost, 400, codeEncoding, ""},
		{"form with NUL", "name=a%00b", formPost, 400, codeNUL, ""},
		{"empty form", "", formPost, 400, codeEmpty, ""},
		{"form of 70 fields", formOf(70), formPost, 400, codeTooManyKeys, ""},
		{"malformed key", minimal, map[string]string{"idempotencyKey": "has space"}, 400, codeKey, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			answer, problem := setup(t).refuse(t, tt.body, tt.change)
			if answer.StatusCode != tt.status || problem.Status != tt.status || answer.Headers["Cache-Control"] != "no-store" {
				t.Errorf("status %d, headers %v, want %d", answer.StatusCode, answer.Headers, tt.status)
			}
			if len(problem.Errors) != 1 || problem.Errors[0].Code != tt.code || problem.Errors[0].Pointer != tt.pointer || problem.Detail == "" {
				t.Errorf("problem %+v, want code %s at %q", problem, tt.code, tt.pointer)
			}
		})
	}
}

func formOf(n int) string {
	pairs := make([]string, n)
	for i := range pairs {
		pairs[i] = fmt.Sprintf("k%d=v", i)
	}
	return strings.Join(pairs, "&")
}
