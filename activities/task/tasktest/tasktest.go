// Package tasktest calls the activities that answer the API, for their tests.
package tasktest

import (
	"encoding/json"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

// Call invokes an activity as a Lambda proxy integration does and gives its
// answer. request is an events.APIGatewayProxyRequest, or any value with such
// members. A function error fails the test.
func Call(t *testing.T, activity lambda.Handler, request any) events.APIGatewayProxyResponse {
	t.Helper()
	payload, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := activity.Invoke(t.Context(), payload)
	if err != nil {
		t.Fatal(err)
	}
	var response events.APIGatewayProxyResponse
	if err := json.Unmarshal(raw, &response); err != nil {
		t.Fatal(err)
	}
	return response
}

// Read reads the JSON body of an answer.
func Read[T any](t *testing.T, response events.APIGatewayProxyResponse) T {
	t.Helper()
	var body T
	if err := json.Unmarshal([]byte(response.Body), &body); err != nil {
		t.Fatal(err)
	}
	return body
}

// SignedIn is the context of a request by the user "subject-1" with the claim
// cognito:groups; empty: by nobody.
func SignedIn(groups string) events.APIGatewayProxyRequestContext {
	if groups == "" {
		return events.APIGatewayProxyRequestContext{}
	}
	return events.APIGatewayProxyRequestContext{
		Authorizer: map[string]any{"claims": map[string]any{"sub": "subject-1", "cognito:groups": groups}},
	}
}
