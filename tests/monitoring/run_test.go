package monitoring

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alquimista-ai/nigredo/states"
	"github.com/alquimista-ai/nigredo/tests/program"
)

// line is a line of the program's output.
type line struct {
	text   string
	fields map[string]any
}

func machines() []string {
	var names []string
	for _, machine := range states.Machines() {
		names = append(names, machine.Name)
	}
	return names
}

// once holds the lines of the one run that all tests read.
var once = sync.OnceValues(drive)

// run gives what "nigredo up" wrote while it took leads, refused one for the limit,
// delivered and failed webhooks, swept, counted a view and took a rights request.
func run(t *testing.T) []line {
	t.Helper()
	lines, err := once()
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// The limit of the run, so that it is soon reached.
const limit = 3

func drive() (lines []line, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	defer cancel()
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if bytes.Contains(body, []byte("rejected@example.com")) {
			w.WriteHeader(http.StatusUnprocessableEntity)
		}
	}))
	defer receiver.Close()
	dir, err := os.MkdirTemp("", "nigredo-monitoring-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder
	up, err := program.New(ctx, dir, fmt.Sprintf("NIGREDO_RATE_LIMIT=%d", limit), "FIBONACCI_WEBHOOK_URL="+receiver.URL)
	if err != nil {
		return nil, err
	}
	if err := up.Start(ctx); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, up.Stop()) }()

	const asJSON = "application/json"
	for _, step := range []struct {
		method, path, contentType, body string
		status                          int
	}{
		{http.MethodPost, "/api/leads", asJSON, `{"name":"Ana Souza","email":"ana@example.com","source":"feira","consent":{"accepted":true}}`, 201},
		{http.MethodPost, "/api/leads", asJSON, `{"name":"Bia Lima","email":"bia@example.com","source":"feira","consent":{"accepted":true}}`, 201},
		{http.MethodPost, "/api/leads", asJSON, `{"name":"Caio Reis","email":"rejected@example.com","consent":{"accepted":true}}`, 201},
		{http.MethodPost, "/api/leads", asJSON, `{"name":"Davi Melo","email":"davi@example.com","consent":{"accepted":true}}`, 429},
		{http.MethodPost, "/api/leads", asJSON, `{}`, 422},
		{http.MethodPost, "/api/views", "text/plain;charset=UTF-8", `{"page":"/"}`, 204},
		{http.MethodPost, "/api/rights-requests", asJSON, `{"kind":"access","email":"ana@example.com"}`, 202},
		{http.MethodGet, "/health", "", "", 200},
	} {
		if err := call(ctx, up.URL+step.path, step.method, step.contentType, step.body, step.status); err != nil {
			return nil, err
		}
	}
	// The sweep runs by itself at the start; attempts and news of them follow a post.
	wants := []string{`"Sweep: books settled"`, `"Webhook delivered"`, `"Webhook failed"`, "RightsOverdue"}
	tick := time.NewTicker(25 * time.Millisecond)
	defer tick.Stop()
	for {
		out := up.Output.String()
		missing := slices.DeleteFunc(slices.Clone(wants), func(want string) bool { return strings.Contains(out, want) })
		if len(missing) == 0 && strings.Count(out, `"Webhook delivered"`) == 2 {
			return read(out), nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil, fmt.Errorf("the program never wrote %q:\n%s", missing, up.Output.Tail())
		}
	}
}

func call(ctx context.Context, url, method, contentType, body string, status int) error {
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return err
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close() //nolint:errcheck // read to its end
	answer, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != status {
		err = fmt.Errorf("%s %s: %d, want %d: %s", method, url, res.StatusCode, status, answer)
	}
	return err
}

func read(output string) []line {
	var lines []line
	for text := range strings.SplitSeq(output, "\n") {
		l := line{text: text}
		if json.Unmarshal([]byte(text), &l.fields) == nil && l.fields != nil {
			lines = append(lines, l)
		}
	}
	return lines
}
