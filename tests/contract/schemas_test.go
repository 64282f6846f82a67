package contract

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/xeipuuv/gojsonschema"

	"github.com/alquimista-ai/nigredo/activities/deliver"
	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/receiver"
	"github.com/alquimista-ai/nigredo/activities/task"
	"github.com/alquimista-ai/nigredo/activities/validate"
	"github.com/alquimista-ai/nigredo/states"
)

func schema(t *testing.T, name string) *gojsonschema.Schema {
	t.Helper()
	text, err := states.Schema(name)
	if err != nil {
		t.Fatal(err)
	}
	loader := gojsonschema.NewSchemaLoader()
	loader.Draft, loader.AutoDetect, loader.Validate = gojsonschema.Draft7, false, true
	compiled, err := loader.Compile(gojsonschema.NewBytesLoader(text))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return compiled
}

func complaints(t *testing.T, s *gojsonschema.Schema, document string) []gojsonschema.ResultError {
	t.Helper()
	result, err := s.Validate(gojsonschema.NewStringLoader(document))
	if err != nil {
		t.Fatalf("%s: %v", document, err)
	}
	return result.Errors()
}

const (
	someID      = "01980000-0000-7000-8000-000000000001"
	someLead    = `{"id":"` + someID + `","reference":"NG-7K3M-9Q2X","name":"Ana","email":"ana@example.com","source":"direct","locale":"en","consent":{"marketing":false,"textId":"","textVersion":""},"createdAt":"2026-11-21T12:00:00.123Z"}`
	someRequest = `{"body":"","contentType":"","sourceIp":"203.0.113.7","userAgent":"","requestId":"","idempotencyKey":"","origin":""}`
	someSweep   = `{"restored":0,"started":1,"recorded":0,"unchanged":0,"unclear":0,"balance":{"accepted":9,"delivered":7,"failed":1,"withheld":0,"quarantined":0,"inFlight":1,"unaccounted":0}}`
	someAnswer  = `{"statusCode":201,"headers":{"Content-Type":"application/json","Cache-Control":"no-store"},"body":"{}"}`
)

func TestSchemas_TakeWhatIsRightAndRefuseWhatIsNot(t *testing.T) {
	t.Parallel()
	tests := []struct {
		schema    string
		good, bad []string
	}{
		{
			"lead_intake.input",
			[]string{someRequest},
			[]string{
				`{}`, `[]`, strings.Replace(someRequest, `"body":"",`, "", 1), strings.Replace(someRequest, `"origin":""`, `"origin":null`, 1),
				strings.Replace(someRequest, `"origin":""`, `"origin":"","referer":""`, 1), strings.Replace(someRequest, `"body":""`, `"body":{}`, 1),
			},
		},
		{
			"lead_intake.output",
			[]string{
				someAnswer,
				`{"statusCode":303,"headers":{"Content-Type":"text/plain","Cache-Control":"no-store","Location":"/obrigado/?ref=NG-7K3M-9Q2X"},"body":""}`,
				`{"statusCode":429,"headers":{"Content-Type":"application/problem+json","Cache-Control":"no-store","Retry-After":"60","RateLimit":"\"lead-ip\";r=0;t=60","RateLimit-Policy":"\"lead-ip\";q=10;w=3600"},"body":"{}"}`,
			},
			[]string{
				`{}`, strings.Replace(someAnswer, "201", "200", 1), strings.Replace(someAnswer, "201", `"201"`, 1), strings.Replace(someAnswer, `"{}"`, `{}`, 1),
				strings.Replace(someAnswer, `"Cache-Control"`, `"Set-Cookie"`, 1), strings.Replace(someAnswer, `"no-store"`, `"public"`, 1),
				strings.Replace(someAnswer, `"headers":{`, `"headers":{"Retry-After":60,`, 1),
			},
		},
		{
			"fibonacci_delivery.input",
			[]string{`{"leadId":"` + someID + `","eventId":"` + someID + `"}`},
			[]string{`{}`, `{"leadId":"` + someID + `"}`, `{"leadId":"x","eventId":"` + someID + `"}`, `{"leadId":"` + someID + `","eventId":"` + someID + `","email":"ana@example.com"}`},
		},
		{
			"fibonacci_delivery.output",
			[]string{`{"outcome":"delivered","webhookId":"msg_` + someID + `","attempt":4}`, `{"outcome":"withheld"}`},
			[]string{`{}`, `{"outcome":"delivered"}`, `{"outcome":"failed"}`, `{"outcome":"withheld","attempt":1}`, `{"outcome":"delivered","webhookId":"msg_` + someID + `","attempt":0}`},
		},
		{
			"redrive_campaign.input",
			[]string{`{"campaignId":"` + someID + `","part":1}`},
			[]string{`{}`, `{"campaignId":"` + someID + `"}`, `{"campaignId":"` + someID + `","part":0}`, `{"campaignId":"` + someID + `","part":1,"reason":"x"}`},
		},
		{
			"redrive_campaign.output",
			[]string{`{"ended":"paused"}`, `{"ended":"stopped","total":3,"delivered":1,"failed":2,"withheld":0,"skipped":0,"unsent":0}`},
			[]string{`{}`, `{"ended":"lost"}`, `{"ended":"completed","total":-1}`, `{"ended":"completed","leads":[]}`},
		},
		{
			"redrive_batch.input",
			[]string{`{"campaignId":"` + someID + `","part":2,"batch":1}`},
			[]string{`{}`, `{"campaignId":"` + someID + `","part":2}`, `{"campaignId":"x","part":2,"batch":1}`, `{"campaignId":"` + someID + `","part":2,"batch":0}`},
		},
		{
			"redrive_batch.output",
			[]string{`{"open":0}`},
			[]string{`{}`, `{"open":1}`, `{"open":0,"items":[]}`},
		},
		{
			"delivery_sweep.input",
			[]string{`{}`, `{"scheduledTime":"2026-11-21T12:00:00Z"}`, `{"minimumAgeSeconds":0}`},
			[]string{`[]`, `{"minimumAgeSeconds":-1}`, `{"minimumAgeSeconds":"30"}`, `{"limit":500}`},
		},
		{
			"delivery_sweep.output",
			[]string{someSweep},
			[]string{
				`{}`, strings.Replace(someSweep, `"unclear":0,`, "", 1), strings.Replace(someSweep, `"started":1`, `"started":-1`, 1),
				strings.Replace(someSweep, `"inFlight":1,`, "", 1), strings.Replace(someSweep, `"failed":1`, `"failed":1,"lost":0`, 1),
			},
		},
		{
			"lead.created",
			[]string{
				`{"type":"lead.created","timestamp":"2026-11-21T12:00:00.123Z","data":` + someLead + `}`,
				`{"type":"lead.created","timestamp":"2026-11-21T12:00:00.123Z","data":` + strings.Replace(someLead, `"name"`, `"later":1,"phone":"+5511912345678","utm":{"term":"x"},"name"`, 1) + `}`,
			},
			[]string{
				`{"type":"lead.created","timestamp":"2026-11-21T12:00:00Z"}`,
				`{"type":"lead.erased","timestamp":"2026-11-21T12:00:00Z","data":` + someLead + `}`,
				`{"type":"lead.created","timestamp":"yesterday","data":` + someLead + `}`,
				`{"type":"lead.created","timestamp":"2026-11-21T12:00:00Z","data":` + strings.Replace(someLead, "NG-7K3M", "NG-0O1I", 1) + `}`,
				`{"type":"lead.created","timestamp":"2026-11-21T12:00:00Z","data":` + strings.Replace(someLead, `"name"`, `"phone":"11 91234","name"`, 1) + `}`,
				`{"type":"lead.created","timestamp":"2026-11-21T12:00:00Z","data":` + strings.Replace(someLead, `"marketing":false`, `"marketing":"no"`, 1) + `}`,
			},
		},
		{
			"lead.erased",
			[]string{`{"type":"lead.erased","timestamp":"2026-11-21T12:00:00Z","data":{"id":"` + someID + `","reference":"NG-7K3M-9Q2X"}}`},
			[]string{`{"type":"lead.erased","timestamp":"2026-11-21T12:00:00Z","data":` + someLead + `}`, `{"type":"lead.erased","timestamp":"2026-11-21T12:00:00Z","data":{}}`},
		},
		{
			"nigredo.test",
			[]string{`{"type":"nigredo.test","timestamp":"2026-11-21T12:00:00Z","data":{}}`, `{"type":"nigredo.test","timestamp":"2026-11-21T12:00:00Z","data":{"name":"A","message":"B","later":1}}`},
			[]string{`{"type":"nigredo.test","timestamp":"2026-11-21T12:00:00Z"}`, `{"type":"nigredo.test","timestamp":"2026-11-21T12:00:00Z","data":{"name":1}}`},
		},
		{
			"lead-form",
			[]string{
				`{"name":"Ana","email":"ana@example.com","consent":{"accepted":true}}`,
				`{"name":"Ana","email":"ana@example.com","variant":"b","consent":{"accepted":true}}`,
				`{"name":"Ana","email":"ana@example.com","consent":{"accepted":true,"marketing":true,"marketingTextHash":"` + strings.Repeat("ab", 32) + `"}}`,
				`{"name":"Ana","email":"ana@example.com","consent":{"accepted":true},"checks":{"stamp":7,"other":[null]}}`,
				`{"name":"Ana","email":"ana@example.com","consent":{"accepted":true},"checks":null}`,
			},
			[]string{
				`{}`,
				`{"name":"Ana","email":"ana@example.com","variant":"ana@example.com","consent":{"accepted":true}}`,
				`{"name":"Ana","email":"ana@example.com","consent":{"accepted":true},"status":"delivered"}`,
				`{"name":"Ana","email":"ana@example.com","consent":{"accepted":false}}`,
				`{"name":"Ana","email":"ana@example.com","consent":{"accepted":true,"marketing":true,"marketingTextHash":"AB"}}`,
			},
		},
	}
	held := map[string]bool{}
	for _, tt := range tests {
		held[tt.schema+".json"] = true
		t.Run(tt.schema, func(t *testing.T) {
			t.Parallel()
			s := schema(t, tt.schema)
			for _, document := range tt.good {
				if got := complaints(t, s, document); len(got) > 0 {
					t.Errorf("refused %s: %v", document, got)
				}
			}
			for _, document := range tt.bad {
				if got := complaints(t, s, document); len(got) == 0 {
					t.Errorf("took %s", document)
				}
			}
		})
	}
	files, err := fs.Glob(os.DirFS("../../states/schemas"), "*.json")
	if err != nil || len(files) != len(held) {
		t.Errorf("%d schemas, %d held here, %v", len(files), len(held), err)
	}
}

func TestSchemas_SayWhatTheyAreFor(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"lead-form", "lead_intake.input", "lead_intake.output", "fibonacci_delivery.input", "fibonacci_delivery.output", "redrive_campaign.input", "redrive_campaign.output", "redrive_batch.input", "redrive_batch.output", "delivery_sweep.input", "delivery_sweep.output", "lead.created", "lead.erased", "nigredo.test"} {
		text, err := states.Schema(name)
		if err != nil {
			t.Fatal(err)
		}
		var head struct {
			Schema string `json:"$schema"`
			ID     string `json:"$id"`
			Title  string `json:"title"`
		}
		if err := json.Unmarshal(text, &head); err != nil || head.Schema != "http://json-schema.org/draft-07/schema#" ||
			!strings.HasSuffix(head.ID, "/"+name+".json") || head.Title == "" || !strings.Contains(string(text), `"description"`) {
			t.Errorf("%s: %+v, %v", name, head, err)
		}
	}
}

// What validate answers is what the machine may give out.
func TestSchemas_HoldForEveryAnswerOfValidate(t *testing.T) {
	t.Parallel()
	form, err := states.Schema("lead-form")
	if err != nil {
		t.Fatal(err)
	}
	compiled, err := validate.NewSchema(form)
	if err != nil {
		t.Fatal(err)
	}
	h := validate.New(task.NewEnv(&bytes.Buffer{}, time.Now), compiled, lead.Stamper{})
	output := schema(t, "lead_intake.output")
	for contentType, bodies := range map[string][]string{
		"application/json":                  {"", "[]", "{}", strings.Repeat(" ", 20_000), `{"a":1,"a":2}`},
		"application/x-www-form-urlencoded": {"", "name=a", "a=1&a=2", "name=" + strings.Repeat("a", 20_000)},
		"text/plain":                        {"x"},
	} {
		for _, body := range bodies {
			request := strings.Replace(intakePayload(t, body), `"contentType":"application/json"`, `"contentType":"`+contentType+`"`, 1)
			raw, err := h.Invoke(t.Context(), []byte(request))
			if err != nil {
				t.Fatal(err)
			}
			var out struct {
				Answer json.RawMessage `json:"answer"`
			}
			if err := json.Unmarshal(raw, &out); err != nil {
				t.Fatal(err)
			}
			if got := complaints(t, output, string(out.Answer)); len(got) > 0 {
				t.Errorf("%s %.40q: %v", contentType, body, got)
			}
		}
	}
}

// oneLead is a store with one lead whose every field is set.
type oneLead struct{ record lead.Record }

func (s oneLead) Dispatch(_ context.Context, _ lead.ID, event uuid.UUID, _ lead.AttemptKey) (lead.Dispatch, error) {
	return lead.Dispatch{EventID: event, Lead: s.record}, nil
}

func (oneLead) RecordAttempt(context.Context, lead.Attempt) (int, error) { return 1, nil }

// What deliver sends is what the schema promises to receivers.
func TestSchemas_HoldForTheEventThatIsSent(t *testing.T) {
	t.Parallel()
	created := schema(t, "lead.created")
	id := uuid.MustParse(someID)
	small := lead.Record{ID: id, Reference: lead.NewReference(id), Name: "Ana", Email: "ana@example.com", Source: "direct", Locale: "en", CreatedAt: time.Now()}
	whole := small
	whole.Company, whole.Phone, whole.Message, whole.UTM = "Padaria", "+5511912345678", "D'Ávila \u2028 <b>", map[string]string{"source": "news"}
	whole.Consent = lead.Consent{Marketing: true, TextID: "reply", TextVersion: "2026-11-21", TextHash: "x"}
	for _, record := range []lead.Record{small, whole} {
		var sent bytes.Buffer
		receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if _, err := sent.ReadFrom(r.Body); err != nil {
				t.Error(err)
			}
		}))
		secrets := func() ([]string, error) { return []string{"whsec_" + strings.Repeat("MDEy", 11)}, nil }
		sender, err := deliver.NewSender(deliver.Target{URL: receiver.URL, Secrets: secrets, Private: true}, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		h := deliver.New(task.NewEnv(&bytes.Buffer{}, time.Now), oneLead{record}, sender)
		input := `{"leadId":"` + someID + `","eventId":"` + someID + `","execution":"arn:x","redriveCount":0,"retryCount":0}`
		if _, err := h.Invoke(t.Context(), []byte(input)); err != nil {
			t.Fatal(err)
		}
		receiver.Close()
		if got := complaints(t, created, sent.String()); len(got) > 0 {
			t.Errorf("%s: %v", sent.String(), got)
		}
	}
}

// What receiver check sends is what the schema promises too.
func TestSchemas_HoldForTestEvents(t *testing.T) {
	t.Parallel()
	compiled := schema(t, "nigredo.test")
	var mu sync.Mutex
	var bodies []string
	tried := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		bodies = append(bodies, string(body))
	}))
	target := receiver.Target{URL: tried.URL, Secrets: []string{"whsec_" + strings.Repeat("MDEy", 11)}}
	_, err := receiver.Check(t.Context(), target, receiver.Options{})
	tried.Close()
	if err != nil || len(bodies) != 18 {
		t.Fatalf("%d bodies, %v", len(bodies), err)
	}
	for _, body := range bodies {
		if got := complaints(t, compiled, body); len(got) > 0 {
			t.Errorf("%s: %v", body, got)
		}
	}
}

// intakePayload is what lead_intake gives to validate.
func intakePayload(t *testing.T, body string) string {
	t.Helper()
	payload, err := json.Marshal(map[string]any{
		"request": map[string]string{
			"body": body, "contentType": "application/json", "sourceIp": "203.0.113.7", "userAgent": "test/1",
			"requestId": "r-1", "idempotencyKey": "", "origin": "",
		},
		"startedAt": "2026-11-21T12:00:00.123Z",
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(payload)
}
