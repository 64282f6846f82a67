package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// sfnFake answers operations of the Step Functions API with fixed documents; an
// operation it does not have, it refuses.
func sfnFake(t *testing.T, answers map[string]string) string {
	t.Helper()
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		operation := strings.TrimPrefix(r.Header.Get("X-Amz-Target"), "AWSStepFunctions.")
		answer, ok := answers[operation]
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		if !ok {
			answer = `{"__type":"x#UnknownOperationException","message":"` + operation + `"}`
		}
		if strings.HasPrefix(answer, `{"__type"`) {
			w.WriteHeader(http.StatusBadRequest)
		}
		w.Write([]byte(answer)) //nolint:errcheck // a fake
	})
}

func TestExecutionsList_TableAndJSON(t *testing.T) {
	t.Parallel()
	addr := sfnFake(t, map[string]string{"ListExecutions": `{"executions":[
		{"executionArn":"arn:e","stateMachineArn":"arn:m","name":"lead-1","status":"FAILED","startDate":1700000000.123,"stopDate":1700000026,"redriveCount":1}]}`})
	table := nigredo(t, nil, "executions", "list", "--sfn-addr", addr)
	table.want(t, 0, "")
	want := "NAME    STATUS  STARTED               STOPPED               REDRIVES\n" +
		"lead-1  FAILED  2023-11-14 22:13:20Z  2023-11-14 22:13:46Z  1\n"
	if table.stdout != want {
		t.Errorf("got\n%s\nwant\n%s", table.stdout, want)
	}
	document := validJSON(t, nigredo(t, nil, "executions", "list", "--json", "--sfn-addr", addr))
	first := document["executions"].([]any)[0].(map[string]any)
	if first["executionArn"] != "arn:e" || first["redriveCount"] != 1.0 || first["startDate"] != "2023-11-14T22:13:20.123Z" {
		t.Errorf("got %v; want the members in AWS's spelling", first)
	}
}

func TestExecutionsList_NoneIsAnEmptyListInJSON(t *testing.T) {
	t.Parallel()
	got := nigredo(t, nil, "executions", "list", "--json", "--sfn-addr", sfnFake(t, map[string]string{"ListExecutions": `{"executions":[]}`}))
	if list, ok := validJSON(t, got)["executions"].([]any); !ok || len(list) != 0 {
		t.Errorf("got %s; want an empty list", got.stdout)
	}
}

func TestExecutionsGet_CompletesWhatAPersonTypes(t *testing.T) {
	t.Parallel()
	const prefix = "arn:aws:states:us-east-1:000000000000:execution:"
	for typed, want := range map[string]string{
		"arn:aws:states:eu-west-1:111111111111:execution:m:n": "arn:aws:states:eu-west-1:111111111111:execution:m:n",
		"lead-7":                               prefix + "fibonacci_delivery:lead-7",
		"other:lead-7":                         prefix + "other:lead-7",
		"0198c1a2-0000-7000-8000-000000000001": prefix + "fibonacci_delivery:lead-0198c1a2-0000-7000-8000-000000000001",
	} {
		t.Run(typed, func(t *testing.T) {
			t.Parallel()
			asked := make(chan string, 1)
			addr := serve(t, func(w http.ResponseWriter, r *http.Request) {
				var in struct{ ExecutionArn string }
				_ = json.NewDecoder(r.Body).Decode(&in) // checked by what was asked
				asked <- in.ExecutionArn
				w.Header().Set("Content-Type", "application/x-amz-json-1.0")
				fmt.Fprintf(w, `{"executionArn":%q,"status":"RUNNING","startDate":1700000000,"input":"{}"}`, in.ExecutionArn) //nolint:errcheck // a fake
			})
			nigredo(t, nil, "executions", "get", typed, "--sfn-addr", addr).want(t, 0, "")
			if got := <-asked; got != want {
				t.Errorf("asked for %s; want %s", got, want)
			}
		})
	}
}

func TestExecutionsHistory_AllPages(t *testing.T) {
	t.Parallel()
	addr := serve(t, func(w http.ResponseWriter, r *http.Request) {
		var in struct{ NextToken string }
		_ = json.NewDecoder(r.Body).Decode(&in) // checked by the pages
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		page := `{"nextToken":"2","events":[{"id":1,"previousEventId":0,"timestamp":1700000000,"type":"ExecutionStarted","executionStartedEventDetails":{"input":"{}","roleArn":"arn:r"}}]}`
		if in.NextToken == "2" {
			page = `{"events":[{"id":2,"previousEventId":0,"timestamp":1700000000.5,"type":"TaskStateEntered","stateEnteredEventDetails":{"name":"Deliver Webhook"}}]}`
		}
		w.Write([]byte(page)) //nolint:errcheck // a fake
	})
	table := nigredo(t, nil, "executions", "history", "lead-1", "--sfn-addr", addr)
	if strings.Count(table.stdout, "\n") != 3 || !strings.Contains(table.stdout, "Deliver Webhook") {
		t.Errorf("got\n%s\nwant two events", table.stdout)
	}
	events := validJSON(t, nigredo(t, nil, "executions", "history", "lead-1", "--json", "--sfn-addr", addr))["events"].([]any)
	second := events[1].(map[string]any)
	if len(events) != 2 || second["stateEnteredEventDetails"].(map[string]any)["name"] != "Deliver Webhook" {
		t.Errorf("got %v", events)
	}
	if _, there := second["taskFailedEventDetails"]; there {
		t.Errorf("absent details are printed: %v", second)
	}
}

func TestExecutions_ErrorsHaveTheirExitCode(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		operation, kind string
		args            []string
		code            int
		says            string
	}{
		"no such execution":  {"DescribeExecution", "ExecutionDoesNotExist", []string{"executions", "get", "lead-1"}, exitNotFound, "there is no execution lead-1"},
		"no such history":    {"GetExecutionHistory", "ExecutionDoesNotExist", []string{"executions", "history", "lead-1"}, exitNotFound, "there is no execution lead-1"},
		"no such machine":    {"ListExecutions", "StateMachineDoesNotExist", []string{"executions", "list", "--machine", "x"}, exitNotFound, "there is no state machine x"},
		"not an ARN":         {"DescribeExecution", "InvalidArn", []string{"executions", "get", "arn:x"}, exitUsage, "because"},
		"not redrivable":     {"RedriveExecution", "ExecutionNotRedrivable", []string{"redrive", "lead-1"}, exitRefused, "cannot be redriven: because"},
		"nothing to redrive": {"RedriveExecution", "ExecutionDoesNotExist", []string{"redrive", "lead-1"}, exitNotFound, "there is no execution lead-1"},
		"anything else":      {"RedriveExecution", "ValidationException", []string{"redrive", "lead-1"}, exitFailed, "because"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			addr := sfnFake(t, map[string]string{test.operation: `{"__type":"com.amazonaws.swf.service.v2.model#` + test.kind + `","message":"because"}`})
			nigredo(t, nil, append(test.args, "--sfn-addr", addr)...).want(t, test.code, test.says)
		})
	}
}

func TestRedrive_SaysHowToGoOnAndWhatTheLedgerWillSay(t *testing.T) {
	t.Parallel()
	addr := sfnFake(t, map[string]string{"RedriveExecution": `{"redriveDate":1700000000}`})
	for typed, hint := range map[string]string{
		"lead-1":         `nigredo redrive <id of the lead> --reason "…"`,
		leadID:           "nigredo redrive " + leadID + ` --reason "…"`,
		"lead-" + leadID: "nigredo redrive " + leadID + ` --reason "…"`,
		"redrive_campaign:redrive-" + leadID + "-1": "",
	} {
		got := nigredo(t, nil, "redrive", typed, "--sfn-addr", addr)
		got.want(t, 0, hint)
		if !strings.Contains(got.stdout, "nigredo executions get "+typed) {
			t.Errorf("got %q", got.stdout)
		}
		if outside := strings.Contains(got.stderr, "redrive made outside"); outside != (hint != "") {
			t.Errorf("%s: got %q", typed, got.stderr)
		}
	}
}
