package fibonacci

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/uuid"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"go.uber.org/zap"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/task"
)

// maxBody is the largest event: Standard Webhooks asks for less than 20 kB, a
// lead of ours in escapes stays below twice that.
const maxBody = 64 << 10

// Event is a verified event. Data is as it was sent, see states/schemas.
type Event struct {
	WebhookID string          `json:"webhookId"`
	Type      string          `json:"type"`
	Timestamp time.Time       `json:"timestamp"`
	Data      json.RawMessage `json:"data"`
}

// LeadID is the lead that the event is about; uuid.Nil when its data name none.
func (e Event) LeadID() lead.ID {
	var data struct {
		ID string `json:"id"`
	}
	_ = json.Unmarshal(e.Data, &data) // data of another shape name no lead
	id, _ := uuid.Parse(data.ID)
	return id
}

// Inbox takes each event once, by its webhook-id.
type Inbox interface {
	// Take runs put unless an event of the same id was put before, and reports
	// whether it ran. Two calls with one id do not run at the same time. An error
	// is put's own, or of whatever remembers the ids, and leaves the id free for
	// the next try.
	Take(ctx context.Context, event Event, put func(context.Context) error) (first bool, err error)
}

// Sink is where events go: EventBridge in AWS. An error makes the sender try
// again.
type Sink interface {
	Put(ctx context.Context, event Event) error
}

// New makes the activity. secrets gives those in force and is asked anew for
// every event: one signed by any of them is ours, and there are two while a
// secret rotates. It refuses secrets that are not base64 behind "whsec_".
func New(env task.Env, secrets func() ([]string, error), inbox Inbox, sink Sink) (*task.Handler, error) {
	r := &receiver{env: env.For("fibonacci", "POST /webhooks/nigredo"), secrets: secrets, inbox: inbox, sink: sink}
	if _, err := r.verifiers(); err != nil {
		return nil, err
	}
	return task.Proxy(r.env, task.Public, r.receive), nil
}

type receiver struct {
	env     task.Env
	secrets func() ([]string, error)
	inbox   Inbox
	sink    Sink
}

// verifiers are those of the secrets in force now.
func (r *receiver) verifiers() ([]*standardwebhooks.Webhook, error) {
	secrets, err := r.secrets()
	if err != nil {
		return nil, fmt.Errorf("webhook secrets: %w", err)
	}
	if len(secrets) == 0 {
		return nil, errors.New("webhook secrets: none given")
	}
	verifiers := make([]*standardwebhooks.Webhook, len(secrets))
	for i, secret := range secrets {
		verifiers[i], err = standardwebhooks.NewWebhook(secret)
		if err != nil || len(secret) < len("whsec_")+32 {
			return nil, fmt.Errorf(`webhook secret %d: want "whsec_" and at least 24 bytes in base64`, i+1)
		}
	}
	return verifiers, nil
}

func (r *receiver) receive(ctx context.Context, _ task.Caller, request events.APIGatewayProxyRequest) (task.Answer, error) {
	body, ok := bodyOf(request)
	if !ok {
		return refuse(http.StatusBadRequest, "The body could not be read."), nil
	}
	if len(body) > maxBody {
		return refuse(http.StatusRequestEntityTooLarge, "The body is larger than any event."), nil
	}
	verifiers, err := r.verifiers()
	if err != nil {
		return task.Answer{}, task.In("verify event", err)
	}
	header := headers(request)
	if !verified(verifiers, body, header) {
		r.env.Log.Warn("Fibonacci: webhook refused, not signed by a secret of ours or too old")
		return refuse(http.StatusUnauthorized, "The signature does not verify, or the message is not from the last five minutes."), nil
	}
	id := header.Get(standardwebhooks.HeaderWebhookID)
	event, ok := eventOf(id, body)
	if !ok {
		return refuse(http.StatusBadRequest, "The body is not an event."), nil
	}
	first, err := r.inbox.Take(ctx, event, func(ctx context.Context) error { return r.sink.Put(ctx, event) })
	fields := []zap.Field{zap.String("webhook_id", id), zap.String("type", event.Type)}
	if err != nil {
		return task.Answer{}, task.In("put event", err)
	}
	if !first {
		r.env.Log.Info("Fibonacci: event known already", fields...)
	} else {
		r.env.Log.Info("Fibonacci: event received", fields...)
	}
	return task.JSON(http.StatusOK, struct {
		Received bool `json:"received"`
	}{true}, nil), nil
}

// verified tells whether one of the secrets signed the body in the last five
// minutes, the tolerance of the library.
func verified(verifiers []*standardwebhooks.Webhook, body []byte, header http.Header) bool {
	for _, verifier := range verifiers {
		if verifier.Verify(body, header) == nil {
			return true
		}
	}
	return false
}

func bodyOf(request events.APIGatewayProxyRequest) ([]byte, bool) {
	if !request.IsBase64Encoded {
		return []byte(request.Body), true
	}
	body, err := base64.StdEncoding.DecodeString(request.Body)
	return body, err == nil
}

// What an inbox has to remember of an event at most, in bytes.
const (
	maxID   = 256
	maxType = 100
)

// eventType is words with full stops between them, as Standard Webhooks has it.
var eventType = regexp.MustCompile(`^[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*$`)

// eventOf reads a body that has what every event has.
func eventOf(id string, body []byte) (Event, bool) {
	event := Event{WebhookID: id}
	err := json.Unmarshal(body, &event)
	return event, err == nil && event.WebhookID == id && len(id) <= maxID && len(event.Type) <= maxType &&
		eventType.MatchString(event.Type) && !event.Timestamp.IsZero() && len(event.Data) > 0
}

// headers gives the request's headers in any case, as HTTP has them: API Gateway
// passes on the case in which they were sent.
func headers(request events.APIGatewayProxyRequest) http.Header {
	header := make(http.Header, len(request.Headers))
	for name, value := range request.Headers {
		header.Set(name, value)
	}
	for name, values := range request.MultiValueHeaders {
		for _, value := range values {
			header.Set(name, value)
		}
	}
	return header
}

func refuse(status int, detail string) task.Answer {
	return task.NewProblem(status, detail).Answer(nil)
}
