// Package setting reads the configuration of a Lambda function from its
// environment, once, at its start. An error names the variable and what it must
// be; it never quotes the value, which may be a secret.
//
//	NIGREDO_DATABASE_URL       ratelimit, persist, deliver, track, sweep, settle, list, get,
//	                           failures, redrives, campaign, balance, release, rights, views,
//	                           stats, health, migrate; required
//	NIGREDO_DATABASE_AUTH      as above; iam signs in with a token of AWS, made anew for each connection:
//	                           the URL then has a user, no password and sslmode=verify-full; default: the URL's password
//	NIGREDO_DATABASE_CA        as above; a PEM file of who may vouch for the server, or rds for AWS's
//	                           authorities, which are embedded; default: those of the system
//	NIGREDO_DATABASE_SECRET_ARN  migrate; JSON {"username","password"} in Secrets Manager, instead of iam
//	NIGREDO_RATE_LIMIT         ratelimit, persist; submissions an hour, 0 is off; default 10
//	FIBONACCI_WEBHOOK_URL      deliver; required
//	FIBONACCI_WEBHOOK_SECRET   deliver, fibonacci; whsec_…, two with a blank between them while they rotate; required
//	FIBONACCI_WEBHOOK_PRIVATE  deliver; true allows a receiver in a private network; default false
//	FIBONACCI_EVENT_BUS        fibonacci; name or ARN of the event bus; required
//	FIBONACCI_DELIVERY_ARN     release; ARN of the state machine fibonacci_delivery; required
//	NIGREDO_STAMP_KEY          stamp, validate; 32 to 64 random bytes in base64, the same for both; required
//	REDRIVE_CAMPAIGN_ARN       redrives; ARN of the state machine redrive_campaign; required
//	NIGREDO_TRACES_ENDPOINT    all; where spans go, see package tracing; default: there are none
//
// FIBONACCI_WEBHOOK_SECRET_ARN and NIGREDO_STAMP_KEY_ARN name a secret in AWS Secrets
// Manager instead of the variable without _ARN; one of the two must be set, not both.
// The webhook secret is read anew every five minutes and kept while Secrets Manager
// does not answer; the stamp key once, at the start.
package setting

import (
	"fmt"
	"os"
	"strconv"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

const defaultRateLimit = 10

// Required gives a variable that has no default.
func Required(name string) (string, error) {
	value := os.Getenv(name)
	if value == "" {
		return "", fmt.Errorf("%s: not set", name)
	}
	return value, nil
}

// Bool gives a variable that is true or false; not set is false.
func Bool(name string) (bool, error) {
	value := os.Getenv(name)
	if value == "" {
		return false, nil
	}
	on, err := strconv.ParseBool(value)
	if err != nil {
		return false, fmt.Errorf("%s: want true or false", name)
	}
	return on, nil
}

// Quota gives the limit of submissions.
func Quota() (lead.Quota, error) {
	const name = "NIGREDO_RATE_LIMIT"
	slots := defaultRateLimit
	if value := os.Getenv(name); value != "" {
		n, err := strconv.Atoi(value)
		if err != nil {
			return lead.Quota{}, fmt.Errorf("%s: want a number", name)
		}
		slots = n
	}
	quota, err := lead.NewQuota(slots)
	if err != nil {
		return lead.Quota{}, fmt.Errorf("%s: %w", name, err)
	}
	return quota, nil
}
