package gateway

import (
	"fmt"
	"net/http"
	"strings"

	"go.uber.org/zap"
)

// responseType is a gateway response type, in API Gateway's spelling. Empty: no
// refusal.
type responseType string

// The refusals that this gateway makes. API Gateway has more; the document
// describes those too.
const (
	missingRoute       responseType = "MISSING_AUTHENTICATION_TOKEN" // API Gateway's name for an unknown route
	unauthorized       responseType = "UNAUTHORIZED"
	accessDenied       responseType = "ACCESS_DENIED"
	badBody            responseType = "BAD_REQUEST_BODY"
	tooLarge           responseType = "REQUEST_TOO_LARGE"
	unsupportedType    responseType = "UNSUPPORTED_MEDIA_TYPE"
	authorizerFailed   responseType = "DEFAULT_5XX"
	integrationFailure responseType = "INTEGRATION_FAILURE"
	integrationTimeout responseType = "INTEGRATION_TIMEOUT"
)

// response is one entry of x-amazon-apigateway-gateway-responses.
type response struct {
	statusCode int
	headers    map[string]string
	body       string
}

const defaultServerErrorStatus = 500 // of DEFAULT_5XX without a statusCode

func readResponses(extensions map[string]any) (map[responseType]response, error) {
	var raw map[responseType]struct {
		StatusCode         string            `json:"statusCode"`
		ResponseParameters map[string]string `json:"responseParameters"`
		ResponseTemplates  map[string]string `json:"responseTemplates"`
	}
	if err := extension(extensions, "x-amazon-apigateway-gateway-responses", &raw); err != nil {
		return nil, err
	}
	responses := make(map[responseType]response, len(raw))
	for name, r := range raw {
		out := response{statusCode: defaultServerErrorStatus, headers: map[string]string{}, body: r.ResponseTemplates["application/json"]}
		if r.StatusCode != "" {
			code, err := statusOf(r.StatusCode)
			if err != nil {
				return nil, fmt.Errorf("read gateway response %s: %w", name, err)
			}
			out.statusCode = code
		}
		for parameter, value := range r.ResponseParameters {
			header, ok := strings.CutPrefix(parameter, "gatewayresponse.header.")
			if !ok || len(value) < 2 || value[0] != '\'' || value[len(value)-1] != '\'' {
				return nil, fmt.Errorf("read gateway response %s: parameter %s is not a constant header", name, parameter)
			}
			out.headers[header] = value[1 : len(value)-1]
		}
		responses[name] = out
	}
	for _, name := range []responseType{
		missingRoute, unauthorized, accessDenied, badBody, tooLarge, unsupportedType,
		authorizerFailed, integrationFailure, integrationTimeout,
	} {
		if responses[name].body == "" {
			return nil, fmt.Errorf("read gateway responses: %s is missing", name)
		}
	}
	return responses, nil
}

// refuse writes the gateway response of a type.
func (g *Gateway) refuse(w http.ResponseWriter, id string, name responseType) {
	r := g.routes.responses[name]
	w.Header().Set("x-amzn-ErrorType", string(name))
	if name == tooLarge {
		w.Header().Set("Connection", "close") // the rest of the body is not read
	}
	answer := Answer{StatusCode: r.statusCode, Headers: r.headers, Body: r.body}
	answer.write(w)
	g.cfg.Log.Info("Gateway: request refused", zap.String("request_id", id), zap.String("response_type", string(name)), zap.Int("status_code", r.statusCode))
}
