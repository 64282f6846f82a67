package asl

import "testing"

// TestParse_ChecksTransitions: the diagnostics that AWS gave for these graphs, and
// their order (floci-io/floci pull request 2786; localstack issue 11978).
func TestParse_ChecksTransitions(t *testing.T) {
	t.Parallel()
	const missing, end = "MISSING_TRANSITION_TARGET: ", "MISSING_END_STATE: Workflow has no terminal state at null"
	for _, c := range []struct {
		start, states string
		want          []string
	}{
		{"A", `"A":{"Type":"Pass","End":true}`, nil},
		{"A", `"A":{"Type":"Pass","Next":"B"},"B":{"Type":"Pass","Next":"A"}`, []string{end}},
		{"A", `"A":{"Type":"Pass","Next":"B"},"B":{"Type":"Pass","Next":"A"},"Unused":{"Type":"Pass","Next":"A"}`, []string{end}},
		{"A", `"A":{"Type":"Pass","Next":"NOPE"}`, []string{missing + "Missing 'Next' target: NOPE at /States/A/Next", end}},
		{"A", `"A":{"Type":"Pass","Next":"B"},"B":{"Type":"Pass","Next":"A"},"C":{"Type":"Pass","End":true}`, []string{missing + `State "C" is not reachable. at /States/C`}},
		{"pass1", `"pass1":{"Type":"Pass","Next":"pass3"},"pass2":{"Type":"Pass","End":true}`, []string{missing + "Missing 'Next' target: pass3 at /States/pass1/Next", missing + `State "pass2" is not reachable. at /States/pass2`}},
		{"Nope", `"A":{"Type":"Pass","End":true}`, []string{missing + "Missing 'Next' target: Nope at /StartAt", missing + `State "A" is not reachable. at /States/A`}},
		{"Start", `"Start":{"Type":"Pass","End":true},"a/b":{"Type":"Pass","End":true}`, []string{missing + `State "a/b" is not reachable. at /States/a/b`}},
		{"A", `"A":{"Type":"Choice","Choices":[{"Condition":true,"Next":"Z"}],"Default":"Ghost"},"Z":{"Type":"Succeed"}`, []string{missing + "Missing 'Next' target: Ghost at /States/A/Default"}},
		{"T", `"T":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","End":true,"Catch":[{"ErrorEquals":["a"],"Next":"Ghost"}]}`, []string{missing + "Missing 'Next' target: Ghost at /States/T/Catch[0]/Next"}},
		{"T", `"T":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","End":true,"Catch":[{"ErrorEquals":["a"],"Next":"F"}]},"F":{"Type":"Fail"}`, nil},
		{"A", `"A":{"Type":"Choice","Choices":[{"Condition":true,"Next":"A"}]},"F":{"Type":"Fail"}`, []string{missing + `State "F" is not reachable. at /States/F`}},
		{"A", `"A":{"Type":"Pass","Next":"a"},"B":{"Type":"Succeed"}`, []string{missing + "Missing 'Next' target: a at /States/A/Next", missing + `State "B" is not reachable. at /States/B`}},
	} {
		checkProblems(t, `{"QueryLanguage":"JSONata","StartAt":"`+c.start+`","States":{`+c.states+`}}`, c.want...)
	}
}

func TestParse_StateNamesHaveAtMost80Characters(t *testing.T) {
	t.Parallel()
	name := func(n int) string {
		out := ""
		for range n {
			out += "é"
		}
		return out
	}
	checkProblems(t, `{"QueryLanguage":"JSONata","StartAt":"`+name(80)+`","States":{"`+name(80)+`":{"Type":"Succeed"}}}`)
	checkProblems(t, `{"QueryLanguage":"JSONata","StartAt":"`+name(81)+`","States":{"`+name(81)+`":{"Type":"Succeed"}}}`,
		"INVALID_STATE_NAME: Invalid State name: "+name(81)+" exceeds the 80-character limit allowed by the service at /States/"+name(81))
	checkProblems(t, `{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},"":{"Type":"Pass","End":true},"B":{"Type":"Succeed"}}}`,
		"INVALID_STATE_NAME: Invalid State name: it is empty at /States/", `MISSING_TRANSITION_TARGET: State "" is not reachable. at /States/`)
}
