package lambda

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/infra/config"
)

// templates are what AWS is told, see infra/stack.
var templates = []string{"NigredoStack-prod", "NigredoFibonacciReceiverStack-dev"}

// Each function starts with the variables that its template gives it and those that Lambda
// sets, and no other: nothing that it needs is missing. And it starts without none of
// them, or refuses nonsense in its place: nothing is set that it does not read.
func TestTemplates_GiveEveryFunctionWhatItReads(t *testing.T) {
	t.Parallel()
	secrets := httptest.NewServer(http.HandlerFunc(giveSecret))
	t.Cleanup(secrets.Close)
	seen := map[string]bool{}
	for _, name := range templates {
		for activity, variables := range environments(t, name) {
			seen[activity] = true
			t.Run(activity, func(t *testing.T) {
				t.Parallel()
				if said, ready := try(t, activity, secrets.URL, variables); !ready {
					t.Fatalf("does not start with what %s gives it: %s", name, said)
				}
				for variable := range variables {
					without := maps.Clone(variables)
					delete(without, variable)
					said, ready := try(t, activity, secrets.URL, without)
					if ready { // it has a default
						without[variable] = "?"
						said, ready = try(t, activity, secrets.URL, without)
					}
					if ready || !strings.Contains(said, variable) {
						t.Errorf("%s is set by %s and not read: %s", variable, name, said)
					}
				}
			})
		}
	}
	for _, f := range append(config.All(), config.Function{Activity: "fibonacci"}) {
		if !seen[f.Activity] {
			t.Errorf("no template has %s", f.Activity)
		}
	}
}

// try starts a function and tells whether it asks for a call, and what it wrote.
func try(t *testing.T, activity, secrets string, variables map[string]string) (said string, ready bool) {
	t.Helper()
	env := []string{
		"AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_SESSION_TOKEN=test",
		"AWS_LAMBDA_FUNCTION_NAME=test", "AWS_LAMBDA_FUNCTION_VERSION=1", "AWS_ENDPOINT_URL_SECRETS_MANAGER=" + secrets,
	}
	for name, value := range variables {
		env = append(env, name+"="+value)
	}
	log := &journal{}
	i, err := launch(filepath.Join(binaries, activity), env, log)
	if err != nil {
		t.Fatal(err)
	}
	defer i.kill()
	select {
	case <-i.ready:
		ready = true
	case <-i.exited:
	case <-time.After(patience):
		t.Fatalf("%s neither starts nor ends", activity)
	}
	return log.String(), ready
}

// giveSecret is Secrets Manager: the last part of an ARN says which of ours it is.
func giveSecret(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var ask struct {
		ID string `json:"SecretId"`
	}
	_ = json.Unmarshal(body, &ask)
	value, ok := map[string]string{
		"WebhookSecret": webhookSecret, "StampKey": lead.NewStampKey(), "MasterUserSecret.SecretArn": `{"username":"owner","password":"of-a-test"}`,
	}[ask.ID[strings.LastIndex(ask.ID, ":")+1:]]
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	if !ok {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"__type":"ResourceNotFoundException"}`)
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]string{"ARN": ask.ID, "SecretString": value})
}

// environments reads the variables of a template's functions, by activity.
func environments(t *testing.T, name string) map[string]map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "infra", "stack", "testdata", "golden", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var template struct {
		Resources map[string]struct {
			Type       string
			Properties struct {
				Description string
				Environment struct{ Variables map[string]any }
			}
		}
	}
	if err := json.Unmarshal(text, &template); err != nil {
		t.Fatal(err)
	}
	found := map[string]map[string]string{}
	for id, resource := range template.Resources {
		_, activity, ours := strings.Cut(resource.Properties.Description, "activities/")
		if resource.Type != "AWS::Lambda::Function" || !ours {
			continue
		}
		found[activity] = map[string]string{}
		for variable, value := range resource.Properties.Environment.Variables {
			found[activity][variable] = settled(t, id+"."+variable, value)
		}
	}
	return found
}

// settled is what CloudFormation makes of a value, with things of this machine for those
// of AWS.
func settled(t *testing.T, of string, value any) string {
	t.Helper()
	if text, ok := value.(string); ok {
		return text
	}
	call, _ := value.(map[string]any)
	if len(call) != 1 {
		t.Fatalf("%s: %v", of, value)
	}
	function := slices.Collect(maps.Keys(call))[0]
	args, _ := call[function].([]any)
	switch function {
	case "Ref":
		return secretARN(fmt.Sprint(call[function]))
	case "Fn::ImportValue": // of the backend's secret
		if strings.Contains(fmt.Sprint(call[function]), "WebhookSecret") {
			return secretARN("WebhookSecret")
		}
	case "Fn::GetAtt":
		switch attribute := fmt.Sprint(args[1]); attribute {
		case "Endpoint.Address":
			return "127.0.0.1"
		case "Endpoint.Port":
			return "1"
		default:
			return secretARN(attribute)
		}
	case "Fn::Join":
		var all strings.Builder
		for _, part := range args[1].([]any) {
			all.WriteString(settled(t, of, part))
		}
		return all.String()
	}
	t.Fatalf("%s: this test does not know %s", of, function)
	return ""
}

func secretARN(name string) string {
	return "arn:aws:secretsmanager:us-east-1:000000000000:secret:" + name
}
