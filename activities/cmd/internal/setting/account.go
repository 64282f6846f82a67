package setting

import (
	"context"
	"errors"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Account gives what AWS's clients need, out of the variables that Lambda sets for a
// function. No client of it tries a call again: that is the business of whoever called
// the function. The SDK's package config is not asked: it looks for files, sign-on and
// instance metadata, which no function has and every start would pay for.
func Account() (aws.Config, error) {
	region := os.Getenv("AWS_REGION")
	if region == "" {
		return aws.Config{}, errors.New("AWS_REGION: not set")
	}
	return aws.Config{
		Region: region, Credentials: aws.CredentialsProviderFunc(credentials), ConfigSources: []any{addresses{}},
		Retryer: func() aws.Retryer { return aws.NopRetryer{} },
	}, nil
}

func credentials(context.Context) (aws.Credentials, error) {
	c := aws.Credentials{
		AccessKeyID: os.Getenv("AWS_ACCESS_KEY_ID"), SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY"),
		SessionToken: os.Getenv("AWS_SESSION_TOKEN"), Source: "environment",
	}
	if !c.HasKeys() {
		return aws.Credentials{}, errors.New("AWS_ACCESS_KEY_ID: not set")
	}
	return c, nil
}

// addresses tells the clients of other endpoints, by the variables that every SDK reads
// ("Service-specific endpoints", AWS SDKs and tools reference).
type addresses struct{}

// GetServiceBaseEndpoint is what the clients ask each of their sources.
func (addresses) GetServiceBaseEndpoint(_ context.Context, service string) (string, bool, error) {
	name := "AWS_ENDPOINT_URL_" + strings.ToUpper(strings.ReplaceAll(service, " ", "_"))
	for _, variable := range []string{name, "AWS_ENDPOINT_URL"} {
		if address := os.Getenv(variable); address != "" {
			return address, true, nil
		}
	}
	return "", false, nil
}
