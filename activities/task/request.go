package task

import (
	"strings"

	"github.com/aws/aws-lambda-go/events"
)

// Header gives a header of a request, its name in any case: HTTP/2 writes names in
// small letters, and the REST API hands them on as they came.
func Header(request events.APIGatewayProxyRequest, name string) string {
	for given, value := range request.Headers {
		if strings.EqualFold(given, name) {
			return value
		}
	}
	return ""
}

// Address is the caller's address, by the rule of infra/api/request.vtl: what
// CloudFront says of its viewer, else the peer of the gateway. A WAF rule keeps out who
// claims to be CloudFront, and the local gateway drops the header.
func Address(request events.APIGatewayProxyRequest) string {
	viewer := Header(request, "CloudFront-Viewer-Address")
	if colon := strings.LastIndex(viewer, ":"); colon > 0 {
		return strings.Trim(viewer[:colon], "[]")
	}
	return request.RequestContext.Identity.SourceIP
}
