package sfn

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// rule is one constraint on a string: it gives the text that follows "failed to
// satisfy constraint: ", empty when the value passes.
type rule func(value string) string

// notEmpty is the model's minimum of every string that has one.
func notEmpty(v string) string {
	if v != "" {
		return ""
	}
	return "Member must have length greater than or equal to 1"
}

func atMost(n int) rule {
	return func(v string) string {
		if utf8.RuneCountInString(v) <= n {
			return ""
		}
		return "Member must have length less than or equal to " + strconv.Itoa(n)
	}
}

// bytesAtMost is atMost for payloads, which the service measures in UTF-8.
func bytesAtMost(n int) rule {
	return func(v string) string {
		if len(v) <= n {
			return ""
		}
		return "Member must have length less than or equal to " + strconv.Itoa(n)
	}
}

func oneOf(values ...string) rule {
	return func(v string) string {
		if slices.Contains(values, v) {
			return ""
		}
		return "Member must satisfy enum value set: [" + strings.Join(values, ", ") + "]"
	}
}

func matching(pattern *regexp.Regexp, text string) rule {
	return func(v string) string {
		if pattern.MatchString(v) {
			return ""
		}
		return "Member must satisfy regular expression pattern: " + text
	}
}
