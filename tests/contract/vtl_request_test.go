package contract

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"pgregory.net/rapid"

	"github.com/alquimista-ai/nigredo/workflows/gateway"
)

// maxInput is the most an execution's input may have, in bytes.
const maxInput = 262_144

// hostile are texts that have broken mapping templates.
func hostile() map[string]string {
	return map[string]string{
		"empty":               "",
		"apostrophe":          `{"name":"Ana O'Brien"}`,
		"double quotes":       `{"name":"Ana \"the\" Brien"}`,
		"escaped apostrophe":  `\'`,
		"two backslashes":     `\\'`,
		"backslashes":         `C:\new\table\u0041 \\ \`,
		"template quotes":     `@@,@@sourceIp@@:@@1.2.3.4`,
		"dollar":              `$ $input.body ${body} $!body $util.escapeJavaScript("x") \$x`,
		"number sign":         `# ## #set($body = "x") #end #* c *# #[[ x ]]# #foreach($a in $b)`,
		"controls":            "\x00\x01\x02\b\t\n\v\f\r\x1b\x1f\x7f",
		"astral":              "😀𝒳\U0010ffff",
		"line separators":     "a\u2028b\u2029c",
		"BOM and replacement": "\ufeff\ufffd",
		"bidi":                "\u202eevil\u2066",
		"combining":           "e\u0301",
		"invalid JSON":        `{"name":`,
		"closing input":       `"}","stateMachineArn":"arn:evil","x":"{`,
		"form":                "name=Ana+O%27Brien&consent.accepted=on&message=%22%5C",
		"percent and slash":   `100% </script> //`,
	}
}

func browser() map[string]string {
	return map[string]string{"Content-Type": "application/json", "User-Agent": "Mozilla/5.0 (X11; Linux x86_64)"}
}

func requests() map[string]gatewayRequest {
	all := map[string]gatewayRequest{}
	add := func(name string, header, query map[string]string, body string) {
		all[name] = gatewayRequest{Header: header, QueryString: query, Body: body, SourceIP: "203.0.113.7", RequestID: "11111111-2222-3333-4444-555555555555"}
	}
	for name, text := range hostile() {
		add("body: "+name, browser(), nil, text)
		add("headers: "+name, map[string]string{
			"Content-Type": text, "User-Agent": text, "Idempotency-Key": text, "Origin": text,
		}, nil, "{}")
	}
	for name, c := range map[string]string{"quotes": `"`, "apostrophes": `'`, "backslashes": `\`, "controls": "\x01"} {
		add("16 KiB of "+name, browser(), nil, strings.Repeat(c, 16<<10))
	}
	add("16 KiB of emoji", browser(), nil, strings.Repeat("😀", 4<<10))
	add("no headers", map[string]string{}, nil, "{}")
	add("header names in lower case", map[string]string{
		"content-type": "application/x-www-form-urlencoded", "user-agent": "curl", "idempotency-key": "k", "origin": "https://alquimista.ai",
	}, nil, "a=b")
	add("header names in upper case", map[string]string{
		"CONTENT-TYPE": "application/json; charset=utf-8", "USER-AGENT": "curl", "IDEMPOTENCY-KEY": "k", "ORIGIN": "https://alquimista.ai",
	}, nil, "{}")
	add("query parameters with the names of headers", browser(), map[string]string{
		"Idempotency-Key": "from the query", "idempotency-key": "from the query", "Origin": "x", "CloudFront-Viewer-Address": "6.6.6.6:1", "body": "x",
	}, "{}")
	add("headers named like map methods", map[string]string{
		"get": "x", "keySet": "y", "class": "z", "constructor": "c", "body": "no", "sourceIp": "6.6.6.6",
	}, nil, "{}")
	add("other headers that name an address", map[string]string{
		"X-Forwarded-For": "6.6.6.6", "Forwarded": "for=6.6.6.6", "X-Real-IP": "6.6.6.6", "True-Client-IP": "6.6.6.6",
	}, nil, "{}")
	for _, viewer := range []string{
		"198.51.100.10:46532", "[2001:db8::1]:443", "2001:db8::1:46532", "2001:db8:0:1:2:3:4:5:443", "198.51.100.10", "", ":443", `1'2"3\:4`,
	} {
		add("viewer "+viewer, map[string]string{"CloudFront-Viewer-Address": viewer}, nil, "{}")
		add("viewer in lower case "+viewer, map[string]string{"cloudfront-viewer-address": viewer}, nil, "{}")
	}
	for seed := range 300 {
		text := rapid.String().Example(seed)
		add("random "+text, map[string]string{"User-Agent": text}, nil, text)
	}
	return all
}

// local is what the local gateway makes of the same request.
func (r gatewayRequest) local() gateway.Intake {
	header := http.Header{}
	for name, value := range r.Header {
		header.Set(name, value)
	}
	return gateway.NewIntake(gateway.Request{Header: header, Body: r.Body, SourceIP: r.SourceIP, RequestID: r.RequestID})
}

func TestRequestTemplate_StartsWhatTheLocalGatewayStarts(t *testing.T) {
	t.Parallel()
	all := requests()
	names := slices.Sorted(maps.Keys(all))
	var job renderJob
	for _, name := range names {
		job.Requests = append(job.Requests, all[name])
	}
	out := render(t, job).Requests
	for i, name := range names {
		// This decoder refuses duplicate keys and invalid UTF-8.
		var start struct {
			StateMachineArn string `json:"stateMachineArn"`
			Input           string `json:"input"`
		}
		if err := json.Unmarshal([]byte(out[i]), &start, json.RejectUnknownMembers(true)); err != nil {
			t.Errorf("%s: %v\n%.400s", name, err, out[i])
			continue
		}
		if start.StateMachineArn != "${LeadIntakeArn}" {
			t.Errorf("%s: stateMachineArn %q", name, start.StateMachineArn)
		}
		if len(start.Input) > maxInput {
			t.Errorf("%s: input of %d bytes, at most %d", name, len(start.Input), maxInput)
		}
		var got map[string]string
		if err := json.Unmarshal([]byte(start.Input), &got); err != nil {
			t.Errorf("%s: input: %v\n%.400s", name, err, start.Input)
			continue
		}
		var want map[string]string
		if err := json.Unmarshal(all[name].local().JSON(), &want); err != nil {
			t.Fatal(err)
		}
		if !maps.Equal(got, want) {
			t.Errorf("%s:\ntemplate %.400q\ngateway  %.400q", name, got, want)
		}
	}
}

func TestRequestTemplate_InputIsOfTheContract(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		header map[string]string
		want   gateway.Intake
	}{
		"a browser behind CloudFront": {
			map[string]string{
				"content-type": "application/json", "user-agent": "Mozilla/5.0", "idempotency-key": "k1",
				"origin": "https://alquimista.ai", "cloudfront-viewer-address": "198.51.100.10:46532",
			},
			gateway.Intake{
				Body: `{"a":"'"}`, ContentType: "application/json", SourceIP: "198.51.100.10", UserAgent: "Mozilla/5.0",
				RequestID: "r-1", IdempotencyKey: "k1", Origin: "https://alquimista.ai",
			},
		},
		"IPv6 in brackets": {
			map[string]string{"CloudFront-Viewer-Address": "[2001:db8::1]:443"},
			gateway.Intake{Body: `{"a":"'"}`, ContentType: "application/json", SourceIP: "2001:db8::1", RequestID: "r-1"},
		},
		"IPv6 bare": {
			map[string]string{"CloudFront-Viewer-Address": "2001:db8::1:443"},
			gateway.Intake{Body: `{"a":"'"}`, ContentType: "application/json", SourceIP: "2001:db8::1", RequestID: "r-1"},
		},
		"without CloudFront": {
			nil,
			gateway.Intake{Body: `{"a":"'"}`, ContentType: "application/json", SourceIP: "203.0.113.7", RequestID: "r-1"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := gatewayRequest{Header: test.header, Body: `{"a":"'"}`, SourceIP: "203.0.113.7", RequestID: "r-1"}
			if r.Header == nil {
				r.Header = map[string]string{}
			}
			var start struct{ Input string }
			if err := json.Unmarshal([]byte(render(t, renderJob{Requests: []gatewayRequest{r}}).Requests[0]), &start, json.MatchCaseInsensitiveNames(true)); err != nil {
				t.Fatal(err)
			}
			var got gateway.Intake
			if err := json.Unmarshal([]byte(start.Input), &got); err != nil {
				t.Fatal(err)
			}
			if got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}
