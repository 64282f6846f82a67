package receiver

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// The defaults of Options.
const (
	DefaultTimeout = 15 * time.Second
	// DefaultLimit is what a delivery waits for its answer.
	DefaultLimit = 5 * time.Second
)

// patience is how many answers that do not come are waited for.
const patience = 3

const noteGood = "a good event is not taken, see " + nameGood

// ErrTarget is returned by Check for a target that it cannot send to; the text
// says what to change.
var ErrTarget = errors.New("receiver check")

// Target is a receiver.
type Target struct {
	// URL is https, or http to loopback.
	URL string
	// Secrets sign, as those of the sender: one, or two while one is replaced.
	Secrets []string
	// Private allows plain http to the addresses of private networks too.
	Private bool
}

// Options are bounds and hooks. The zero value of a field is its default.
type Options struct {
	// Timeout is how long an answer is waited for. It is longer than Limit, so that
	// a slow receiver can be told from a dead one.
	Timeout time.Duration
	// Limit is how long an answer may take.
	Limit time.Duration
	// Now is the clock, for timestamps and for the time that answers took.
	Now func() time.Time
	// Progress gets each result as soon as it is there.
	Progress func(Result)
}

// Check tries the receiver out. It refuses with ErrTarget before anything is
// sent, and with the context's error when that ends; everything else is in the
// Scorecard. At most 18 requests are made, each of which ends within
// Options.Timeout; after three without an answer there are no more.
func Check(ctx context.Context, target Target, options Options) (Scorecard, error) {
	r, err := newRun(target, options)
	if err != nil {
		return Scorecard{}, fmt.Errorf("%w: %w", ErrTarget, err)
	}
	checks := r.checks()
	first := r.perform(ctx, checks[0])
	if err := ctx.Err(); err != nil {
		return Scorecard{}, err
	}
	results := []Result{r.tell(first)}
	for _, c := range checks[1:] {
		result := c.unrun()
		switch {
		case !first.Answers[0].taken():
			result.Note = noteGood
		case r.silent >= patience:
			result.Note = fmt.Sprintf("%d requests had no answer, see %s", r.silent, nameSlow)
		default:
			result = r.perform(ctx, c)
		}
		if err := ctx.Err(); err != nil {
			return Scorecard{}, err
		}
		results = append(results, r.tell(result))
	}
	results = append(results, r.tell(r.slow()), r.tell(r.redirects()))
	card := Scorecard{URL: target.URL, Reachable: first.Answers[0].Status != 0}
	card.Checks = results
	if !card.Reachable {
		card.Verdict = "Not reachable: " + first.Answers[0].Problem + ". " + first.Fix
	}
	card.finish()
	return card, nil
}

// run is one call of Check.
type run struct {
	options Options
	url     *url.URL
	client  *http.Client
	signer  signer
	other   signer // of a secret that is not the receiver's
	answers []Answer
	silent  int // answers that did not come in time
}

func newRun(target Target, options Options) (*run, error) {
	r := &run{options: options}
	if r.options.Timeout == 0 {
		r.options.Timeout = DefaultTimeout
	}
	if r.options.Limit == 0 {
		r.options.Limit = DefaultLimit
	}
	if r.options.Now == nil {
		r.options.Now = time.Now
	}
	if r.options.Progress == nil {
		r.options.Progress = func(Result) {}
	}
	var err error
	if r.url, err = parseURL(target); err != nil {
		return nil, err
	}
	if r.signer, err = newSigner(target.Secrets); err != nil {
		return nil, err
	}
	if r.other, err = stranger(); err != nil {
		return nil, err
	}
	r.client = newClient(r.url, target.Private)
	return r, nil
}

func (r *run) tell(result Result) Result {
	r.options.Progress(result)
	return result
}

// perform sends what a check sends and judges the answers.
func (r *run) perform(ctx context.Context, c check) Result {
	result := c.unrun()
	for _, m := range c.messages {
		if r.silent >= patience || ctx.Err() != nil || c.name == nameGood && len(r.answers) > 0 && !r.answers[0].taken() {
			break
		}
		a := r.send(ctx, m)
		r.answers = append(r.answers, a)
		result.Answers = append(result.Answers, a)
		if a.late {
			r.silent++
		}
	}
	return c.judge(result)
}

func (r *run) send(ctx context.Context, m message) Answer {
	now := r.options.Now()
	body, err := bodyOf(m.data, now)
	if err == nil && m.spread {
		body, err = spread(body)
	}
	if err != nil {
		return Answer{Sent: m.what, Problem: "the event could not be written"}
	}
	s := sent{id: m.id, at: now.Add(m.skew), body: body}
	h := headers(r.signer, s)
	if m.alter != nil {
		m.alter(h, s)
	}
	a := r.post(ctx, h, body)
	a.Sent, a.WebhookID = m.what, m.id
	if a.fix == "" {
		a.fix = m.fix
	}
	return a
}

// shut tells whether the receiver takes nothing, so that there is nothing to
// judge.
func (r *run) shut() bool { return !r.answers[0].taken() && !r.answers[0].redirect() }

// slow judges the time of every answer.
func (r *run) slow() Result {
	result := Result{
		Name: nameSlow, Status: Passed, Answers: []Answer{},
		Want: fmt.Sprintf("every answer within %s", r.options.Limit),
	}
	for _, a := range r.answers {
		if a.late || a.took > r.options.Limit {
			result.Answers = append(result.Answers, a)
		}
	}
	switch {
	case r.shut():
		result.Status, result.Answers, result.Note = NotRun, []Answer{}, noteGood
	case len(result.Answers) > 0:
		result.Status, result.Fix, result.Snippet = Failed, fixSlow, snippetSlow
	}
	return result
}

// redirects judges that no answer is one.
func (r *run) redirects() Result {
	result := Result{Name: nameRedirect, Status: Passed, Answers: []Answer{}, Want: "no answer is 3xx"}
	for _, a := range r.answers {
		if a.redirect() {
			result.Answers = append(result.Answers, a)
		}
	}
	switch {
	case r.shut():
		result.Status, result.Note = NotRun, noteGood
	case len(result.Answers) > 0:
		result.Status, result.Fix = Failed, fixRedirect
	}
	return result
}
