package sfn_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// cli runs the installed AWS CLI against one server.
type cli struct {
	path, url string
	env       []string
}

func newCLI(t *testing.T, url string) *cli {
	t.Helper()
	path, err := exec.LookPath("aws")
	if err != nil {
		t.Skip("the AWS CLI is not installed: the SDK's tests cover the same protocol")
	}
	nowhere := filepath.Join(t.TempDir(), "none")
	return &cli{path: path, url: url, env: append(os.Environ(),
		"AWS_ACCESS_KEY_ID=any", "AWS_SECRET_ACCESS_KEY=any", "AWS_DEFAULT_REGION=us-east-1", "AWS_REGION=us-east-1",
		"AWS_CONFIG_FILE="+nowhere, "AWS_SHARED_CREDENTIALS_FILE="+nowhere, "AWS_EC2_METADATA_DISABLED=true",
		"AWS_MAX_ATTEMPTS=1", "AWS_PAGER=", "AWS_DISABLE_HOST_PREFIX_INJECTION=true")}
}

// run gives the answer and what the CLI complained of. The input goes as JSON: as
// an option, version 1 of the CLI would fetch a value that begins with http://.
func (c *cli) run(t *testing.T, operation string, in map[string]any, options ...string) (map[string]any, string) {
	t.Helper()
	raw, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	args := append([]string{"stepfunctions", operation, "--endpoint-url", c.url, "--output", "json", "--cli-input-json", string(raw)}, options...)
	command := exec.CommandContext(t.Context(), c.path, args...)
	command.Env = c.env
	var out, complaint bytes.Buffer
	command.Stdout, command.Stderr = &out, &complaint
	if err := command.Run(); err != nil {
		if complaint.Len() == 0 {
			t.Fatalf("aws %s: %v", operation, err)
		}
		return nil, complaint.String()
	}
	var answer map[string]any
	if out.Len() == 0 { // of an operation that answers nothing
		return answer, ""
	}
	if err := json.Unmarshal(out.Bytes(), &answer); err != nil {
		t.Fatalf("aws %s: %v: %s", operation, err, out.Bytes())
	}
	return answer, ""
}

func (c *cli) ok(t *testing.T, operation string, in map[string]any, options ...string) map[string]any {
	t.Helper()
	answer, complaint := c.run(t, operation, in, options...)
	if complaint != "" {
		t.Fatalf("aws %s: %s", operation, complaint)
	}
	return answer
}

func TestCLI_WorksUnchanged(t *testing.T) {
	t.Parallel()
	c := newCLI(t, serve(t))

	standard := c.ok(t, "create-state-machine", map[string]any{"name": "m", "definition": fails, "roleArn": role})["stateMachineArn"]
	express := c.ok(t, "create-state-machine", map[string]any{"name": "e", "definition": pass, "roleArn": role, "type": "EXPRESS"})["stateMachineArn"]
	if got := c.ok(t, "validate-state-machine-definition", map[string]any{"definition": fails}); got["result"] != "OK" {
		t.Errorf("validate-state-machine-definition: %v", got)
	}
	if got := c.ok(t, "validate-state-machine-definition", map[string]any{"definition": "{}", "maxResults": 1}); got["result"] != "FAIL" || len(got["diagnostics"].([]any)) != 1 {
		t.Errorf("validate-state-machine-definition: %v", got)
	}
	if got := c.ok(t, "describe-state-machine", map[string]any{"stateMachineArn": standard}); got["definition"] != fails || got["status"] != "ACTIVE" {
		t.Errorf("describe-state-machine: %v", got)
	}
	// The CLI pages by itself: two requests behind one answer.
	if got := c.ok(t, "list-state-machines", map[string]any{}, "--page-size", "1")["stateMachines"].([]any); len(got) != 2 {
		t.Errorf("list-state-machines: %v", got)
	}

	x := c.ok(t, "start-execution", map[string]any{"stateMachineArn": standard, "name": "x", "input": `{"url":"http://example.com"}`})["executionArn"]
	described := c.ok(t, "describe-execution", map[string]any{"executionArn": x})
	for deadline := time.Now().Add(10 * time.Second); described["status"] == "RUNNING" && time.Now().Before(deadline); {
		described = c.ok(t, "describe-execution", map[string]any{"executionArn": x})
	}
	if described["status"] != "FAILED" || described["error"] != "Probe.Failed" || described["redriveStatus"] != "REDRIVABLE" {
		t.Errorf("describe-execution: %v", described)
	}
	if _, has := described["output"]; has {
		t.Errorf("describe-execution: an output of a failed execution: %v", described)
	}
	if got := c.ok(t, "list-executions", map[string]any{"stateMachineArn": standard, "statusFilter": "FAILED"})["executions"].([]any); len(got) != 1 {
		t.Errorf("list-executions: %v", got)
	}

	c.ok(t, "redrive-execution", map[string]any{"executionArn": x})
	want := []string{"ExecutionStarted", "FailStateEntered", "ExecutionFailed", "ExecutionRedriven", "ExecutionFailed"}
	var kinds []string
	for deadline := time.Now().Add(10 * time.Second); len(kinds) < len(want) && time.Now().Before(deadline); {
		kinds = nil
		for _, e := range c.ok(t, "get-execution-history", map[string]any{"executionArn": x}, "--page-size", "2")["events"].([]any) {
			kinds = append(kinds, e.(map[string]any)["type"].(string))
		}
	}
	if !slices.Equal(kinds, want) {
		t.Errorf("get-execution-history: %v, want %v", kinds, want)
	}

	updated := c.ok(t, "update-state-machine", map[string]any{"stateMachineArn": standard, "definition": wait, "loggingConfiguration": map[string]any{"level": "OFF"}})
	got := c.ok(t, "describe-state-machine", map[string]any{"stateMachineArn": standard})
	if got["definition"] != wait || got["revisionId"] != updated["revisionId"] || got["revisionId"] == nil {
		t.Errorf("update-state-machine: %v, %v", updated, got)
	}
	if got := c.ok(t, "describe-state-machine-for-execution", map[string]any{"executionArn": x}); got["definition"] != fails || got["revisionId"] != nil || got["updateDate"] == nil {
		t.Errorf("describe-state-machine-for-execution: %v", got)
	}
	waiting := c.ok(t, "start-execution", map[string]any{"stateMachineArn": standard})["executionArn"]
	if got := c.ok(t, "stop-execution", map[string]any{"executionArn": waiting, "error": "E"}); got["stopDate"] == nil {
		t.Errorf("stop-execution: %v", got)
	}

	if got := c.ok(t, "start-sync-execution", map[string]any{"stateMachineArn": express, "input": `"é"`}); got["status"] != "SUCCEEDED" || got["output"] != `{"got":"é"}` {
		t.Errorf("start-sync-execution: %v", got)
	}

	_, complaint := c.run(t, "stop-execution", map[string]any{"executionArn": "arn:aws:states:us-east-1:000000000000:execution:m:never"})
	if !strings.Contains(complaint, "(ExecutionDoesNotExist) when calling the StopExecution operation: Execution Does Not Exist: 'arn:aws:states:us-east-1:000000000000:execution:m:never'") {
		t.Errorf("stop-execution: %s", complaint)
	}
	_, complaint = c.run(t, "list-executions", map[string]any{"stateMachineArn": express})
	if !strings.Contains(complaint, "(StateMachineTypeNotSupported)") {
		t.Errorf("list-executions: %s", complaint)
	}
	c.ok(t, "start-execution", map[string]any{"stateMachineArn": standard})
	c.ok(t, "delete-state-machine", map[string]any{"stateMachineArn": standard})
	if got := c.ok(t, "describe-state-machine", map[string]any{"stateMachineArn": standard}); got["status"] != "DELETING" {
		t.Errorf("delete-state-machine: %v", got)
	}
	if _, complaint := c.run(t, "start-execution", map[string]any{"stateMachineArn": standard}); !strings.Contains(complaint, "(StateMachineDeleting)") {
		t.Errorf("start-execution: %s", complaint)
	}
	c.ok(t, "delete-state-machine", map[string]any{"stateMachineArn": express})
	if _, complaint := c.run(t, "describe-state-machine", map[string]any{"stateMachineArn": express}); !strings.Contains(complaint, "(StateMachineDoesNotExist)") {
		t.Errorf("delete-state-machine: %s", complaint)
	}
	if _, complaint := c.run(t, "create-activity", map[string]any{"name": "a"}); !strings.Contains(complaint, "CreateActivity is not an operation of this endpoint") {
		t.Errorf("create-activity: %s", complaint)
	}
}
