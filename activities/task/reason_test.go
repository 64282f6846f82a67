package task

import (
	"strings"
	"testing"
)

func TestReadReason_TakesOneLineOfText(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"reason":" a person, by phone "}`:                      "a person, by phone",
		`{"reason":"` + strings.Repeat("ã", 500) + `"}`:          strings.Repeat("ã", 500),
		" \n{\"reason\":\"O\\u2019Brien's shop, caf\u00e9 🜏\"} ": "O’Brien's shop, café 🜏",
	} {
		if got, problem := ReadReason(body); problem != nil || got != want {
			t.Errorf("%s: %q, %+v", body, got, problem)
		}
	}
}

func TestReadReason_Refuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, body    string
		status        int
		pointer, code string
	}{
		{"nothing", "", 400, "", ""},
		{"null", "null", 400, "", ""},
		{"a list", `["x"]`, 400, "", ""},
		{"a member twice", `{"reason":"a","reason":"b"}`, 400, "", ""},
		{"two values", `{"reason":"a"}{}`, 400, "", ""},
		{"not UTF-8", "{\"reason\":\"\xff\"}", 400, "", ""},
		{"no reason", `{}`, 422, "/reason", "required"},
		{"blank", `{"reason":"  "}`, 422, "/reason", "required"},
		{"a number", `{"reason":7}`, 422, "/reason", "wrong_type"},
		{"null reason", `{"reason":null}`, 422, "/reason", "wrong_type"},
		{"501 characters", `{"reason":"` + strings.Repeat("a", 501) + `"}`, 422, "/reason", "too_long"},
		{"two lines", `{"reason":"a\nb"}`, 422, "/reason", "characters"},
		{"a bidi override", `{"reason":"a\u202eb"}`, 422, "/reason", "characters"},
		{"an unknown member", `{"reason":"a","force":true}`, 422, "/force", "unknown"},
		{"in capitals", `{"reason":"a","REASON":"b"}`, 422, "/REASON", "unknown"},
	} {
		_, problem := ReadReason(tt.body)
		if problem == nil || problem.Status != tt.status {
			t.Errorf("%s: %+v, want %d", tt.name, problem, tt.status)
			continue
		}
		if tt.status == 422 && (len(problem.Errors) != 1 || problem.Errors[0].Pointer != tt.pointer || problem.Errors[0].Code != tt.code || problem.Errors[0].Message == "") {
			t.Errorf("%s: %+v, want %s at %s", tt.name, problem.Errors, tt.code, tt.pointer)
		}
	}
}
