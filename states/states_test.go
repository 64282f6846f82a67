package states

import (
	"encoding/json"
	"io/fs"
	"strings"
	"testing"
)

func TestMachines_ListsEveryFile(t *testing.T) {
	t.Parallel()
	listed := map[string]bool{}
	for _, m := range Machines() {
		listed[m.Name+".asl.json"] = true
		definition, err := Definition(m.Name)
		if err != nil {
			t.Fatal(err)
		}
		if !json.Valid([]byte(definition)) {
			t.Errorf("%s is not JSON", m.Name)
		}
	}
	found, err := fs.Glob(files, "*.asl.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range found {
		if !listed[name] {
			t.Errorf("%s is embedded but not listed", name)
		}
	}
	if len(found) != len(listed) {
		t.Errorf("%d files, %d listed", len(found), len(listed))
	}
}

func TestSubstitute_LeavesNoPlaceholder(t *testing.T) {
	t.Parallel()
	values := map[string]string{
		"ValidateArn": "arn:v", "RatelimitArn": "arn:r", "PersistArn": "arn:p", "DeliverArn": "arn:d",
		"CampaignArn": "arn:c", "FibonacciDeliveryArn": "arn:f:live", "FibonacciDeliveryMachineArn": "arn:f", "RedriveBatchArn": "arn:b", "RedriveCampaignArn": "arn:rc",
		"SweepArn": "arn:s", "SettleArn": "arn:t", "NobodyUsesThis": "x",
	}
	for _, m := range Machines() {
		out, err := Substitute(m.Name, values)
		if err != nil {
			t.Fatalf("%s: %v", m.Name, err)
		}
		if strings.Contains(out, "${") || !json.Valid([]byte(out)) {
			t.Errorf("%s: placeholders left or no JSON:\n%s", m.Name, out)
		}
	}
}

func TestSubstitute_Refuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, definition string
		values           map[string]string
	}{
		{"a placeholder without a value", `{"a":"${Missing}"}`, map[string]string{"Other": "x"}},
		{"an empty value", `{"a":"${Name}"}`, map[string]string{"Name": ""}},
		{"a placeholder that is not closed", `{"a":"${Name"}`, map[string]string{"Name": "x"}},
		{"a placeholder with other characters", `{"a":"${Na-me}"}`, map[string]string{"Na-me": "x"}},
		{"an empty placeholder", `{"a":"${}"}`, map[string]string{"": "x"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if out, err := substitute("m", tt.definition, tt.values); err == nil {
				t.Errorf("accepted: %s", out)
			}
		})
	}
}

func TestSubstitute_EscapesValues(t *testing.T) {
	t.Parallel()
	out, err := substitute("m", `{"a":"${Name}"}`, map[string]string{"Name": `q"\${Other}`})
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]string
	if err := json.Unmarshal([]byte(out), &got); err != nil || got["a"] != `q"\${Other}` {
		t.Errorf("got %q, %v", got["a"], err)
	}
}

func TestDefinition_RefusesUnknownNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "nobody", "../go.mod", "schemas/lead-form"} {
		if _, err := Definition(name); err == nil {
			t.Errorf("Definition(%q) gave a file", name)
		}
		if _, err := Schema(name); err == nil {
			t.Errorf("Schema(%q) gave a file", name)
		}
	}
}
