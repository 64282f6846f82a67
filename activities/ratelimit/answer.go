package ratelimit

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/task"
	"github.com/alquimista-ai/nigredo/site"
)

// errOutcome is a store that answers what is not in its contract.
var errOutcome = errors.New("an outcome that is not of the contract")

const (
	// policy is the name of the quota in the RateLimit fields.
	policy = "lead-ip"
	// quotaExceeded is the problem type of draft-ietf-httpapi-ratelimit-headers.
	quotaExceeded = "https://iana.org/assignments/http-problem-types#quota-exceeded"
)

// limited is the answer when the hour is full. Retry-After and the t of RateLimit
// are the same number of whole seconds, rounded up: who waits that long finds a
// slot, unless somebody else took it.
func limited(s lead.Submission, quota lead.Quota, wait time.Duration) (task.Answer, error) {
	seconds := max(int(math.Ceil(wait.Seconds())), 1)
	headers := map[string]string{
		"Retry-After":      strconv.Itoa(seconds),
		"RateLimit":        fmt.Sprintf(`"%s";r=0;t=%d`, policy, seconds),
		"RateLimit-Policy": fmt.Sprintf(`"%s";q=%d;w=%d`, policy, quota.Slots, int(quota.Window.Seconds())),
	}
	minutes := (seconds + 59) / 60
	detail := fmt.Sprintf("Too many submissions from this address. Try again in %d min.", minutes)
	if s.Locale == lead.PortugueseBrazil {
		detail = fmt.Sprintf("Muitos envios deste endereço. Tente de novo em %d min.", minutes)
	}
	problem := task.NewProblem(http.StatusTooManyRequests, detail)
	problem.Type = quotaExceeded
	problem.ViolatedPolicies = []string{policy}
	return refuse(s, problem, headers, wait)
}

// conflict is the answer when the key was used for other content.
func conflict(s lead.Submission) (task.Answer, error) {
	detail := "This Idempotency-Key was used for other content. Send a new key with new content."
	if s.Locale == lead.PortugueseBrazil {
		detail = "Esta Idempotency-Key foi usada com outro conteúdo. Envie uma chave nova com o conteúdo novo."
	}
	return refuse(s, task.NewProblem(http.StatusUnprocessableEntity, detail), nil, 0)
}

// refuse answers a program with the problem and a person with the form, the
// answers kept as far as a submission has them.
func refuse(s lead.Submission, problem task.Problem, headers map[string]string, wait time.Duration) (task.Answer, error) {
	if !s.Form {
		return problem.Answer(headers), nil
	}
	page := site.FormPage{Locale: s.Locale, Status: problem.Status, RetryAfter: wait, Values: answers(s)}
	var html strings.Builder
	if err := site.RenderLead(&html, page); err != nil {
		return task.Answer{}, task.In("render form page", err)
	}
	return task.Page(problem.Status, html.String(), headers), nil
}

// answers are the form's values by the names it posts. The consent was given, or
// there would be no submission.
func answers(s lead.Submission) map[string]string {
	values := map[string]string{
		"name": s.Name, "email": s.Email, "company": s.Company, "phone": s.Phone, "message": s.Message,
		"variant":          s.Variant,
		"consent.accepted": "on",
		"consent.textHash": s.Consent.TextHash,
	}
	if s.Consent.Marketing {
		values["consent.marketing"] = "on"
		values["consent.marketingTextHash"] = s.Consent.MarketingTextHash
	}
	for name, value := range s.UTM {
		values["utm."+name] = value
	}
	return values
}
