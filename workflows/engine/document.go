package engine

import (
	"github.com/alquimista-ai/nigredo/workflows/asl"
)

// payloadLimit is the most that an input or output may measure as JSON, in bytes
// of UTF-8 (Developer Guide, "Service quotas").
const payloadLimit = 262_144

// document is a value that moves between states. Its text is made when something
// asks for it and then kept: an output is the next state's input, and both events
// and the execution's output say it again.
type document struct {
	value any
	text  string
	raw   bool // text is as a caller wrote it

	// quoted is the text as a JSON string, as long as the slate has the number it had.
	quoted []byte
	slate  *slate
	number uint64
}

func newDocument(value any) *document { return &document{value: value} }

// parseDocument reads a text and keeps it as it is.
func parseDocument(text string) (*document, error) {
	value, err := asl.ParseJSON(text)
	if err != nil {
		return nil, err
	}
	return &document{value: value, text: text, raw: true}, nil
}

func (d *document) String() string {
	if d.text == "" {
		s := newSlate()
		defer slates.Put(s)
		s.text = asl.AppendJSON(s.text, d.value)
		d.text = string(s.text)
	}
	return d.text
}

// quote writes the text as a JSON string.
func (d *document) quote(s *slate) {
	if d.slate == s && d.number == s.number {
		s.text = append(s.text, d.quoted...)
		return
	}
	start := len(s.text)
	if d.text != "" {
		s.text = asl.AppendString(s.text, d.text)
	} else {
		s.text = asl.AppendQuoted(s.text, d.value)
	}
	d.quoted, d.slate, d.number = s.text[start:len(s.text):len(s.text)], s, s.number
}

// payloadDepth is how deep a value may nest, so that what is stored can be read again.
const payloadDepth = 10_000

// tooLarge holds the document against the payload limit. Small values are measured from
// above, and monstrous ones from below, without making text.
func (d *document) tooLarge() bool {
	if d.text == "" {
		if textBound(d.value, payloadLimit, payloadDepth) >= 0 {
			return false
		}
		if textLeast(d.value, payloadLimit, payloadDepth) < 0 {
			return true
		}
	}
	return len(d.String()) > payloadLimit
}

// textBound answers what is left of budget after the value's text at its longest,
// or a negative number, which it is too when the value nests deeper than depth.
func textBound(value any, budget, depth int) int {
	switch v := value.(type) {
	case string:
		budget -= 2 + 6*len(v) // a control character takes six bytes
	case []any:
		if depth == 0 {
			return -1
		}
		budget -= 2
		for _, item := range v {
			if budget < 0 {
				return budget
			}
			budget = textBound(item, budget-1, depth-1)
		}
	case *asl.Object:
		if depth == 0 {
			return -1
		}
		budget -= 2
		for key, item := range v.All() {
			if budget < 0 {
				return budget
			}
			budget = textBound(item, budget-4-6*len(key), depth-1)
		}
	default:
		budget -= 25
	}
	return budget
}

// textLeast is textBound for the value's text at its shortest.
func textLeast(value any, budget, depth int) int {
	switch v := value.(type) {
	case string:
		budget -= 2 + len(v)
	case []any:
		if depth == 0 {
			return -1
		}
		budget -= max(2, 1+len(v)) // the brackets, and the commas between
		for _, item := range v {
			if budget < 0 {
				return budget
			}
			budget = textLeast(item, budget, depth-1)
		}
	case *asl.Object:
		if depth == 0 {
			return -1
		}
		budget -= max(2, 1+v.Len())
		for key, item := range v.All() {
			if budget < 0 {
				return budget
			}
			budget = textLeast(item, budget-3-len(key), depth-1)
		}
	default:
		budget--
	}
	return budget
}
