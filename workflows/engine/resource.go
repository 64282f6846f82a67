package engine

import (
	"regexp"
	"strings"
)

// A Resource is arn:aws:states:::<service>:<action>, the service of an AWS SDK
// integration with a prefix of its own, or the ARN of a function.
const (
	resourcePrefix = "arn:aws:states:::"
	sdkPrefix      = "aws-sdk:"
	// syncSuffix is the pattern "Run a Job" whose result is JSON, not text.
	syncSuffix = ".sync:2"
)

// lambdaARN is the ARN of a function, with or without a version or an alias (API
// model of Lambda, FunctionArn).
var lambdaARN = regexp.MustCompile(`^arn:aws[a-zA-Z-]*:lambda:[a-z]{2}(-gov|-iso[a-z]?)?-[a-z]+-\d:\d{12}:function:[a-zA-Z0-9_-]+(:(\$LATEST|[a-zA-Z0-9_-]+))?$`)

// isLambdaARN says that a Resource is a function itself: its tasks are recorded in
// LambdaFunction events, without service and region.
func isLambdaARN(resource string) bool { return lambdaARN.MatchString(resource) }

// limitOwner names whose result was too large, in AWS's text of
// States.DataLimitExceeded: the service, or the function.
func limitOwner(resource string) string {
	if isLambdaARN(resource) {
		return resource
	}
	service, _ := splitResource(resource)
	return service
}

// splitResource answers how history events name a Resource: the service and the
// action of an integration.
func splitResource(arn string) (resourceType, action string) {
	name := strings.TrimPrefix(arn, resourcePrefix)
	service, sdk := strings.CutPrefix(name, sdkPrefix)
	resourceType, action, _ = strings.Cut(service, ":")
	if sdk {
		resourceType = sdkPrefix + resourceType
	}
	return resourceType, action
}

// waitPattern answers the pattern by which a Resource waits for more than the
// service's answer; empty: it does not.
func waitPattern(resource string) string {
	switch {
	case strings.HasSuffix(resource, ".sync"), strings.HasSuffix(resource, syncSuffix):
		return ".sync"
	case strings.HasSuffix(resource, ".waitForTaskToken"):
		return ".waitForTaskToken"
	}
	return ""
}
