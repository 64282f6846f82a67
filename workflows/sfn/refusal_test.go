package sfn

import (
	"encoding/json"
	"net/http"
	"slices"
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
			{"maxResults 1.5", `{` + prefix + `"maxResults":1.5}`, serial, "DECIMAL_VALUE cannot be converted to Integer"},
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
			{"large input", `{` + arn + `,"input":"` + long(262_145) + `"}`, invalid, one("Value at 'input' failed to satisfy constraint: Member must have length less than or equal to 262144")},
			{"large input in bytes", `{` + arn + `,"input":"` + strings.Repeat("é", 131_073) + `"}`, invalid, one("Value at 'input' failed to satisfy constraint: Member must have length less than or equal to 262144")},
			{"long traceHeader", `{` + arn + `,"traceHeader":"` + long(257) + `"}`, invalid, ""},
			{"traceHeader not ASCII", `{` + arn + `,"traceHeader":"Root=é"}`, invalid, ""},
			{"two faults", `{"name":"","stateMachineArn":""}`, invalid, "2 validation errors detected: " +
				"Value '' at 'stateMachineArn' failed to satisfy constraint: Member must have length greater than or equal to 1; " +
				"Value '' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 1"},
			{"wrong type beats constraints", `{"name":"","stateMachineArn":1}`, serial, ""},
		}...)
	}

	// settingRows are what Create and Update say of the services around a machine;
	// given is a request that needs nothing more.
	settingRows := func(given string) []row {
		const destination = "Invalid Logging Configuration: Must specify exactly one Log Destination."
		group := func(arn string) string { return `{"cloudWatchLogsLogGroup":{"logGroupArn":"` + arn + `"}}` }
		logging := func(members string) string { return `{` + given + `,"loggingConfiguration":{` + members + `}}` }
		encryption := func(members string) string { return `{` + given + `,"encryptionConfiguration":{` + members + `}}` }
		return []row{
			{"publish", `{` + given + `,"publish":true}`, invalid, "publish is not supported: this endpoint keeps no versions"},
			{"publish as text", `{` + given + `,"publish":"true"}`, serial, "STRING_VALUE cannot be converted to Boolean"},
			{"version description without publish", `{` + given + `,"versionDescription":"d"}`, invalid, "Version description can only be set when publish is true"},
			{"long version description", `{` + given + `,"versionDescription":"` + long(257) + `"}`, invalid, one("Value at 'versionDescription' failed to satisfy constraint: Member must have length less than or equal to 256")},
			{"unknown log level", logging(`"level":"SOME"`), invalid, one("Value 'SOME' at 'loggingConfiguration.level' failed to satisfy constraint: Member must satisfy enum value set: [ALL, ERROR, FATAL, OFF]")},
			{"log level as number", logging(`"level":1`), serial, "NUMBER_VALUE cannot be converted to String"},
			{"data of logs as text", logging(`"includeExecutionData":"x"`), serial, "STRING_VALUE cannot be converted to Boolean"},
			{"logging to nowhere", logging(`"level":"ALL"`), "InvalidLoggingConfiguration", destination},
			{"logging to no destination", logging(`"level":"ALL","destinations":[]`), "InvalidLoggingConfiguration", destination},
			{"logging to an empty destination", logging(`"level":"ALL","destinations":[{}]`), "InvalidLoggingConfiguration", destination},
			{"logging to two places", logging(`"level":"ALL","destinations":[` + group("a") + `,` + group("b") + `]`), "InvalidLoggingConfiguration", destination},
			{"no logging to two places", logging(`"level":"OFF","destinations":[` + group("a") + `,` + group("b") + `]`), "InvalidLoggingConfiguration", destination},
			{"empty log group", logging(`"destinations":[` + group("") + `]`), invalid, one("Value '' at 'loggingConfiguration.destinations.1.member.cloudWatchLogsLogGroup.logGroupArn' failed to satisfy constraint: Member must have length greater than or equal to 1")},
			{"destinations as text", logging(`"level":"ALL","destinations":["x"]`), serial, "Unexpected value type in payload"},
			{"destinations as structure", logging(`"level":"ALL","destinations":{}`), serial, "Start of structure or map found where not expected."},
			{"log group as list", logging(`"level":"ALL","destinations":[{"cloudWatchLogsLogGroup":[]}]`), serial, "Start of list found where not expected"},
			{"logging as list", `{` + given + `,"loggingConfiguration":[]}`, serial, "Start of list found where not expected"},
			{"tracing", `{` + given + `,"tracingConfiguration":{"enabled":true}}`, "InvalidTracingConfiguration", ""},
			{"tracing as number", `{` + given + `,"tracingConfiguration":{"enabled":1}}`, serial, "NUMBER_VALUE cannot be converted to Boolean"},
			{"tracing as text", `{` + given + `,"tracingConfiguration":"on"}`, serial, "Unexpected field type"},
			{"customer key", encryption(`"type":"CUSTOMER_MANAGED_KMS_KEY","kmsKeyId":"k"`), "InvalidEncryptionConfiguration", ""},
			{"unknown encryption", encryption(`"type":"NONE"`), invalid, one("Value 'NONE' at 'encryptionConfiguration.type' failed to satisfy constraint: Member must satisfy enum value set: [AWS_OWNED_KEY, CUSTOMER_MANAGED_KMS_KEY]")},
			{"encryption without type", encryption(``), invalid, one("Value null at 'encryptionConfiguration.type' failed to satisfy constraint: Member must not be null")},
			{"empty key", encryption(`"type":"AWS_OWNED_KEY","kmsKeyId":""`), invalid, one("Value '' at 'encryptionConfiguration.kmsKeyId' failed to satisfy constraint: Member must have length greater than or equal to 1")},
			{"key reused too long", encryption(`"type":"AWS_OWNED_KEY","kmsDataKeyReusePeriodSeconds":901`), invalid, one("Value '901' at 'encryptionConfiguration.kmsDataKeyReusePeriodSeconds' failed to satisfy constraint: Member must have value less than or equal to 900")},
			{"key reused too short", encryption(`"type":"AWS_OWNED_KEY","kmsDataKeyReusePeriodSeconds":59`), invalid, one("Value '59' at 'encryptionConfiguration.kmsDataKeyReusePeriodSeconds' failed to satisfy constraint: Member must have value greater than or equal to 60")},
		}
	}
	roleRows := func(given string) []row {
		role := func(arn string) string { return `{` + given + `,"roleArn":"` + arn + `"}` }
		return []row{
			{"no role ARN", role("admin"), "InvalidArn", "Invalid Role Arn: 'admin'"},
			{"empty role ARN", role(""), invalid, one("Value '' at 'roleArn' failed to satisfy constraint: Member must have length greater than or equal to 1")},
			{"long role ARN", role(long(257)), invalid, one("Value '" + long(257) + "' at 'roleArn' failed to satisfy constraint: Member must have length less than or equal to 256")},
			{"role as number", `{` + given + `,"roleArn":1}`, serial, "NUMBER_VALUE cannot be converted to String"},
			{"role of another service", role("arn:aws:sts::000000000000:role/x"), "InvalidArn", "Invalid Role Arn: 'arn:aws:sts::000000000000:role/x'"},
			{"user for role", role("arn:aws:iam::000000000000:user/x"), "InvalidArn", ""},
			{"short account", role("arn:aws:iam::12:role/x"), "InvalidArn", ""},
			{"nameless role", role("arn:aws:iam::000000000000:role/"), "InvalidArn", ""},
		}
	}
	definitionRows := func(prefix, suffix string) []row {
		return []row{
			{"empty definition", `{` + prefix + `"definition":""` + suffix + `}`, invalid, one("Value at 'definition' failed to satisfy constraint: Member must have length greater than or equal to 1")},
			{"definition as structure", `{` + prefix + `"definition":{}` + suffix + `}`, serial, "Start of structure or map found where not expected."},
			{"definition as list", `{` + prefix + `"definition":[]` + suffix + `}`, serial, "Start of list found where not expected"},
		}
	}

	tables := map[string][]row{
		"ListStateMachines":    pages("", 1024, "1024"),
		"DescribeStateMachine": append(executionRows("stateMachineArn"), included(arn)),
		"CreateStateMachine": append(slices.Concat(
			definitionRows(`"name":"m",`, `,"roleArn":"`+roleOfM+`"`), roleRows(`"name":"m","definition":"{}"`), settingRows(mk),
		), []row{
			{"nothing", `{}`, invalid, "3 validation errors detected: " +
				"Value null at 'name' failed to satisfy constraint: Member must not be null; " +
				"Value null at 'definition' failed to satisfy constraint: Member must not be null; " +
				"Value null at 'roleArn' failed to satisfy constraint: Member must not be null"},
			{"long name", `{"name":"` + long(81) + `","definition":"{}","roleArn":"` + roleOfM + `"}`, invalid, ""},
			{"unknown type", `{` + mk + `,"type":"FAST"}`, invalid, one("Value 'FAST' at 'type' failed to satisfy constraint: Member must satisfy enum value set: [STANDARD, EXPRESS]")},
			{"tag without a key", `{` + mk + `,"tags":[{"key":"k"},{"key":"","value":"v"}]}`, invalid, one("Value '' at 'tags.2.member.key' failed to satisfy constraint: Member must have length greater than or equal to 1")},
			{"long tag value", `{` + mk + `,"tags":[{"key":"k","value":"` + long(257) + `"}]}`, invalid, ""},
			{"too many tags", `{` + mk + `,"tags":[` + strings.TrimSuffix(strings.Repeat(`{"key":"k"},`, 51), ",") + `]}`, "TooManyTags", ""},
			{"tags as object", `{` + mk + `,"tags":{"key":"k"}}`, serial, ""},
		}...),
		"UpdateStateMachine": append(slices.Concat(
			executionRows("stateMachineArn"), definitionRows(arn+",", ""), roleRows(arn), settingRows(arn+`,"definition":"{}"`),
		), []row{
			{"two faults", `{"definition":"","roleArn":""}`, invalid, "3 validation errors detected: " +
				"Value null at 'stateMachineArn' failed to satisfy constraint: Member must not be null; " +
				"Value at 'definition' failed to satisfy constraint: Member must have length greater than or equal to 1; " +
				"Value '' at 'roleArn' failed to satisfy constraint: Member must have length greater than or equal to 1"},
		}...),
		"DeleteStateMachine":               executionRows("stateMachineArn"),
		"DescribeStateMachineForExecution": append(executionRows("executionArn"), included(exec)),
		"ValidateStateMachineDefinition": append(definitionRows("", ""), []row{
			{"nothing", `{}`, invalid, missing("definition")},
			{"unknown type", `{"definition":"{}","type":"standard"}`, invalid, one("Value 'standard' at 'type' failed to satisfy constraint: Member must satisfy enum value set: [STANDARD, EXPRESS]")},
			{"unknown severity", `{"definition":"{}","severity":"INFO"}`, invalid, one("Value 'INFO' at 'severity' failed to satisfy constraint: Member must satisfy enum value set: [ERROR, WARNING]")},
			{"maxResults 101", `{"definition":"{}","maxResults":101}`, invalid, one("Value '101' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 100")},
			{"maxResults -1", `{"definition":"{}","maxResults":-1}`, invalid, one("Value '-1' at 'maxResults' failed to satisfy constraint: Member must have value greater than or equal to 0")},
			{"maxResults text", `{"definition":"{}","maxResults":"1"}`, serial, "STRING_VALUE cannot be converted to Integer"},
		}...),
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
			{"redrive filter on a machine", `{` + arn + `,"redriveFilter":"REDRIVEN"}`, invalid, "RedriveFilter cannot be applied to ListExecutions call with StateMachine ARN"},
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
