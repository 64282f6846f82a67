package validate

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

// maxShown is the largest form post whose answers are shown again when it is
// refused for its size.
const maxShown = 64 << 10

// readForm reads an HTML form post into the document that the same post in JSON
// would be: a dot in a name stands for nesting, a ticked box for true. A name
// that the form does not have stays as it is, for the schema to refuse.
func readForm(body string) (post, error) {
	if len(body) > maxBody {
		refused := &refusal{status: http.StatusRequestEntityTooLarge, locale: lead.PortugueseBrazil, form: true}
		if len(body) <= maxShown {
			if pairs, err := formPairs(body); err == nil {
				refused.values = pairs
				refused.locale = post{form: true, document: map[string]any{"locale": pairs["locale"]}}.locale()
			}
		}
		refused.faults = []fault{{code: codeTooLarge}}
		return post{}, refused
	}
	if body == "" {
		return post{}, unreadable(http.StatusBadRequest, codeEmpty)
	}
	pairs, err := formPairs(body)
	if err != nil {
		return post{}, err
	}
	document := map[string]any{}
	for name, value := range pairs {
		group, member, nested := strings.Cut(name, ".")
		if nested && isGroup(group) {
			object, _ := document[group].(map[string]any)
			if object == nil {
				object = map[string]any{}
				document[group] = object
			}
			object[member] = formValue(name, value)
			continue
		}
		if name == "checks" {
			continue // no rule holds there, see checksOf
		}
		if isGroup(name) {
			// "consent=x" beside "consent.accepted=on" would be two values of one member.
			name += "."
		}
		document[name] = value
	}
	return post{document: document, form: true, values: pairs}, nil
}

func isGroup(name string) bool {
	return name == "utm" || name == "consent" || name == "checks"
}

// formValue gives a box its truth value. A browser posts "on" for a ticked box
// and nothing for the others.
func formValue(name, value string) any {
	if name != "consent.accepted" && name != "consent.marketing" {
		return value
	}
	switch value {
	case "on", "true", "1", "yes":
		return true
	case "off", "false", "0", "no":
		return false
	}
	return value
}

// formPairs decodes name=value pairs. It refuses a name that comes twice: which
// of the two was meant is not ours to guess. Of the checks, which refuse nothing, the
// first that is not blank stands.
func formPairs(body string) (map[string]string, error) {
	pairs := map[string]string{}
	for pair := range strings.SplitSeq(body, "&") {
		if pair == "" {
			continue
		}
		rawName, rawValue, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(rawName)
		if err != nil {
			return nil, unreadable(http.StatusBadRequest, codeForm)
		}
		value, err := url.QueryUnescape(rawValue)
		if err != nil {
			return nil, unreadable(http.StatusBadRequest, codeForm)
		}
		for _, text := range []string{name, value} {
			if err := checkText(text); err != nil {
				return nil, err
			}
		}
		first, twice := pairs[name]
		if twice && (name == "checks" || strings.HasPrefix(name, "checks.")) {
			if strings.TrimSpace(first) != "" {
				continue
			}
		} else if twice {
			return nil, &refusal{status: http.StatusBadRequest, locale: lead.English, faults: []fault{{
				path: strings.Split(name, "."), code: codeRepeated,
			}}}
		}
		if pairs[name] = value; len(pairs) > maxKeys {
			return nil, unreadable(http.StatusBadRequest, codeTooManyKeys)
		}
	}
	return pairs, nil
}
