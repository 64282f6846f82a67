package sfn

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// Each row breaks one member of a request that is otherwise right. Error names,
// and texts where a recording or the reference gives one, are AWS's.
func TestOperations_RefuseBadMembers(t *testing.T) {
	t.Parallel()
	const (
		arn  = `"stateMachineArn":"` + machineARN + `"`
		exec = `"executionArn":"` + executionARN + `"`
		mk   = `"name":"m","definition":"{}","roleArn":"` + roleOfM + `"`
	)
	long := func(n int) string { return strings.Repeat("a", n) }
	type row struct{ name, body, kind, message string }
	const invalid, serial = "ValidationException", "SerializationException"
	one := func(text string) string { return "1 validation error detected: " + text }
	missing := func(member string) string {
		return one("Value null at '" + member + "' failed to satisfy constraint: Member must not be null")
	}

	executionRows := func(member string) []row {
		return []row{
			{"no ARN", `{}`, invalid, missing(member)},
			{"null ARN", `{"` + member + `":null}`, invalid, missing(member)},
			{"empty ARN", `{"` + member + `":""}`, invalid, one("Value '' at '" + member + "' failed to satisfy constraint: Member must have length greater than or equal to 1")},
			{"long ARN", `{"` + member + `":"` + long(257) + `"}`, invalid, one("Value '" + long(257) + "' at '" + member + "' failed to satisfy constraint: Member must have length less than or equal to 256")},
			{"number for ARN", `{"` + member + `":7}`, serial, "NUMBER_VALUE cannot be converted to String"},
			{"true for ARN", `{"` + member + `":true}`, serial, "TRUE_VALUE cannot be converted to String"},
			{"object for ARN", `{"` + member + `":{}}`, serial, "Start of structure or map found where not expected."},
			{"list for ARN", `{"` + member + `":["a"]}`, serial, "Start of list found where not expected"},
		}
	}
	included := func(prefix string) row {
		return row{
			"unknown includedData", `{` + prefix + `,"includedData":"SOME"}`, invalid,
			one("Value 'SOME' at 'includedData' failed to satisfy constraint: Member must satisfy enum value set: [ALL_DATA, METADATA_ONLY]"),
		}
	}
	pages := func(prefix string, longest int, longestText string) []row {
		return []row{
			{"maxResults 1001", `{` + prefix + `"maxResults":1001}`, invalid, one("Value '1001' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 1000")},
			{"maxResults -1", `{` + prefix + `"maxResults":-1}`, invalid, one("Value '-1' at 'maxResults' failed to satisfy constraint: Member must have value greater than or equal to 0")},
			{"maxResults 1.5", `{` + prefix + `"maxResults":1.5}`, serial, ""},
			{"maxResults 1e99", `{` + prefix + `"maxResults":1e99}`, serial, ""},
			{"maxResults text", `{` + prefix + `"maxResults":"10"}`, serial, "STRING_VALUE cannot be converted to Integer"},
			{"empty nextToken", `{` + prefix + `"nextToken":""}`, invalid, one("Value '' at 'nextToken' failed to satisfy constraint: Member must have length greater than or equal to 1")},
			{"long nextToken", `{` + prefix + `"nextToken":"` + long(longest+1) + `"}`, invalid, one("Value '" + long(longest+1) + "' at 'nextToken' failed to satisfy constraint: Member must have length less than or equal to " + longestText)},
		}
	}
	startRows := func() []row {
		return append(executionRows("stateMachineArn"), []row{
			{"empty name", `{` + arn + `,"name":""}`, invalid, one("Value '' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 1")},
			{"long name", `{` + arn + `,"name":"` + long(81) + `"}`, invalid, one("Value '" + long(81) + "' at 'name' failed to satisfy constraint: Member must have length less than or equal to 80")},
			{"empty input", `{` + arn + `,"input":""}`, "InvalidExecutionInput", "Invalid State Machine Execution Input: 'Invalid execution input.'"},
			{"input not a string", `{` + arn + `,"input":{"a":1}}`, serial, "Start of structure or map found where not expected."},
			{"large input", `{` + arn + `,"input":"` + long(262_145) + `"}`, invalid, one("Value at 'input' failed to satisfy constraint: Member must have size less than or equal to 262144 bytes in UTF-8 encoding")},
			{"large input in bytes", `{` + arn + `,"input":"` + strings.Repeat("é", 131_073) + `"}`, invalid, one("Value at 'input' failed to satisfy constraint: Member must have size less than or equal to 262144 bytes in UTF-8 encoding")},
			{"long traceHeader", `{` + arn + `,"traceHeader":"` + long(257) + `"}`, invalid, ""},
			{"traceHeader not ASCII", `{` + arn + `,"traceHeader":"Root=é"}`, invalid, ""},
			{"two faults", `{"name":"","stateMachineArn":""}`, invalid, "2 validation errors detected: " +
				"Value '' at 'stateMachineArn' failed to satisfy constraint: Member must have length greater than or equal to 1; " +
				"Value '' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 1"},
			{"wrong type beats constraints", `{"name":"","stateMachineArn":1}`, serial, ""},
		}...)
	}

	tables := map[string][]row{
		"ListStateMachines":    pages("", 1024, "1024"),
		"DescribeStateMachine": append(executionRows("stateMachineArn"), included(arn)),
		"CreateStateMachine": {
			{"nothing", `{}`, invalid, "3 validation errors detected: " +
				"Value null at 'name' failed to satisfy constraint: Member must not be null; " +
				"Value null at 'definition' failed to satisfy constraint: Member must not be null; " +
				"Value null at 'roleArn' failed to satisfy constraint: Member must not be null"},
			{"empty definition", `{"name":"m","definition":"","roleArn":"` + roleOfM + `"}`, invalid, one("Value at 'definition' failed to satisfy constraint: Member must have length greater than or equal to 1")},
			{"definition as object", `{"name":"m","definition":{},"roleArn":"` + roleOfM + `"}`, serial, ""},
			{"long name", `{"name":"` + long(81) + `","definition":"{}","roleArn":"` + roleOfM + `"}`, invalid, ""},
			{"no role ARN", `{"name":"m","definition":"{}","roleArn":"admin"}`, "InvalidArn", "Invalid Role Arn: 'admin'"},
			{"role of another service", `{"name":"m","definition":"{}","roleArn":"arn:aws:sts::000000000000:role/x"}`, "InvalidArn", ""},
			{"user for role", `{"name":"m","definition":"{}","roleArn":"arn:aws:iam::000000000000:user/x"}`, "InvalidArn", ""},
			{"short account", `{"name":"m","definition":"{}","roleArn":"arn:aws:iam::12:role/x"}`, "InvalidArn", ""},
			{"nameless role", `{"name":"m","definition":"{}","roleArn":"arn:aws:iam::000000000000:role/"}`, "InvalidArn", ""},
			{"unknown type", `{` + mk + `,"type":"FAST"}`, invalid, one("Value 'FAST' at 'type' failed to satisfy constraint: Member must satisfy enum value set: [STANDARD, EXPRESS]")},
			{"publish", `{` + mk + `,"publish":true}`, invalid, ""},
			{"publish as text", `{` + mk + `,"publish":"true"}`, serial, ""},
			{"version description without publish", `{` + mk + `,"versionDescription":"d"}`, invalid, ""},
			{"long version description", `{` + mk + `,"versionDescription":"` + long(257) + `"}`, invalid, ""},
			{"unknown log level", `{` + mk + `,"loggingConfiguration":{"level":"SOME"}}`, invalid, ""},
			{"logging to nowhere", `{` + mk + `,"loggingConfiguration":{"level":"ALL"}}`, "InvalidLoggingConfiguration", ""},
			{"logging to two places", `{` + mk + `,"loggingConfiguration":{"level":"ALL","destinations":[{},{}]}}`, "InvalidLoggingConfiguration", ""},
			{"destinations as text", `{` + mk + `,"loggingConfiguration":{"level":"ALL","destinations":["x"]}}`, serial, ""},
			{"logging as list", `{` + mk + `,"loggingConfiguration":[]}`, serial, ""},
			{"tracing", `{` + mk + `,"tracingConfiguration":{"enabled":true}}`, "InvalidTracingConfiguration", ""},
			{"tracing as number", `{` + mk + `,"tracingConfiguration":{"enabled":1}}`, serial, ""},
			{"customer key", `{` + mk + `,"encryptionConfiguration":{"type":"CUSTOMER_MANAGED_KMS_KEY","kmsKeyId":"k"}}`, "InvalidEncryptionConfiguration", ""},
			{"encryption without type", `{` + mk + `,"encryptionConfiguration":{}}`, invalid, ""},
			{"key reused too long", `{` + mk + `,"encryptionConfiguration":{"type":"AWS_OWNED_KEY","kmsDataKeyReusePeriodSeconds":901}}`, invalid, ""},
			{"tag without a key", `{` + mk + `,"tags":[{"key":"","value":"v"}]}`, invalid, ""},
			{"long tag value", `{` + mk + `,"tags":[{"key":"k","value":"` + long(257) + `"}]}`, invalid, ""},
			{"too many tags", `{` + mk + `,"tags":[` + strings.TrimSuffix(strings.Repeat(`{"key":"k"},`, 51), ",") + `]}`, "TooManyTags", ""},
			{"tags as object", `{` + mk + `,"tags":{"key":"k"}}`, serial, ""},
		},
		"StartExecution":     startRows(),
		"StartSyncExecution": append(startRows(), included(arn)),
		"StopExecution": append(executionRows("executionArn"), []row{
			{"long error", `{` + exec + `,"error":"` + long(257) + `"}`, invalid, one("Value at 'error' failed to satisfy constraint: Member must have length less than or equal to 256")},
			{"long cause", `{` + exec + `,"cause":"` + long(32_769) + `"}`, invalid, one("Value at 'cause' failed to satisfy constraint: Member must have length less than or equal to 32768")},
			{"error as number", `{` + exec + `,"error":1}`, serial, ""},
		}...),
		"DescribeExecution": append(executionRows("executionArn"), included(exec)),
		"ListExecutions": append(pages(arn+",", 3096, "3096"), []row{
			{"neither ARN", `{}`, invalid, ""},
			{"both ARNs", `{` + arn + `,"mapRunArn":"arn:aws:states:us-east-1:000000000000:mapRun:m/l:u"}`, invalid, ""},
			{"map run", `{"mapRunArn":"arn:aws:states:us-east-1:000000000000:mapRun:m/l:u"}`, "ResourceNotFound", ""},
			{"long map run", `{"mapRunArn":"` + long(2001) + `"}`, invalid, ""},
			{"lower-case status", `{` + arn + `,"statusFilter":"succeeded"}`, invalid, one("Value 'succeeded' at 'statusFilter' failed to satisfy constraint: Member must satisfy enum value set: [SUCCEEDED, TIMED_OUT, PENDING_REDRIVE, ABORTED, FAILED, RUNNING]")},
			{"status of map runs", `{` + arn + `,"statusFilter":"PENDING_REDRIVE"}`, invalid, ""},
			{"redrive filter on a machine", `{` + arn + `,"redriveFilter":"REDRIVEN"}`, invalid, ""},
			{"unknown redrive filter", `{` + arn + `,"redriveFilter":"MAYBE"}`, invalid, ""},
		}...),
		"GetExecutionHistory": append(append(executionRows("executionArn"), pages(exec+",", 1024, "1024")...), []row{
			{"reverseOrder as text", `{` + exec + `,"reverseOrder":"true"}`, serial, "STRING_VALUE cannot be converted to Boolean"},
			{"includeExecutionData as number", `{` + exec + `,"includeExecutionData":0}`, serial, "NUMBER_VALUE cannot be converted to Boolean"},
		}...),
		"RedriveExecution": append(executionRows("executionArn"), []row{
			{"empty token", `{` + exec + `,"clientToken":""}`, invalid, ""},
			{"long token", `{` + exec + `,"clientToken":"` + long(65) + `"}`, invalid, ""},
			{"blank in token", `{` + exec + `,"clientToken":"a b"}`, invalid, one("Value 'a b' at 'clientToken' failed to satisfy constraint: Member must satisfy regular expression pattern: [!-~]+")},
			{"token with a line end", `{` + exec + `,"clientToken":"ab\n"}`, invalid, ""},
			{"token not ASCII", `{` + exec + `,"clientToken":"é"}`, invalid, ""},
		}...),
	}
	for operation := range New(&fake{}, nil).operations {
		if len(tables[operation]) == 0 {
			t.Errorf("%s: no row", operation)
		}
	}
	for operation, rows := range tables {
		for _, c := range rows {
			t.Run(operation+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				b := setup(t)
				status, body := b.call(t, operation, c.body)
				var got struct {
					Type    string `json:"__type"`
					Message string `json:"message"`
				}
				if err := json.Unmarshal([]byte(body), &got); err != nil {
					t.Fatal(err)
				}
				if _, kind, _ := strings.Cut(got.Type, "#"); status != http.StatusBadRequest || kind != c.kind {
					t.Fatalf("%d %.400s, want 400 %s", status, body, c.kind)
				}
				if c.message != "" && got.Message != c.message {
					t.Errorf("message:\n got %.400s\nwant %.400s", got.Message, c.message)
				}
				if got.Message == "" {
					t.Error("the refusal says nothing")
				}
				if len(b.engine.asked) > 0 {
					t.Error("reached the engine")
				}
			})
		}
	}
}
