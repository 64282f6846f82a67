package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	posters  = 4
	interval = 15 * time.Millisecond // between two posts of one poster
	again    = 4                     // one post in so many is one that was not answered
)

// stream posts different leads and keeps the ids of those that were answered
// with 201. A post that was not is sent again as it was a little later, as people
// and browsers do, until it is: that it was stored before the kill and answered
// after it is the case to look at.
type stream struct {
	url    string
	client *http.Client
	stop   context.CancelFunc
	work   sync.WaitGroup

	mu       sync.Mutex
	accepted []string
	other    map[string]int // answers that were no 201, and posts without an answer
}

func startStream(t *testing.T, url string) *stream {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	s := &stream{url: url, client: &http.Client{Timeout: 30 * time.Second}, stop: stop, other: map[string]int{}}
	for poster := range posters {
		s.work.Go(func() { s.post(ctx, poster) })
	}
	t.Cleanup(s.end)
	return s
}

// end stops posting and waits for the last answers.
func (s *stream) end() {
	s.stop()
	s.work.Wait()
}

func (s *stream) post(ctx context.Context, poster int) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	var unanswered []string
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		body := fmt.Sprintf(`{"name":"Ana","email":"ana.%d.%d@example.com","consent":{"accepted":true}}`, poster, n)
		if n%again == 0 && len(unanswered) > 0 {
			body, unanswered = unanswered[0], unanswered[1:]
		}
		if !s.send(context.WithoutCancel(ctx), body) { // a post that began is waited for
			unanswered = append(unanswered, body)
		}
	}
}

// send posts once and notes the answer; false: not accepted.
func (s *stream) send(ctx context.Context, body string) bool {
	id, otherwise := s.ask(ctx, body)
	s.note(id, otherwise)
	return otherwise == ""
}

// ask gives the id of an accepted lead, or what happened in its place.
func (s *stream) ask(ctx context.Context, body string) (id, otherwise string) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"/api/leads", strings.NewReader(body))
	if err != nil {
		return "", err.Error()
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := s.client.Do(request)
	if err != nil {
		return "", "no answer"
	}
	defer response.Body.Close() //nolint:errcheck // read by the decoder
	if response.StatusCode != http.StatusCreated {
		return "", response.Status
	}
	var receipt struct{ ID string }
	if err := json.NewDecoder(response.Body).Decode(&receipt); err != nil {
		return "", "201 cut short"
	}
	return receipt.ID, ""
}

func (s *stream) note(id, otherwise string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if otherwise != "" {
		s.other[otherwise]++
		return
	}
	s.accepted = append(s.accepted, id)
}

// count is how many leads were accepted so far.
func (s *stream) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.accepted)
}
