package scenarios

import (
	"testing"

	"github.com/xeipuuv/gojsonschema"

	"github.com/alquimista-ai/nigredo/states"
)

// What a case puts in and what it expects out are of the machine's contract:
// states/schemas/<machine>.input.json and .output.json.
func TestScenarios_KeepToTheSchemas(t *testing.T) {
	t.Parallel()
	for _, m := range written() {
		input, output := schema(t, m.Name+".input"), schema(t, m.Name+".output")
		for _, s := range scenarios(t, m.Name) {
			conforms(t, m.Name+"/"+s.name+": input", input, s.Input)
			for _, r := range append([]run{s.run}, s.Redrives...) {
				if r.Expect.Output != nil {
					conforms(t, m.Name+"/"+s.name+": output", output, r.Expect.Output)
				}
			}
		}
	}
}

func schema(t *testing.T, name string) *gojsonschema.Schema {
	t.Helper()
	raw, err := states.Schema(name)
	if err != nil {
		t.Fatal(err)
	}
	compiled, err := gojsonschema.NewSchema(gojsonschema.NewBytesLoader(raw))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return compiled
}

func conforms(t *testing.T, what string, s *gojsonschema.Schema, document []byte) {
	t.Helper()
	result, err := s.Validate(gojsonschema.NewBytesLoader(document))
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	for _, fault := range result.Errors() {
		t.Errorf("%s: %s", what, fault)
	}
}
