package validate

import (
	"fmt"
	"strings"

	"github.com/xeipuuv/gojsonschema"
)

// Schema holds a document against the rules that a JSON Schema can say. It is
// the whole of what this package knows of the library behind it, which is no
// longer maintained and may be replaced.
type Schema interface {
	// Check gives what is wrong with doc, nothing when it is valid. doc is made of
	// map[string]any, []any, string, json.Number, bool and nil. It is safe for
	// concurrent use.
	Check(doc any) []Violation
}

// Violation is one broken rule: where, and which.
type Violation struct {
	Path []string // of the value at fault; of the missing or unknown member itself
	Code string   // one of the codes of FieldError
}

// NewSchema compiles a JSON Schema of draft-07. It refuses one that is not, and
// follows no reference out of the document.
func NewSchema(schema []byte) (Schema, error) {
	loader := gojsonschema.NewSchemaLoader()
	loader.Draft = gojsonschema.Draft7
	loader.AutoDetect = false
	loader.Validate = true
	compiled, err := loader.Compile(gojsonschema.NewBytesLoader(schema))
	if err != nil {
		return nil, fmt.Errorf("compile schema: %w", err)
	}
	return jsonSchema{compiled}, nil
}

type jsonSchema struct{ compiled *gojsonschema.Schema }

func (s jsonSchema) Check(doc any) []Violation {
	result, err := s.compiled.Validate(gojsonschema.NewRawLoader(doc))
	if err != nil { // a raw loader cannot fail
		panic("schema: document was not loaded")
	}
	var violations []Violation
	for _, e := range result.Errors() {
		// The library's context begins with its name for the root.
		path := strings.Split(e.Context().String("\x00"), "\x00")[1:]
		if member, ok := e.Details()["property"].(string); ok && (e.Type() == "required" || e.Type() == "additional_property_not_allowed") {
			path = append(path, member)
		}
		violations = append(violations, Violation{Path: path, Code: schemaCode(e.Type())})
	}
	return violations
}

func schemaCode(libraryType string) string {
	switch libraryType {
	case "required", "const":
		return codeRequired
	case "additional_property_not_allowed":
		return codeUnknown
	case "invalid_type":
		return codeWrongType
	case "string_gte":
		return codeTooShort
	case "string_lte":
		return codeTooLong
	case "enum":
		return codeNotAllowed
	}
	return codeFormat
}
