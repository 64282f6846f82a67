package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// get asks the API as an operator and gives the body of its answer.
func (f apiFlags) get(a *app, path, what string) (json.RawMessage, error) {
	return f.call(a.ctx, http.MethodGet, path, "operator", nil, what)
}

// call makes one call and gives the body of its answer. role is the one that a
// token of the embedded login gets; a nil body is none.
func (f apiFlags) call(ctx context.Context, method, path, role string, body any, what string) (json.RawMessage, error) {
	token, err := f.accessToken(role)
	if err != nil {
		return nil, err
	}
	var content io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return nil, fmt.Errorf("write the request: %w", err)
		}
		content = bytes.NewReader(encoded)
	}
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, "http://"+f.Addr+path, content)
	if err != nil {
		return nil, usage(fmt.Errorf("--addr: %w", err))
	}
	request.Header.Set("Authorization", "Bearer "+token)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, unreachable("the API at %s does not answer; start it with nigredo up, or name its address with --addr: %w", f.Addr, err)
	}
	defer response.Body.Close() //nolint:errcheck // read below
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, unreachable("the API at %s broke off its answer: %w", f.Addr, err)
	}
	if response.StatusCode >= http.StatusOK && response.StatusCode < http.StatusMultipleChoices {
		return answer, nil
	}
	return nil, refusal(response.StatusCode, answer, role, what)
}

// refusal turns a problem document into an error with the exit code for it.
func refusal(status int, body []byte, role, what string) error {
	var problem struct {
		Detail string
		Errors []struct{ Message string }
	}
	_ = json.Unmarshal(body, &problem) // without a document the status has to do
	said := problem.Detail
	if len(problem.Errors) > 0 { // the detail only points at them
		sentences := make([]string, 0, len(problem.Errors))
		for _, e := range problem.Errors {
			sentences = append(sentences, e.Message)
		}
		said = strings.Join(sentences, "; ")
	}
	said = strings.TrimSpace(fmt.Sprintf("%s (%d)", said, status))
	switch status {
	case http.StatusNotFound:
		return notFound("there is no %s", what)
	case http.StatusForbidden:
		return refused("%s: %s; this needs the role %s", what, said, role)
	case http.StatusUnauthorized:
		return refused("%s: %s; is this the data folder (--data-dir) of the program that runs?", what, said)
	case http.StatusConflict:
		return refused("%s: %s", what, said)
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return usage(fmt.Errorf("%s: %s", what, said))
	case http.StatusServiceUnavailable, http.StatusBadGateway, http.StatusGatewayTimeout:
		return unreachable("%s: %s", what, said)
	}
	return fmt.Errorf("%s: %s", what, said)
}
