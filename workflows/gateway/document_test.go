package gateway

import (
	"bytes"
	"testing"
)

func TestNew_RefusesWhatIsMissing(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Config){
		"StartSync":  func(c *Config) { c.StartSync = nil },
		"Invoke":     func(c *Config) { c.Invoke = nil },
		"Authorizer": func(c *Config) { c.Authorizer = nil },
		"Log":        func(c *Config) { c.Log = nil },
		"document":   func(c *Config) { c.Document = nil },
	} {
		b := setup(t)
		change(&b.Config)
		if _, err := New(b.Config); err == nil {
			t.Errorf("%s missing: no error", name)
		}
	}
}

func TestNew_RefusesADocumentItCannotServe(t *testing.T) {
	t.Parallel()
	for name, change := range map[string][2]string{
		"not YAML":                   {"openapi: 3.0.3", "openapi: ["},
		"no version":                 {"openapi: 3.0.3", "openapi: \"\""},
		"another integration type":   {"type: aws_proxy", "type: http_proxy"},
		"no integration":             {"x-amazon-apigateway-integration:", "x-other:"},
		"another service":            {"states:action/StartSyncExecution", "sqs:action/SendMessage"},
		"a function that is no name": {"${ListArn}", "arn:aws:lambda"},
		"a timeout past the limit":   {"timeoutInMillis: 29000", "timeoutInMillis: 30000"},
		"no timeout":                 {"timeoutInMillis: 29000", "timeoutInMillis: 0"},
		"no machine":                 {"x-nigredo-state-machine", "x-other"},
		"silence about security":     {"      security: []\n", ""},
		"no scopes":                  {"- Cognito: [nigredo/console, aws.cognito.signin.user.admin]", "- Cognito: []"},
		"another authorizer":         {"x-amazon-apigateway-authtype: cognito_user_pools", "x-amazon-apigateway-authtype: awsSigv4"},
		"undefined security scheme":  {"- Cognito: [", "- Other: ["},
		"missing gateway response":   {"  UNSUPPORTED_MEDIA_TYPE:", "  OTHER:"},
		"a status that is none":      {`statusCode: "415"`, `statusCode: "4xx"`},
		"a header that is computed":  {`gatewayresponse.header.WWW-Authenticate: "'Bearer'"`, "gatewayresponse.header.WWW-Authenticate: method.request.header.X"},
		"a limit that is no number":  {"x-nigredo-max-body-bytes: 16384", "x-nigredo-max-body-bytes: many"},
	} {
		b := setup(t)
		changed := bytes.ReplaceAll(b.Document, []byte(change[0]), []byte(change[1]))
		if bytes.Equal(changed, b.Document) {
			t.Errorf("%s: %q is not in the document", name, change[0])
		}
		b.Document = changed
		if _, err := New(b.Config); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
