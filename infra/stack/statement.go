package stack

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awswafv2"
	"github.com/aws/jsii-runtime-go"
)

// statement is one of WAF's. What follows writes the few that are used as one would
// say them.
type statement = awswafv2.CfnWebACL_StatementProperty

func and(all ...*statement) *statement {
	return &statement{AndStatement: &awswafv2.CfnWebACL_AndStatementProperty{Statements: listOf(all)}}
}

func or(all ...*statement) *statement {
	if len(all) == 1 {
		return all[0]
	}
	return &statement{OrStatement: &awswafv2.CfnWebACL_OrStatementProperty{Statements: listOf(all)}}
}

func not(s *statement) *statement {
	return &statement{NotStatement: &awswafv2.CfnWebACL_NotStatementProperty{Statement: s}}
}

func listOf(all []*statement) *[]any {
	list := make([]any, len(all))
	for i, s := range all {
		list[i] = s
	}
	return &list
}

func asItIs() *[]any {
	return &[]any{&awswafv2.CfnWebACL_TextTransformationProperty{Priority: jsii.Number(0), Type: jsii.String("NONE")}}
}

func exactly(field *awswafv2.CfnWebACL_FieldToMatchProperty, value string) *statement {
	return &statement{ByteMatchStatement: &awswafv2.CfnWebACL_ByteMatchStatementProperty{
		FieldToMatch: field, PositionalConstraint: jsii.String("EXACTLY"), SearchString: jsii.String(value), TextTransformations: asItIs(),
	}}
}

func method(name string) *statement {
	return exactly(&awswafv2.CfnWebACL_FieldToMatchProperty{Method: map[string]any{}}, name)
}

// fromOrigin matches a request that carries one of the values.
func fromOrigin(values []string) *statement {
	var all []*statement
	for _, value := range values {
		all = append(all, exactly(&awswafv2.CfnWebACL_FieldToMatchProperty{SingleHeader: map[string]any{"Name": originHeader}}, value))
	}
	return or(all...)
}

func route(regex string) *statement {
	return &statement{RegexMatchStatement: &awswafv2.CfnWebACL_RegexMatchStatementProperty{
		FieldToMatch: &awswafv2.CfnWebACL_FieldToMatchProperty{UriPath: map[string]any{}}, RegexString: jsii.String(regex), TextTransformations: asItIs(),
	}}
}

// larger matches a body of more bytes, and one of which WAF sees only a part.
func larger(bytes int) *statement {
	return &statement{SizeConstraintStatement: &awswafv2.CfnWebACL_SizeConstraintStatementProperty{
		FieldToMatch:       &awswafv2.CfnWebACL_FieldToMatchProperty{Body: &awswafv2.CfnWebACL_BodyProperty{OversizeHandling: jsii.String("MATCH")}},
		ComparisonOperator: jsii.String("GT"), Size: jsii.Number(bytes), TextTransformations: asItIs(),
	}}
}

// rate matches an address that sends more than limit in five minutes of what scope
// matches; nil: of everything.
func rate(limit int, scope *statement) *statement {
	s := &awswafv2.CfnWebACL_RateBasedStatementProperty{AggregateKeyType: jsii.String("IP"), Limit: jsii.Number(limit), EvaluationWindowSec: jsii.Number(300)}
	if scope != nil {
		s.ScopeDownStatement = scope
	}
	return &statement{RateBasedStatement: s}
}

func from(countries []string) *statement {
	return &statement{GeoMatchStatement: &awswafv2.CfnWebACL_GeoMatchStatementProperty{CountryCodes: jsii.Strings(countries...)}}
}

func label(key string) *statement {
	return &statement{LabelMatchStatement: &awswafv2.CfnWebACL_LabelMatchStatementProperty{Scope: jsii.String("LABEL"), Key: jsii.String(key)}}
}

func visible(metric string) *awswafv2.CfnWebACL_VisibilityConfigProperty {
	return &awswafv2.CfnWebACL_VisibilityConfigProperty{
		MetricName: jsii.String(metric), CloudWatchMetricsEnabled: jsii.Bool(true), SampledRequestsEnabled: jsii.Bool(false),
	}
}

// block refuses: before the API by the gateway's own problem document.
func block() *awswafv2.CfnWebACL_RuleActionProperty {
	return &awswafv2.CfnWebACL_RuleActionProperty{Block: &awswafv2.CfnWebACL_BlockActionProperty{}}
}

// answer refuses with a status, a body and headers: name, value, name, value.
func answer(status int, body string, headers ...string) *awswafv2.CfnWebACL_RuleActionProperty {
	set := []any{&awswafv2.CfnWebACL_CustomHTTPHeaderProperty{Name: jsii.String("Cache-Control"), Value: jsii.String("no-store")}}
	for pair := range slices.Chunk(headers, 2) {
		set = append(set, &awswafv2.CfnWebACL_CustomHTTPHeaderProperty{Name: jsii.String(pair[0]), Value: jsii.String(pair[len(pair)-1])})
	}
	return &awswafv2.CfnWebACL_RuleActionProperty{Block: &awswafv2.CfnWebACL_BlockActionProperty{
		CustomResponse: &awswafv2.CfnWebACL_CustomResponseProperty{ResponseCode: jsii.Number(status), CustomResponseBodyKey: jsii.String(body), ResponseHeaders: &set},
	}}
}
