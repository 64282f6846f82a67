package task

import (
	"testing"

	"github.com/aws/aws-lambda-go/events"
)

func TestAddress_IsTheViewersElseThePeers(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ header, viewer, want string }{
		"no CloudFront": {"", "", "192.0.2.1"},
		"IPv4":          {"CloudFront-Viewer-Address", "203.0.113.7:46532", "203.0.113.7"},
		"small letters": {"cloudfront-viewer-address", "203.0.113.7:46532", "203.0.113.7"},
		"IPv6":          {"CloudFront-Viewer-Address", "2001:db8::1:46532", "2001:db8::1"},
		"brackets":      {"CloudFront-Viewer-Address", "[2001:db8::1]:46532", "2001:db8::1"},
		"no port":       {"CloudFront-Viewer-Address", "203.0.113.7", "192.0.2.1"},
		"others' words": {"X-Forwarded-For", "203.0.113.7", "192.0.2.1"},
	} {
		request := events.APIGatewayProxyRequest{Headers: map[string]string{row.header: row.viewer}}
		request.RequestContext.Identity.SourceIP = "192.0.2.1"
		if got := Address(request); got != row.want {
			t.Errorf("%s: %s, want %s", name, got, row.want)
		}
	}
}
