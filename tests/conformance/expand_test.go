package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/alquimista-ai/nigredo/workflows/engine/enginetest"
)

const (
	statesARN = "arn:aws:states:" + enginetest.Region + ":" + enginetest.Account + ":"
	lambdaARN = "arn:aws:lambda:" + enginetest.Region + ":" + enginetest.Account + ":function:"
	rolesARN  = "arn:aws:iam::" + enginetest.Account + ":role/"
)

var arns = strings.NewReplacer(
	"${machine:", statesARN+"stateMachine:",
	"${execution:", statesARN+"execution:",
	"${express:", statesARN+"express:",
	"${function:", lambdaARN,
	"${role:", rolesARN,
)

var shorthand = regexp.MustCompile(`\$\{(machine|execution|express|function|role):([^}]*)\}`)

// expand puts ARNs for their shorthands and replaces {"$fill": …} and its like,
// without touching the order or the spelling of anything else.
func expand(raw []byte) ([]byte, error) {
	raw = shorthand.ReplaceAllFunc(raw, func(match []byte) []byte {
		return []byte(strings.TrimSuffix(arns.Replace(string(match)), "}"))
	})
	decoder := jsontext.NewDecoder(bytes.NewReader(raw))
	var out bytes.Buffer
	if err := expandValue(decoder, &out); err != nil {
		return nil, fmt.Errorf("byte %d: %w", decoder.InputOffset(), err)
	}
	return out.Bytes(), nil
}

func expandValue(decoder *jsontext.Decoder, out *bytes.Buffer) error {
	kind := decoder.PeekKind()
	if kind != '{' && kind != '[' {
		value, err := decoder.ReadValue()
		out.Write(value)
		return err
	}
	if _, err := decoder.ReadToken(); err != nil {
		return err
	}
	begin := out.Len()
	out.WriteByte(byte(kind))
	macro := ""
	for i := 0; decoder.PeekKind() != '}' && decoder.PeekKind() != ']'; i++ {
		if i > 0 {
			out.WriteByte(',')
		}
		if kind == '{' {
			key, err := decoder.ReadValue()
			if err != nil {
				return err
			}
			out.Write(key)
			out.WriteByte(':')
			if name := string(key); name == `"$fill"` || name == `"$invoked"` || name == `"$started"` {
				macro = name
			}
		}
		if err := expandValue(decoder, out); err != nil {
			return err
		}
	}
	end, err := decoder.ReadToken()
	if err != nil {
		return err
	}
	out.WriteByte(byte(end.Kind()))
	if macro == "" {
		return nil
	}
	argument := bytes.TrimSuffix(bytes.TrimPrefix(out.Bytes()[begin:], []byte("{"+macro+":")), []byte("}"))
	text, err := replace(macro, bytes.Clone(argument))
	out.Truncate(begin)
	out.WriteString(text)
	return err
}

func replace(macro string, argument []byte) (string, error) {
	switch macro {
	case `"$fill"`:
		n, err := strconv.Atoi(string(argument))
		return `"` + strings.Repeat("x", n) + `"`, err
	case `"$invoked"`:
		return invoked(argument), nil
	}
	var started struct {
		ARN string `json:"arn"`
		At  int64  `json:"at"`
	}
	err := json.Unmarshal(argument, &started)
	return startedResult(started.ARN, started.At), err
}

// invoked is the result of a lambda:invoke: the headers in the order of the service's
// answer, and once more sorted without regard to case (recordings
// test_lambda_task_service.snapshot.json and radkawar/stackd lambda_integrations.json).
func invoked(payload []byte) string {
	return `{"ExecutedVersion":"$LATEST","Payload":` + string(payload) + `,"SdkHttpMetadata":` + metadata([][2]string{
		{"X-Amz-Executed-Version", "$LATEST"},
		{"x-amzn-Remapped-Content-Length", "0"},
		{"Connection", "keep-alive"},
		{"x-amzn-RequestId", "${id}"},
		{"Content-Length", strconv.Itoa(len(payload))},
		{"Date", "${date}"},
		{"X-Amzn-Trace-Id", "${trace}"},
		{"Content-Type", "application/json"},
	}) + `,"SdkResponseMetadata":{"RequestId":"${id}"},"StatusCode":200}`
}

// startedResult is the result of a states:startExecution: StartDate in milliseconds
// (recording radkawar/stackd task_integrations.json).
func startedResult(arn string, at int64) string {
	// The answer has the time in seconds, as Java writes a double, and ids of 36 letters.
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(float64(at)/1000, 'E', -1, 64), "E+0")
	answer := `{"executionArn":"` + strings.ReplaceAll(arn, "${id}", requestID) + `","startDate":` + mantissa + "E" + exponent + `}`
	return `{"ExecutionArn":"` + arn + `","SdkHttpMetadata":` + metadata([][2]string{
		{"x-amzn-RequestId", "${id}"},
		{"connection", "keep-alive"},
		{"Content-Length", strconv.Itoa(len(answer))},
		{"Date", "${date}"},
		{"Content-Type", "application/x-amz-json-1.0"},
	}) + `,"SdkResponseMetadata":{"RequestId":"${id}"},"StartDate":` + strconv.FormatInt(at, 10) + `}`
}

func metadata(headers [][2]string) string {
	var all, single []string
	for _, h := range headers {
		all = append(all, fmt.Sprintf("%q:[%q]", h[0], h[1]))
		single = append(single, fmt.Sprintf("%q:%q", h[0], h[1]))
	}
	slices.SortFunc(single, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	return `{"AllHttpHeaders":{` + strings.Join(all, ",") + `},"HttpHeaders":{` + strings.Join(single, ",") + `},"HttpStatusCode":200}`
}

// unknowns are what a case cannot know: each with a text that is in every one of its
// kind, since most texts hold none and some are long.
var unknowns = []struct {
	in, name string
	pattern  *regexp.Regexp
}{
	{"-", "${id}", regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)},
	{" GMT", "${date}", regexp.MustCompile(`[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT`)},
	{"Root=1-", "${trace}", regexp.MustCompile(`Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=[01]`)},
}

// mask puts the names of unknowns for them.
func mask(text string) string {
	for _, u := range unknowns {
		if strings.Contains(text, u.in) {
			text = u.pattern.ReplaceAllLiteralString(text, u.name)
		}
	}
	return text
}

// textOf is the text of what may be written as JSON: a JSON string says itself.
func textOf(raw json.RawMessage) string {
	var text string
	if len(raw) > 0 && raw[0] == '"' && json.Unmarshal(raw, &text) == nil {
		return text
	}
	return string(raw) // expand left no blanks
}

func TestExpand_KeepsOrderAndSpelling(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{
		{`{"b": 1.0, "a": [ 1e2, "\u00e9", null ]}`, `{"b":1.0,"a":[1e2,"\u00e9",null]}`},
		{`[{"$fill": 3}, {"a": {"$fill": 0}}]`, `["xxx",{"a":""}]`},
		{`"${machine:m} ${execution:m:x} ${id}"`, `"arn:aws:states:us-east-1:000000000000:stateMachine:m arn:aws:states:us-east-1:000000000000:execution:m:x ${id}"`},
	} {
		got, err := expand([]byte(c.text))
		if err != nil || string(got) != c.want {
			t.Errorf("%s\n got %s, %v\nwant %s", c.text, got, err, c.want)
		}
	}
	for _, text := range []string{``, `{`, `[1,]`, `{"$fill":"n"}`, `{"a":1,"a":2}`} {
		if got, err := expand([]byte(text)); err == nil {
			t.Errorf("%s: taken as %s", text, got)
		}
	}
}
