package config

import "time"

// Function is one Lambda function of the backend.
type Function struct {
	// Activity is the folder below activities/cmd.
	Activity string
	// Name is the last part of the function's name in AWS.
	Name string
	// Place says where the function runs and what it can reach.
	Place Place
	// Database tells whether it speaks to the database, as a user of its own.
	Database bool
	// Timeout is Lambda's: longer than TimeoutSeconds of the state that calls it, so that
	// the state's own error is the one that is seen, and below the 29 seconds of API
	// Gateway for what answers a request.
	Timeout time.Duration
	// Memory in MB. CPU comes with it: 1,769 MB is one core.
	Memory int
	// Concurrency is the reserved concurrency: what it can take of the database's
	// connections, one for each.
	Concurrency int
}

// Place is what a function's network lets it reach.
type Place string

const (
	// Outside is no VPC at all: the function needs no database, and reaches AWS's
	// public endpoints.
	Outside Place = "outside"
	// Isolated is a subnet without a way out: the database and VPC endpoints alone.
	Isolated Place = "isolated"
	// Egress is a subnet with a route to the NAT gateway, for functions that call
	// somebody: the receiver of the webhook, or the API of Step Functions.
	Egress Place = "egress"
)

// DatabaseUser is the function's user in the database, with its own grants only.
func (f Function) DatabaseUser() string { return "nigredo_" + f.Activity }

// ByToken tells whether it connects as its own user with a token of IAM in place of a
// password. Only migrate does not: it is the owner, whose password is in a secret.
func (f Function) ByToken() bool { return f.Database && f.Activity != "migrate" }

// All lists the functions of the backend. Memory and concurrency are those of the
// design's budget; a configuration may change them by Functions.
func All() []Function {
	const second = time.Second
	return []Function{
		{Activity: "validate", Name: "Validate", Place: Outside, Timeout: 5 * second, Memory: 512, Concurrency: 40},
		{Activity: "ratelimit", Name: "Ratelimit", Place: Isolated, Database: true, Timeout: 5 * second, Memory: 256, Concurrency: 10},
		{Activity: "persist", Name: "CreateLead", Place: Isolated, Database: true, Timeout: 5 * second, Memory: 256, Concurrency: 10},
		{Activity: "deliver", Name: "Deliver", Place: Egress, Database: true, Timeout: 20 * second, Memory: 256, Concurrency: 10},
		{Activity: "track", Name: "Track", Place: Isolated, Database: true, Timeout: 10 * second, Memory: 256, Concurrency: 4},
		{Activity: "sweep", Name: "Sweep", Place: Isolated, Database: true, Timeout: 60 * second, Memory: 256, Concurrency: 2},
		{Activity: "settle", Name: "Settle", Place: Isolated, Database: true, Timeout: 60 * second, Memory: 256, Concurrency: 2},
		{Activity: "campaign", Name: "Campaign", Place: Isolated, Database: true, Timeout: 150 * second, Memory: 256, Concurrency: 3},
		{Activity: "list", Name: "ListLeads", Place: Isolated, Database: true, Timeout: 10 * second, Memory: 256, Concurrency: 4},
		{Activity: "get", Name: "GetLead", Place: Isolated, Database: true, Timeout: 10 * second, Memory: 256, Concurrency: 4},
		{Activity: "balance", Name: "Balance", Place: Isolated, Database: true, Timeout: 10 * second, Memory: 256, Concurrency: 2},
		{Activity: "failures", Name: "Failures", Place: Isolated, Database: true, Timeout: 10 * second, Memory: 256, Concurrency: 2},
		{Activity: "stats", Name: "Stats", Place: Isolated, Database: true, Timeout: 10 * second, Memory: 256, Concurrency: 2},
		{Activity: "redrives", Name: "Redrives", Place: Egress, Database: true, Timeout: 10 * second, Memory: 256, Concurrency: 3},
		{Activity: "release", Name: "Release", Place: Egress, Database: true, Timeout: 10 * second, Memory: 256, Concurrency: 2},
		{Activity: "rights", Name: "Rights", Place: Isolated, Database: true, Timeout: 10 * second, Memory: 256, Concurrency: 3},
		{Activity: "views", Name: "Views", Place: Isolated, Database: true, Timeout: 5 * second, Memory: 256, Concurrency: 5},
		{Activity: "health", Name: "Health", Place: Isolated, Database: true, Timeout: 5 * second, Memory: 256, Concurrency: 3},
		{Activity: "stamp", Name: "Stamp", Place: Outside, Timeout: 5 * second, Memory: 256, Concurrency: 20},
		{Activity: "migrate", Name: "Migrate", Place: Egress, Database: true, Timeout: 900 * second, Memory: 512, Concurrency: 1},
	}
}

// FunctionOf gives the function of an activity; ok is false when there is none.
func FunctionOf(activity string) (Function, bool) {
	for _, f := range All() {
		if f.Activity == activity {
			return f, true
		}
	}
	return Function{}, false
}
