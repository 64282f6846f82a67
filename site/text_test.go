package site

import (
	"net/http"
	"reflect"
	"strings"
	"testing"
)

func TestText_NothingIsMissingInEitherLanguage(t *testing.T) {
	t.Parallel()
	for _, l := range []locale{in(PortugueseBrazil), in(English)} {
		requireWords(t, l.Code, reflect.ValueOf(l.Text))
		for _, f := range []string{fieldName, fieldEmail, fieldPhone, fieldCompany, fieldMessage} {
			if l.Text.Fields[f].Label == "" {
				t.Errorf("%s: field %s has no label", l.Code, f)
			}
		}
		if !strings.Contains(l.Text.Script.LimitedMany, "{n}") {
			t.Errorf("%s: LimitedMany has no place for the minutes", l.Code)
		}
	}
}

func TestProblem_HasItsOwnWordsForEachStatus(t *testing.T) {
	t.Parallel()
	for _, l := range []locale{in(PortugueseBrazil), in(English)} {
		seen := map[string]int{}
		for _, status := range []int{http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusInternalServerError} {
			title, detail := l.Text.problem(status)
			if other, ok := seen[title]; ok || title == "" || detail == "" {
				t.Errorf("%s: %d says %q and %q, like %d", l.Code, status, title, detail, other)
			}
			seen[title] = status
		}
	}
}

// requireWords fails for every empty string and slice below v. A hint may be empty.
func requireWords(t *testing.T, path string, v reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.String:
		if v.Len() == 0 {
			t.Errorf("%s is empty", path)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			requireWords(t, path+"."+v.Type().Field(i).Name, v.Field(i))
		}
	case reflect.Slice:
		if v.Len() == 0 {
			t.Errorf("%s is empty", path)
		}
		for i := range v.Len() {
			requireWords(t, path, v.Index(i))
		}
	}
}
