// Package api holds the description of the HTTP API and the two mapping
// templates of its one Step Functions integration, as files to read from.
//
// openapi.yaml is the one source: CDK deploys it as the body of the REST API,
// package gateway serves it locally, and it is published without its
// x-amazon- members. What differs between deployments stands in it as a
// ${Name} placeholder; Placeholders lists the names. A template goes in where
// ${RequestTemplate} or ${ResponseTemplate} stands.
package api

import _ "embed"

//go:embed openapi.yaml
var document []byte

//go:embed request.vtl
var requestTemplate string

//go:embed response.vtl
var responseTemplate string

// Document returns openapi.yaml, placeholders unresolved. The slice is the
// caller's own.
func Document() []byte { return append([]byte(nil), document...) }

// RequestTemplate returns request.vtl: it makes a StartSyncExecution request out
// of a form post. Its only placeholder is ${LeadIntakeArn}.
func RequestTemplate() string { return requestTemplate }

// ResponseTemplate returns response.vtl: it makes the HTTP answer out of what
// StartSyncExecution said, error or not. It has no placeholder.
func ResponseTemplate() string { return responseTemplate }

// Placeholders lists every name that may stand as ${Name} in the document or in
// a template. Whoever deploys resolves all of them.
func Placeholders() []string {
	return []string{
		"ApiRoleArn", "BalanceArn", "FailuresArn", "GetArn", "HealthArn", "LeadIntakeArn", "ListArn", "Partition",
		"RedrivesArn", "Region", "ReleaseArn", "RequestTemplate", "ResponseTemplate", "RightsArn", "StampArn", "StatsArn",
		"UserPoolArn", "ViewsArn",
	}
}
