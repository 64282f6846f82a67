package receiver

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Status is how a check ended.
type Status string

// A check is NotRun when what came before leaves nothing to judge; Note says what.
const (
	Passed Status = "passed"
	Failed Status = "failed"
	NotRun Status = "not run"
)

// Scorecard is what Check found.
type Scorecard struct {
	URL string `json:"url"`
	// Verdict is the whole in a sentence, with what to do next.
	Verdict string `json:"verdict"`
	// Reachable tells whether there was an HTTP answer at all.
	Reachable bool  `json:"reachable"`
	Passed    int   `json:"passed"`
	Failed    int   `json:"failed"`
	NotRun    int   `json:"notRun"`
	SlowestMS int64 `json:"slowestMs"`
	MedianMS  int64 `json:"medianMs"`
	// Checks are in the order in which they were run.
	Checks []Result `json:"checks"`
}

// Full tells whether every check passed.
func (s Scorecard) Full() bool { return len(s.Checks) > 0 && s.Passed == len(s.Checks) }

// Result is one check.
type Result struct {
	Name   string `json:"name"`
	Status Status `json:"status"`
	// Want is the answer that passes, in words.
	Want    string   `json:"want"`
	Answers []Answer `json:"answers"`
	// Note says what the status alone does not.
	Note string `json:"note,omitempty"`
	// Fix says what to change, Snippet shows it in Go. Of failed checks only.
	Fix     string `json:"fix,omitempty"`
	Snippet string `json:"snippet,omitempty"`
}

// Answer is one request and what came of it.
type Answer struct {
	Sent      string `json:"sent"`
	WebhookID string `json:"webhookId,omitempty"`
	// Status is the HTTP status, 0 when there was no answer: Problem says why.
	Status  int    `json:"status,omitempty"`
	MS      int64  `json:"ms"`
	Problem string `json:"problem,omitempty"`

	took time.Duration
	late bool // no answer within Options.Timeout
	fix  string
}

// String is the answer in words.
func (a Answer) String() string {
	if a.Problem != "" {
		return a.Problem
	}
	return fmt.Sprintf("HTTP %d in %d ms", a.Status, a.MS)
}

func (a Answer) taken() bool    { return a.Status >= 200 && a.Status < 300 }
func (a Answer) redirect() bool { return a.Status >= 300 && a.Status < 400 }

// refused tells whether the sender is told that it must not try again.
func (a Answer) refused() bool {
	return a.Status >= 400 && a.Status < 500 && a.Status != 408 && a.Status != 429
}

// finish counts and says the whole in a sentence.
func (s *Scorecard) finish() {
	var failed []string
	var took []time.Duration
	for _, r := range s.Checks {
		switch r.Status {
		case Passed:
			s.Passed++
		case Failed:
			s.Failed++
			failed = append(failed, r.Name)
		case NotRun:
			s.NotRun++
		}
		if r.Name == nameSlow || r.Name == nameRedirect {
			continue // they repeat answers of the others
		}
		for _, a := range r.Answers {
			took = append(took, a.took)
		}
	}
	slices.Sort(took)
	if n := len(took); n > 0 {
		s.SlowestMS, s.MedianMS = took[n-1].Milliseconds(), took[n/2].Milliseconds()
	}
	if s.Verdict != "" {
		return
	}
	s.Verdict = fmt.Sprintf("%d of %d checks passed", s.Passed, len(s.Checks))
	if s.Failed > 0 {
		s.Verdict += ", failed: " + strings.Join(failed, ", ")
	}
	if s.NotRun > 0 {
		s.Verdict += fmt.Sprintf(" (%d not run)", s.NotRun)
	}
}
