package deploy

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/alquimista-ai/nigredo/infra/config"
)

// Check is one line of a verification.
type Check struct {
	ID     string `json:"id"` // of the requirement
	Name   string `json:"name"`
	Status string `json:"status"` // passed, failed or skipped
	Note   string `json:"note"`   // what was seen, or why it was skipped
}

// Verification is what Verify may do besides looking.
type Verification struct {
	// Token of an operator; without it nothing is read back.
	Token string
	// Leads sends test leads: they have the source verification, and one release makes
	// three at most, since repeats have the same key.
	Leads bool
	// Headers that every page must have, as the site's build wrote them.
	Headers map[string]string
}

// The limits of what is measured (S2.26: API p99 under a second; page S1.70).
const (
	apiLimit  = time.Second
	pageLimit = 3 * time.Second
	samples   = 20
)

// errSkipped says why a check was not made.
type errSkipped string

func (e errSkipped) Error() string { return string(e) }

// Verify tries out what is deployed (S1.66 to S1.70). A failed check is in the
// result; the error is for what kept it from trying.
func (s *Session) Verify(ctx context.Context, v Verification) ([]Check, error) {
	site, err := s.outputs(ctx, s.Config.FrontendStack(), "SiteUrl", "DistributionId")
	if err != nil {
		return nil, err
	}
	backend, err := s.outputs(ctx, s.Config.CoreStack(), "ApiId", "ApiStage")
	if err != nil {
		return nil, err
	}
	live, err := s.live(ctx)
	if err != nil {
		return nil, err
	}
	t := trial{s, v, strings.TrimSuffix(site["SiteUrl"], "/"), live}
	var checks []Check
	for _, c := range []struct {
		id, name string
		do       func(context.Context) (string, error)
	}{
		{"S1.66a", "functions are active", t.functions},
		{"S1.66b", "API Gateway has its stage", func(ctx context.Context) (string, error) {
			out, err := s.Backend.Gateway.GetStage(ctx, &apigateway.GetStageInput{RestApiId: aws.String(backend["ApiId"]), StageName: aws.String(backend["ApiStage"])})
			if err != nil {
				return "", err
			}
			return "deployment " + aws.ToString(out.DeploymentId), nil
		}},
		{"S1.66c", "CloudFront is deployed", func(ctx context.Context) (string, error) {
			out, err := s.Frontend.CloudFront.GetDistribution(ctx, &cloudfront.GetDistributionInput{Id: aws.String(site["DistributionId"])})
			if err != nil {
				return "", err
			}
			if status := aws.ToString(out.Distribution.Status); status != "Deployed" {
				return "", fmt.Errorf("status %s", status)
			}
			return "Deployed", nil
		}},
		{"S1.67", "a lead is created, listed and read", t.lead},
		{"S1.68a", "markup in a field does no harm", t.harmless("markup", `<script>alert(1)</script>`)},
		{"S1.68b", "SQL in a field does no harm", t.harmless("sql", `'; DROP TABLE nigredo.leads; --`)},
		{"S1.68c", "another origin is not allowed", t.origin},
		{"S1.68", "pages have the security headers", t.headers},
		{"S1.69", "alarms, dashboards and the X-Ray group are there", func(ctx context.Context) (string, error) { return "as in the template", s.monitoring(ctx) }},
		{"S1.69", "who gets alarms confirmed it", t.readers},
		{"S1.70", "the API answers in time", t.measure("/health", apiLimit)},
		{"S1.70", "the page loads in time", t.measure("/", pageLimit)},
	} {
		note, err := c.do(ctx)
		check := Check{c.id, c.name, "passed", note}
		switch skipped := errSkipped(""); {
		case err == nil:
		case asSkipped(err, &skipped):
			check.Status, check.Note = "skipped", string(skipped)
		default:
			check.Status, check.Note = "failed", err.Error()
		}
		checks = append(checks, check)
	}
	return checks, ctx.Err()
}

func asSkipped(err error, into *errSkipped) bool {
	e, ok := err.(errSkipped) //nolint:errorlint // made here, never wrapped
	*into = e
	return ok
}

// trial is one verification.
type trial struct {
	*Session
	v    Verification
	base string
	live *Release
}

func (t trial) functions(ctx context.Context) (string, error) {
	if t.live == nil {
		return "", errSkipped("no release is recorded")
	}
	for _, name := range slices.Sorted(maps.Keys(t.live.Functions)) {
		out, err := t.Backend.Lambda.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: aws.String(name), Qualifier: aws.String(config.Alias)})
		if err != nil {
			return "", err
		}
		if out.State != lambdatypes.StateActive {
			return "", fmt.Errorf("%s is %s", name, out.State)
		}
	}
	return fmt.Sprintf("%d functions of %s", len(t.live.Functions), t.live.Name), nil
}

func (t trial) readers(ctx context.Context) (string, error) {
	asked, err := t.unconfirmed(ctx)
	if err == nil && len(asked) > 0 {
		err = fmt.Errorf("not %s: answer the e-mail of SNS, or deploy again to have it sent again", strings.Join(asked, ", "))
	}
	return fmt.Sprintf("%d addresses", len(t.Config.Monitoring.OnCall)+len(t.Config.Monitoring.Team)), err
}

// reply is an answer without its body.
type reply struct {
	StatusCode int
	Status     string
	Header     http.Header
}

// call makes one call and reads its answer, up to a megabyte.
func (t trial) call(ctx context.Context, method, path string, body []byte, headers map[string]string) (reply, string, error) {
	request, err := http.NewRequestWithContext(ctx, method, t.base+path, bytes.NewReader(body))
	if err != nil {
		return reply{}, "", err
	}
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	answer, err := t.HTTP.Do(request)
	if err != nil {
		return reply{}, "", err
	}
	defer answer.Body.Close() //nolint:errcheck // read below
	content, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	return reply{answer.StatusCode, answer.Status, answer.Header}, string(content), err
}

// post sends a test lead. Its key is of the release, so that verifying again makes no
// second one.
func (t trial) post(ctx context.Context, what, text string) (reply, string, error) {
	if !t.v.Leads {
		return reply{}, "", errSkipped("left out: --leads sends test leads")
	}
	body, err := json.Marshal(map[string]any{
		"name": "Verification", "email": "verification@example.com", "message": text, "source": "verification",
		"consent": map[string]any{"accepted": true},
	})
	if err != nil {
		return reply{}, "", err
	}
	name := "unrecorded"
	if t.live != nil {
		name = t.live.Name
	}
	return t.call(ctx, http.MethodPost, "/api/leads", body, map[string]string{
		"Content-Type": "application/json", "Idempotency-Key": "verification-" + name + "-" + what,
	})
}

func (t trial) operator() map[string]string {
	return map[string]string{"Authorization": "Bearer " + t.v.Token}
}

func (t trial) lead(ctx context.Context) (string, error) {
	answer, body, err := t.post(ctx, "lead", "A lead of nigredo verify.")
	if err != nil {
		return "", err
	}
	var receipt struct{ ID, Reference string }
	if err := json.Unmarshal([]byte(body), &receipt); answer.StatusCode != http.StatusCreated || err != nil {
		return "", fmt.Errorf("create: %s", answer.Status)
	}
	if t.v.Token == "" {
		return "", errSkipped("created " + receipt.Reference + "; not listed and not read without a token (--token)")
	}
	for _, path := range []string{"/api/leads?source=verification&limit=100", "/api/leads/" + receipt.ID} {
		answer, body, err := t.call(ctx, http.MethodGet, path, nil, t.operator())
		if err != nil {
			return "", err
		}
		if answer.StatusCode != http.StatusOK || !strings.Contains(body, receipt.ID) {
			return "", fmt.Errorf("%s: %s without the lead %s", path, answer.Status, receipt.ID)
		}
	}
	return "created, listed and read " + receipt.Reference, nil
}

// harmless sends a lead with a hostile text: it is refused, or kept as the text that
// it is and given out as JSON that no browser takes for a page.
func (t trial) harmless(what, text string) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		answer, body, err := t.post(ctx, what, text)
		if err != nil {
			return "", err
		}
		switch answer.StatusCode {
		case http.StatusForbidden, http.StatusBadRequest, http.StatusUnprocessableEntity:
			return "refused with " + answer.Status, nil
		case http.StatusCreated:
		default:
			return "", fmt.Errorf("answered %s", answer.Status)
		}
		if strings.Contains(body, text) {
			return "", fmt.Errorf("the answer repeats it")
		}
		if t.v.Token == "" {
			return "", errSkipped("taken; not read back without a token (--token)")
		}
		var receipt struct{ ID string }
		if err := json.Unmarshal([]byte(body), &receipt); err != nil {
			return "", err
		}
		answer, body, err = t.call(ctx, http.MethodGet, "/api/leads/"+receipt.ID, nil, t.operator())
		if err != nil {
			return "", err
		}
		var kept struct{ Message string }
		if err := json.Unmarshal([]byte(body), &kept); err != nil || kept.Message != text {
			return "", fmt.Errorf("read back as %q (%s)", kept.Message, answer.Status)
		}
		if kind := answer.Header.Get("Content-Type"); !strings.HasPrefix(kind, "application/json") {
			return "", fmt.Errorf("given out as %q", kind)
		}
		return "kept as text, given out as JSON", nil
	}
}

func (t trial) origin(ctx context.Context) (string, error) {
	answer, _, err := t.call(ctx, http.MethodOptions, "/api/leads", nil, map[string]string{
		"Origin": "https://attacker.example", "Access-Control-Request-Method": http.MethodPost,
	})
	if err != nil {
		return "", err
	}
	if allowed := answer.Header.Get("Access-Control-Allow-Origin"); allowed == "*" || strings.Contains(allowed, "attacker") {
		return "", fmt.Errorf("allows %q", allowed)
	}
	return "not allowed", nil
}

func (t trial) headers(ctx context.Context) (string, error) {
	answer, _, err := t.call(ctx, http.MethodGet, "/", nil, nil)
	if err != nil {
		return "", err
	}
	var faults []string
	for _, name := range slices.Sorted(maps.Keys(t.v.Headers)) {
		if got := answer.Header.Get(name); got != t.v.Headers[name] {
			faults = append(faults, fmt.Sprintf("%s is %q", name, got))
		}
	}
	if answer.Header.Get("Strict-Transport-Security") == "" {
		faults = append(faults, "Strict-Transport-Security is missing")
	}
	return fmt.Sprintf("%d headers", len(t.v.Headers)+1), all(faults)
}

// measure calls a path some times, one after the other, and holds the 95th percentile
// against a limit.
func (t trial) measure(path string, limit time.Duration) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		took := make([]time.Duration, 0, samples)
		for range samples {
			start := t.Now()
			answer, _, err := t.call(ctx, http.MethodGet, path, nil, nil)
			if err != nil {
				return "", err
			}
			if answer.StatusCode != http.StatusOK {
				return "", fmt.Errorf("%s: %s", path, answer.Status)
			}
			took = append(took, t.Now().Sub(start))
		}
		slices.Sort(took)
		p50, p95 := took[samples/2], took[samples*95/100]
		note := fmt.Sprintf("p50 %s, p95 %s of %d", p50.Round(time.Millisecond), p95.Round(time.Millisecond), samples)
		if p95 > limit {
			return "", fmt.Errorf("%s, and %s is the limit", note, limit)
		}
		return note, nil
	}
}
