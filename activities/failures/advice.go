package failures

import (
	"net/http"
	"strings"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

// repairFirst tells whether the same event would be refused again as things
// stand.
func repairFirst(g lead.FailureGroup) bool {
	return g.Error == lead.ErrFibonacciRejected.Error() || g.Cause == lead.CauseBlocked
}

// nextStep is a sentence or two on what to do about a group of failures.
func nextStep(g lead.FailureGroup) string {
	switch g.Cause {
	case lead.CauseHTTP:
		return afterStatus(g.StatusCode)
	case lead.CauseDNS:
		return "Check the host name in FIBONACCI_WEBHOOK_URL and its DNS entry. Redrive when it resolves."
	case lead.CauseBlocked:
		return "The receiver's address is private or a metadata service. Correct FIBONACCI_WEBHOOK_URL or its DNS entry, or allow a private network with FIBONACCI_WEBHOOK_PRIVATE. Then redrive."
	case lead.CauseRefused:
		return "Nothing listens at the receiver's address. Ask Fibonacci's operators to start it. Then redrive."
	case lead.CauseTimeoutConnect:
		return "The receiver cannot be reached. Check its firewall and our way out, then ask Fibonacci's operators. Redrive when it answers."
	case lead.CauseTLS:
		return "Ask Fibonacci's operators to renew the certificate or to offer TLS 1.2. Then redrive."
	case lead.CauseTimeoutTLS:
		return "The receiver takes connections and does not go on. Ask Fibonacci's operators whether it is overloaded. Redrive at a low rate when it answers."
	case lead.CauseReset:
		return "The receiver or something before it hangs up. Ask Fibonacci's operators for its log of that time. Then redrive: an event that arrived is known by its webhook-id."
	case lead.CauseTimeoutAnswer:
		return "The receiver takes longer than 5 s. Ask Fibonacci's operators to answer before they work on an event. Redrive at a low rate: an event that arrived is known by its webhook-id."
	case lead.CauseProtocol:
		return "What listens there does not speak HTTP as it should. Check FIBONACCI_WEBHOOK_URL and its port. Then redrive."
	case lead.CauseSecret:
		return "There was no webhook secret to sign with. Check FIBONACCI_WEBHOOK_SECRET or the data folder's secrets. Then redrive."
	case lead.CauseConnection:
		return "The connection failed for a reason of the network. Check our way out. Then redrive."
	}
	return withoutCause(g.Error)
}

func afterStatus(status int) string {
	switch {
	case status >= 300 && status < 400:
		return "The receiver has another address. Ask Fibonacci's operators for it and set FIBONACCI_WEBHOOK_URL: a redirect is not followed. Then redrive."
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return "The receiver does not accept our signature. Compare FIBONACCI_WEBHOOK_SECRET with Fibonacci's operators. Then redrive."
	case status == http.StatusNotFound || status == http.StatusMethodNotAllowed:
		return "There is no receiver at this path. Check FIBONACCI_WEBHOOK_URL with Fibonacci's operators. Then redrive."
	case status == http.StatusRequestTimeout || status >= 500 && status < 600:
		return "The receiver failed. Ask Fibonacci's operators. Redrive when it is repaired."
	case status == http.StatusGone:
		return "The receiver wants no more events. Ask Fibonacci's operators for the address that took its place and set FIBONACCI_WEBHOOK_URL. Then redrive."
	case status == http.StatusTooManyRequests:
		return "The receiver asks for fewer events at a time. Wait as long as it asked for, then redrive at a lower rate."
	}
	return "The receiver refuses the event; its answer says why. Repair it with Fibonacci's operators. Then redrive: before that the same event fails again."
}

// withoutCause is for what ended without an attempt, and for attempts of before
// causes were recorded.
func withoutCause(name string) string {
	switch {
	case name == "":
		return "The execution was stopped before it was done. See who did and why: nigredo executions get with the sample's id. Redrive when that is settled."
	case name == lead.ErrFibonacciRejected.Error():
		return "The receiver refused the event. Repair it with Fibonacci's operators. Then redrive: before that the same event fails again."
	case strings.HasPrefix(name, "Fibonacci."):
		return "The receiver did not take the event. Ask Fibonacci's operators. Redrive when it is repaired."
	case name == lead.Vanished:
		return "Step Functions does not know the execution any more: its history is gone, and no attempt succeeded. A redrive starts a fresh execution under the same webhook-id."
	case name == lead.ErrDatabaseUnavailable.Error():
		return "The database was away. Redrive when GET /health/ready says ok."
	case name == "States.Timeout" || strings.HasPrefix(name, "Lambda."):
		return "The function did not answer. See its log and its concurrency. Then redrive."
	}
	return "The execution failed on our side. See nigredo executions history with the sample's id, and the log of the function deliver. Redrive when it is repaired."
}
