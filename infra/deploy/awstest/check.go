package awstest

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/dlclark/regexp2/v2"
)

// check holds a value against a shape and gives all faults. Values are those that
// the codecs make: map[string]any by the model's member names, []any, string,
// json.Number, bool, []byte.
func (a *api) check(where, shapeName string, value any) error {
	s := a.Shapes[shapeName]
	wrong := func(format string, values ...any) error {
		return fmt.Errorf("%s: %s", where, fmt.Sprintf(format, values...))
	}
	switch s.Type {
	case "structure":
		return a.checkStructure(where, s, value)
	case "list":
		items, ok := value.([]any)
		if !ok {
			return wrong("is no list")
		}
		errs := []error{s.between(where, float64(len(items)))}
		for i, item := range items {
			errs = append(errs, a.check(fmt.Sprintf("%s[%d]", where, i), s.Member.Shape, item))
		}
		return errors.Join(errs...)
	case "map":
		entries, ok := value.(map[string]any)
		if !ok {
			return wrong("is no map")
		}
		errs := []error{s.between(where, float64(len(entries)))}
		for key, item := range entries {
			errs = append(errs, a.check(where+" key", s.Key.Shape, key), a.check(where+"."+key, s.Value.Shape, item))
		}
		return errors.Join(errs...)
	case "string":
		text, ok := value.(string)
		if !ok {
			return wrong("is no string")
		}
		return s.checkString(where, text)
	case "integer", "long", "float", "double":
		number, ok := value.(json.Number)
		if !ok {
			return wrong("is no number")
		}
		n, err := number.Float64()
		if err != nil {
			return wrong("is no number: %v", err)
		}
		return s.between(where, n)
	case "boolean":
		if _, ok := value.(bool); !ok {
			return wrong("is no boolean")
		}
	case "blob":
		content, ok := value.([]byte)
		if !ok {
			return wrong("is no blob")
		}
		return s.between(where, float64(len(content)))
	}
	return nil // timestamps: the three protocols write them in three ways
}

func (a *api) checkStructure(where string, s *shape, value any) error {
	members, ok := value.(map[string]any)
	if !ok {
		return fmt.Errorf("%s: is no structure", where)
	}
	var errs []error
	for _, name := range s.Required {
		if _, ok := members[name]; !ok {
			errs = append(errs, fmt.Errorf("%s.%s: is missing", where, name))
		}
	}
	for name, item := range members {
		m, ok := s.Members[name]
		if !ok {
			errs = append(errs, fmt.Errorf("%s.%s: there is no such member", where, name))
			continue
		}
		errs = append(errs, a.check(where+"."+name, m.Shape, item))
	}
	return errors.Join(errs...)
}

func (s *shape) checkString(where, text string) error {
	if len(s.Enum) > 0 && !slices.Contains(s.Enum, text) {
		return fmt.Errorf("%s: %q is none of %v", where, text, s.Enum)
	}
	if s.Pattern != "" {
		// AWS matches the whole value, whether or not the pattern says so.
		pattern, err := regexp2.Compile(`^(?:`+s.Pattern+`)$`, regexp2.None)
		if err != nil {
			return fmt.Errorf("%s: pattern of the model: %w", where, err)
		}
		if ok, err := pattern.MatchString(text); err != nil || !ok {
			return fmt.Errorf("%s: %q does not match %s", where, text, s.Pattern)
		}
	}
	return s.between(where, float64(utf8.RuneCountInString(text)))
}

// between holds a number, or the length of anything else, against the bounds.
func (s *shape) between(where string, n float64) error {
	if (s.Min != nil && n < *s.Min) || (s.Max != nil && n > *s.Max) {
		return fmt.Errorf("%s: %g is not within %s and %s", where, n, bound(s.Min), bound(s.Max))
	}
	return nil
}

func bound(n *float64) string {
	if n == nil {
		return "any"
	}
	return fmt.Sprintf("%g", *n)
}
