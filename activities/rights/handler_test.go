package rights_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/uuid"
	"golang.org/x/net/html"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/rights"
	"github.com/alquimista-ai/nigredo/activities/task"
	"github.com/alquimista-ai/nigredo/activities/task/tasktest"
)

var (
	noon      = time.Date(2026, 11, 21, 12, 0, 0, 123_456_000, time.UTC)
	requestID = uuid.MustParse("01930000-0000-7000-8000-00000000000a")
	leadID    = uuid.MustParse("01930000-0000-7000-8000-00000000000b")
)

const (
	asJSON = "application/json"
	asForm = "application/x-www-form-urlencoded"
)

// store keeps what it was asked.
type store struct {
	receipt  lead.RightsReceipt
	requests []lead.RightsRequest
	err      error

	made   []lead.NewRightsRequest
	asked  []lead.RightsFilter
	looks  []string
	closed []lead.RightsClosing
}

func (s *store) ReceiveRightsRequest(_ context.Context, r lead.NewRightsRequest) (lead.RightsReceipt, error) {
	s.made = append(s.made, r)
	return s.receipt, s.err
}

func (s *store) RightsRequests(_ context.Context, f lead.RightsFilter) ([]lead.RightsRequest, error) {
	s.asked = append(s.asked, f)
	return s.requests[:min(f.Limit, len(s.requests))], s.err
}

func (s *store) ViewRightsRequest(_ context.Context, id uuid.UUID, actor string) (lead.RightsRequest, bool, error) {
	s.looks = append(s.looks, id.String()+" "+actor)
	for _, r := range s.requests {
		if r.ID == id {
			return r, true, s.err
		}
	}
	return lead.RightsRequest{}, false, s.err
}

func (s *store) CloseRightsRequest(_ context.Context, c lead.RightsClosing) (lead.RightsRequest, bool, error) {
	s.closed = append(s.closed, c)
	for i := range s.requests {
		if r := &s.requests[i]; r.ID == c.ID {
			if r.Status == lead.RightsClosed {
				return *r, false, s.err
			}
			r.Status, r.Outcome, r.Reason, r.ClosedBy, r.AnsweredAt = lead.RightsClosed, c.Outcome, c.Reason, c.Actor, noon
			return *r, true, s.err
		}
	}
	return lead.RightsRequest{}, false, s.err
}

func (s *store) touched() bool { return len(s.made)+len(s.asked)+len(s.looks)+len(s.closed) > 0 }

type bundle struct {
	*store
	log bytes.Buffer
}

func setup() *bundle {
	return &bundle{store: &store{
		receipt: lead.RightsReceipt{Protocol: "RQ-7K3M-9Q2X"},
		requests: []lead.RightsRequest{{
			ID: requestID, Protocol: "RQ-7K3M-9Q2X", Kind: lead.RightAccess, Email: "ana@example.com", Reference: "NG-2222-2222", Message: "Olá",
			Locale: "pt-BR", Leads: []uuid.UUID{leadID}, Status: lead.RightsOpen, ReceivedAt: noon, DueAt: noon.AddDate(0, 0, 15), DaysLeft: 14,
		}},
	}}
}

// call makes one call; query is of pairs.
func (b *bundle) call(t *testing.T, role, call, id, contentType, body string, query ...string) events.APIGatewayProxyResponse {
	t.Helper()
	method, resource, _ := strings.Cut(call, " ")
	request := events.APIGatewayProxyRequest{
		HTTPMethod: method, Resource: resource, Body: body, Headers: map[string]string{"content-type": contentType},
		PathParameters: map[string]string{"id": id}, QueryStringParameters: map[string]string{}, RequestContext: tasktest.SignedIn(role),
	}
	request.RequestContext.Identity.SourceIP = "203.0.113.7"
	for i := 0; i < len(query); i += 2 {
		request.QueryStringParameters[query[i]] = query[i+1]
	}
	return tasktest.Call(t, rights.New(task.NewEnv(&b.log, func() time.Time { return noon }), b.store), request)
}

func (b *bundle) post(t *testing.T, contentType, body string) events.APIGatewayProxyResponse {
	t.Helper()
	return b.call(t, "", "POST /api/rights-requests", "", contentType, body)
}

// faults are the entries of errors, each "pointer code".
func faults(t *testing.T, response events.APIGatewayProxyResponse) []string {
	t.Helper()
	var out []string
	for _, e := range tasktest.Read[struct{ Errors []task.FieldError }](t, response).Errors {
		out = append(out, e.Pointer+" "+e.Code)
		if e.Message == "" {
			t.Errorf("%s %s has no sentence", e.Pointer, e.Code)
		}
	}
	return out
}

func TestReceive_EveryRightOfTheLaw(t *testing.T) {
	t.Parallel()
	if kinds := lead.RightsKinds(); len(kinds) != 9 || len(slices.Compact(slices.Sorted(slices.Values(kinds)))) != 9 {
		t.Fatalf("%v, want the nine of art. 18", kinds)
	}
	for _, kind := range lead.RightsKinds() {
		b := setup()
		response := b.post(t, asJSON, `{"kind":"`+string(kind)+`","email":" Ana@Example.com ","reference":"ng 22222222","message":"a\r\nb"}`)
		if response.StatusCode != 202 || response.Body != `{"protocol":"RQ-7K3M-9Q2X","status":"received","dueInDays":15}` || response.Headers["Cache-Control"] != "no-store" {
			t.Errorf("%s: %+v", kind, response)
		}
		want := lead.NewRightsRequest{
			Kind: kind, Email: "Ana@Example.com", EmailNorm: "ana@example.com", Reference: "NG-2222-2222", Message: "a\nb", Locale: "en", Address: "203.0.113.7",
		}
		if len(b.made) != 1 || b.made[0] != want {
			t.Errorf("%s: %+v, want %+v", kind, b.made, want)
		}
	}
}

func TestReceive_FormIsSentOnToTheReceipt(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"kind=access&email=ana%40example.com&reference=&message=":        "/privacidade/solicitacao/recebida/?protocol=RQ-7K3M-9Q2X",
		"kind=access&email=ana%40example.com&locale=en":                  "/en/privacy/request/received/?protocol=RQ-7K3M-9Q2X",
		"kind=revocation&email=ana%40example.com&locale=pt-BR&message=x": "/privacidade/solicitacao/recebida/?protocol=RQ-7K3M-9Q2X",
	} {
		b := setup()
		response := b.post(t, asForm+"; charset=UTF-8", body)
		if response.StatusCode != 303 || response.Headers["Location"] != want || len(b.made) != 1 {
			t.Errorf("%s: %+v, want %s", body, response, want)
		}
	}
}

func TestReceive_Refuses(t *testing.T) {
	t.Parallel()
	const email = `"email":"ana@example.com"`
	for name, row := range map[string]struct {
		contentType, body string
		status            int
		faults            []string
	}{
		"nothing":                 {asJSON, `{}`, 422, []string{"/kind required", "/email required"}},
		"blanks":                  {asJSON, `{"kind":" ","email":"  "}`, 422, []string{"/kind required", "/email required"}},
		"unknown right":           {asJSON, `{"kind":"oblivion",` + email + `}`, 422, []string{"/kind not_allowed"}},
		"right in capitals":       {asJSON, `{"kind":"Access",` + email + `}`, 422, []string{"/kind not_allowed"}},
		"no address":              {asJSON, `{"kind":"access","email":"ana"}`, 422, []string{"/email format"}},
		"two lines":               {asJSON, `{"kind":"access","email":"ana@example.com\nbcc:x@y.z"}`, 422, []string{"/email characters"}},
		"line end behind":         {asJSON, `{"kind":"access","email":"ana@example.com\n"}`, 422, []string{"/email characters"}},
		"line end before":         {asJSON, `{"kind":"access","email":"\r\nana@example.com"}`, 422, []string{"/email characters"}},
		"tab behind":              {asJSON, `{"kind":"access","email":"ana@example.com\t"}`, 422, []string{"/email characters"}},
		"next line behind":        {asJSON, `{"kind":"access","email":"ana@example.com\u0085"}`, 422, []string{"/email characters"}},
		"line separator behind":   {asJSON, `{"kind":"access","email":"ana@example.com\u2028"}`, 422, []string{"/email characters"}},
		"soft hyphen":             {asJSON, `{"kind":"access","email":"ana@exam\u00adple.com"}`, 422, []string{"/email characters"}},
		"zero-width space":        {asJSON, `{"kind":"access","email":"ana@example.com\u200b"}`, 422, []string{"/email characters"}},
		"line ends all around":    {asJSON, `{"kind":"access\n",` + email + `,"reference":"\nNG-2222-2222","locale":"en\n"}`, 422, []string{"/kind characters", "/reference characters", "/locale characters"}},
		"noncharacter":            {asJSON, `{"kind":"access",` + email + `,"message":"a\uffff"}`, 422, []string{"/message characters"}},
		"pile of marks":           {asJSON, `{"kind":"access",` + email + `,"message":"Z\u0335\u0336\u0337\u0338"}`, 422, []string{"/message characters"}},
		"control behind message":  {asJSON, `{"kind":"access",` + email + `,"message":"a\u0085"}`, 422, []string{"/message characters"}},
		"long address":            {asJSON, `{"kind":"access","email":"` + strings.Repeat("a", 250) + `@b.com"}`, 422, []string{"/email too_long"}},
		"reference mistyped":      {asJSON, `{"kind":"access",` + email + `,"reference":"NG-2222-2223"}`, 422, []string{"/reference format"}},
		"long message":            {asJSON, `{"kind":"access",` + email + `,"message":"` + strings.Repeat("ã", 1001) + `"}`, 422, []string{"/message too_long"}},
		"control in message":      {asJSON, `{"kind":"access",` + email + `,"message":"a\u0000b"}`, 422, []string{"/message characters"}},
		"hidden text":             {asJSON, `{"kind":"access",` + email + `,"message":"a\udb40\udc41"}`, 422, []string{"/message characters"}},
		"locale":                  {asJSON, `{"kind":"access",` + email + `,"locale":"fr"}`, 422, []string{"/locale not_allowed"}},
		"unknown member":          {asJSON, `{"kind":"access",` + email + `,"cpf":"x","a/b":1}`, 422, []string{"/a~1b unknown", "/cpf unknown"}},
		"number for a text":       {asJSON, `{"kind":7,"email":["ana@example.com"],"message":null}`, 422, []string{"/kind wrong_type", "/email wrong_type", "/message wrong_type"}},
		"member twice":            {asJSON, `{"kind":"access","kind":"erasure",` + email + `}`, 400, nil},
		"an array":                {asJSON, `[]`, 400, nil},
		"null":                    {asJSON, `null`, 400, nil},
		"empty":                   {asJSON, ``, 400, nil},
		"cut off":                 {asJSON, `{"kind":"acc`, 400, nil},
		"something behind":        {asJSON, `{"kind":"access",` + email + `} x`, 400, nil},
		"invalid UTF-8":           {asForm, "kind=access&email=a%ff%40example.com", 400, nil},
		"too large":               {asJSON, `{"message":"` + strings.Repeat("a", 16<<10) + `"}`, 413, nil},
		"another type":            {"text/plain", `{"kind":"access",` + email + `}`, 415, nil},
		"another charset":         {asJSON + "; charset=latin1", `{"kind":"access",` + email + `}`, 415, nil},
		"no type":                 {"", `{"kind":"access",` + email + `}`, 415, nil},
		"form of nothing":         {asForm, "", 400, nil},
		"form of no form":         {asForm, "%zz", 400, nil},
		"form with a field twice": {asForm, "kind=access&email=a%40b.co&kind=erasure", 400, nil},
	} {
		b := setup()
		response := b.post(t, row.contentType, row.body)
		if got := faults(t, response); response.StatusCode != row.status || !slices.Equal(got, row.faults) || b.touched() {
			t.Errorf("%s: %d %v, want %d %v; touched %t", name, response.StatusCode, got, row.status, row.faults, b.touched())
		}
		if response.Headers["Content-Type"] != "application/problem+json" || strings.Contains(response.Body, "ana") {
			t.Errorf("%s: %s %s", name, response.Headers["Content-Type"], response.Body)
		}
		if strings.Contains(b.log.String(), "ana") {
			t.Errorf("%s: logged %s", name, b.log.String())
		}
	}
}

func TestReceive_SpeaksTheLanguageAskedFor(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"kind":"access","email":"x"}`:                    "Enter an email address",
		`{"kind":"access","email":"x","locale":"pt-BR"}`:   "Digite um e-mail no formato",
		`{"kind":"access","email":"a@b.co","locale":"fr"}`: "Send pt-BR or en",
	} {
		if response := setup().post(t, asJSON, body); !strings.Contains(response.Body, want) {
			t.Errorf("%s: %s, want %s", body, response.Body, want)
		}
	}
}

// page is an HTML answer, without the words of the page that every answer has.
func page(t *testing.T, response events.APIGatewayProxyResponse) *html.Node {
	t.Helper()
	if got := response.Headers["Content-Type"]; got != "text/html; charset=utf-8" || response.Headers["Cache-Control"] != "no-store" {
		t.Fatalf("%q, %q: %.80s", got, response.Headers["Cache-Control"], response.Body)
	}
	doc, err := html.Parse(strings.NewReader(response.Body))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// element is the element of an id.
func element(t *testing.T, doc *html.Node, id string) *html.Node {
	t.Helper()
	for n := range doc.Descendants() {
		if attribute(n, "id") == id {
			return n
		}
	}
	t.Fatalf("no element #%s", id)
	return nil
}

func attribute(n *html.Node, name string) string {
	value, _ := attr(n, name)
	return value
}

func attr(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.TrimSpace(b.String())
}

func TestReceive_FormIsShownAgain(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 17<<10)
	for name, row := range map[string]struct {
		body   string
		status int
		lang   string
		errors map[string]string // by field, the others have none
		kept   map[string]string // by field
		ticked string
	}{
		"nothing chosen": {
			"kind=&email=ana&message=Ol%C3%A1", 422, "pt-BR",
			map[string]string{"kind": "Escolha o direito", "email": "Digite um e-mail"},
			map[string]string{"email": "ana", "message": "Olá"},
			"",
		},
		"no kind at all": {
			"email=ana%40example.com&locale=en", 422, "en",
			map[string]string{"kind": "Choose the right"},
			map[string]string{"email": "ana@example.com"},
			"",
		},
		"kind of ours": {
			"kind=erasure&email=x&reference=NG-2222-2223&locale=en", 422, "en",
			map[string]string{"email": "Enter an email address", "reference": "Enter the reference"},
			map[string]string{"email": "x", "reference": "NG-2222-2223"},
			"erasure",
		},
		"control": {
			"kind=access&email=a%40b.co&message=a%01b&locale=pt-BR", 422, "pt-BR",
			map[string]string{"message": "Escreva a mensagem de novo"},
			map[string]string{"email": "a@b.co"},
			"access",
		},
		"line end": {
			"kind=access&email=ana%40example.com%0D%0A", 422, "pt-BR",
			map[string]string{"email": "Digite um e-mail"},
			map[string]string{"email": "ana@example.com\n"},
			"access",
		},
		"markup": {
			"kind=%22%3E%3Cscript%3E&email=%22%3E%3Cscript%3E&message=%3C%2Ftextarea%3E%3Cscript%3E", 422, "pt-BR",
			map[string]string{"kind": "Escolha o direito", "email": "Digite um e-mail"},
			map[string]string{"email": `"><script>`, "message": "</textarea><script>"},
			"",
		},
		"a field that it does not have": {"kind=access&email=a%40b.co&cpf=1", 422, "pt-BR", nil, map[string]string{"email": "a@b.co"}, "access"},
		"too large": {
			"kind=access&email=a%40b.co&locale=en&message=" + long, 413, "en",
			map[string]string{"message": "1000 characters or fewer"},
			map[string]string{"email": "a@b.co", "message": long},
			"access",
		},
		"too large to be shown": {"kind=access&email=a%40b.co&locale=en&message=" + strings.Repeat(long, 4), 413, "pt-BR", nil, map[string]string{"email": ""}, ""},
	} {
		b := setup()
		response := b.post(t, asForm, row.body)
		doc := page(t, response)
		if response.StatusCode != row.status || b.touched() {
			t.Errorf("%s: %d, want %d; touched %t", name, response.StatusCode, row.status, b.touched())
		}
		if attribute(doc.FirstChild.NextSibling, "lang") != row.lang || text(element(t, doc, "summary-list")) == "" || strings.Contains(b.log.String(), "ana") {
			t.Errorf("%s: language %q, summary %q, log %s", name, attribute(doc.FirstChild.NextSibling, "lang"), text(element(t, doc, "summary-list")), b.log.String())
		}
		for _, field := range []string{"kind", "email", "reference", "message"} {
			if got := text(element(t, doc, field+"-error")); !strings.Contains(got, row.errors[field]) || (got == "") != (row.errors[field] == "") {
				t.Errorf("%s: error of %s is %q, want %q", name, field, got, row.errors[field])
			}
			if field == "kind" {
				continue
			}
			n := element(t, doc, field)
			got := attribute(n, "value") + text(n)
			if want, ok := row.kept[field]; ok && got != want {
				t.Errorf("%s: %s is %.40q, want %.40q", name, field, got, want)
			}
		}
		for n := range doc.Descendants() {
			_, checked := attr(n, "checked")
			if n.Type == html.ElementNode && attribute(n, "type") == "radio" && checked != (attribute(n, "value") == row.ticked) {
				t.Errorf("%s: %s ticked %t", name, attribute(n, "value"), checked)
			}
			if n.Type == html.ElementNode && n.Data == "script" && attribute(n, "src") == "" {
				t.Errorf("%s: a script in the page", name)
			}
		}
	}
}

func TestReceive_FullHourIs429(t *testing.T) {
	t.Parallel()
	for contentType, body := range map[string]string{asJSON: `{"kind":"access","email":"a@b.co"}`, asForm: "kind=access&email=a%40b.co"} {
		b := setup()
		b.receipt = lead.RightsReceipt{RetryAfter: 90*time.Second + time.Millisecond}
		response := b.post(t, contentType, body)
		want := map[string]string{"Retry-After": "91", "RateLimit": `"rights-ip";r=0;t=91`, "RateLimit-Policy": `"rights-ip";q=5;w=3600`}
		for name, value := range want {
			if response.Headers[name] != value {
				t.Errorf("%s: %q, want %q", name, response.Headers[name], value)
			}
		}
		if response.StatusCode != 429 || !strings.Contains(response.Body, "2 min") {
			t.Errorf("%+v", response)
		}
		if contentType == asForm && attribute(element(t, page(t, response), "email"), "value") != "a@b.co" {
			t.Errorf("answers are not kept: %s", response.Body)
		}
	}
}

func TestList_MasksAndGoesOnWhereThePageEnded(t *testing.T) {
	t.Parallel()
	b := setup()
	second := b.requests[0]
	second.ID[15]++
	b.requests = append(b.requests, second)
	response := b.call(t, "privacy", "GET /api/rights-requests", "", "", "", "limit", "1")
	const want = `{"requests":[{"id":"01930000-0000-7000-8000-00000000000a","protocol":"RQ-7K3M-9Q2X","kind":"access","email":"a•••@example.com",` +
		`"status":"open","receivedAt":"2026-11-21T12:00:00.123Z","dueAt":"2026-12-06T12:00:00.123Z","daysLeft":14,"leads":1}],"cursor":"`
	if response.StatusCode != 200 || !strings.HasPrefix(response.Body, want) {
		t.Errorf("%d %s\nwant %s", response.StatusCode, response.Body, want)
	}
	cursor := tasktest.Read[struct{ Cursor string }](t, response).Cursor
	b.call(t, "privacy", "GET /api/rights-requests", "", "", "", "limit", "1", "cursor", cursor, "status", "all")
	asked := []lead.RightsFilter{
		{Status: lead.RightsOpen, Limit: 2},
		{Limit: 2, After: lead.Position{CreatedAt: noon.AddDate(0, 0, 15), ID: requestID}},
	}
	if !slices.Equal(b.asked, asked) {
		t.Errorf("asked %v, want %v", b.asked, asked)
	}
	b.requests = nil
	if response := b.call(t, "privacy", "GET /api/rights-requests", "", "", ""); response.Body != `{"requests":[]}` {
		t.Errorf("none: %s", response.Body)
	}
}

func TestList_RefusesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	for name, query := range map[string][2]string{
		"unknown filter": {"email", "ana@example.com"}, "status": {"status", "late"}, "limit": {"limit", "101"}, "cursor": {"cursor", "x"},
	} {
		b := setup()
		if response := b.call(t, "privacy", "GET /api/rights-requests", "", "", "", query[0], query[1]); response.StatusCode != 400 || b.touched() || strings.Contains(response.Body, "ana@") {
			t.Errorf("%s: %d %s", name, response.StatusCode, response.Body)
		}
	}
}

func TestGet_IsWholeAndRecorded(t *testing.T) {
	t.Parallel()
	b := setup()
	response := b.call(t, "privacy", "GET /api/rights-requests/{id}", requestID.String(), "", "")
	got := tasktest.Read[map[string]any](t, response)
	if response.StatusCode != 200 || got["email"] != "ana@example.com" || got["message"] != "Olá" || got["reference"] != "NG-2222-2222" || fmt.Sprint(got["leadIds"]) != "["+leadID.String()+"]" {
		t.Errorf("%d %v", response.StatusCode, got)
	}
	if !slices.Equal(b.looks, []string{requestID.String() + " subject-1"}) {
		t.Errorf("looks %v", b.looks)
	}
	for _, id := range []string{"", "x", leadID.String(), strings.ToUpper(requestID.String())} {
		if response := b.call(t, "privacy", "GET /api/rights-requests/{id}", id, "", ""); response.StatusCode != 404 {
			t.Errorf("%q: %d", id, response.StatusCode)
		}
	}
}

func TestClose_EndsARequestOnce(t *testing.T) {
	t.Parallel()
	for _, outcome := range lead.RightsOutcomes() {
		b := setup()
		body := `{"outcome":"` + string(outcome) + `","reason":" sent by e-mail "}`
		response := b.call(t, "privacy", "POST /api/rights-requests/{id}/close", requestID.String(), asJSON, body)
		got := tasktest.Read[map[string]any](t, response)
		if response.StatusCode != 200 || got["outcome"] != string(outcome) || got["email"] != "a•••@example.com" || got["answeredAt"] != "2026-11-21T12:00:00.123Z" || got["daysLeft"] != nil {
			t.Errorf("%s: %d %v", outcome, response.StatusCode, got)
		}
		if want := (lead.RightsClosing{ID: requestID, Outcome: outcome, Reason: "sent by e-mail", Actor: "subject-1"}); b.closed[0] != want {
			t.Errorf("%s: %+v, want %+v", outcome, b.closed[0], want)
		}
		again := b.call(t, "privacy", "POST /api/rights-requests/{id}/close", requestID.String(), asJSON, body)
		if again.StatusCode != 409 || !strings.Contains(again.Body, "closed before, as "+string(outcome)) {
			t.Errorf("%s again: %d %s", outcome, again.StatusCode, again.Body)
		}
	}
	b := setup()
	if response := b.call(t, "privacy", "POST /api/rights-requests/{id}/close", leadID.String(), asJSON, `{"outcome":"answered","reason":"x"}`); response.StatusCode != 404 {
		t.Errorf("no such request: %d", response.StatusCode)
	}
}

func TestClose_Refuses(t *testing.T) {
	t.Parallel()
	for body, want := range map[string][]string{
		`{}`:                              {"/outcome required", "/reason required"},
		`{"outcome":"lost","reason":"x"}`: {"/outcome not_allowed"},
		`{"outcome":"answered","reason":"` + strings.Repeat("x", 501) + `"}`: {"/reason too_long"},
		`{"outcome":"answered","reason":"a\nb"}`:                             {"/reason characters"},
		`{"outcome":"answered\n","reason":"a\n"}`:                            {"/outcome characters", "/reason characters"},
		`{"outcome":"answered","reason":"x","by":"me"}`:                      {"/by unknown"},
		`{"outcome":1,"reason":"x"}`:                                         {"/outcome wrong_type"},
		`x`:                                                                  nil,
	} {
		b := setup()
		response := b.call(t, "privacy", "POST /api/rights-requests/{id}/close", requestID.String(), asJSON, body)
		status := 422
		if want == nil {
			status = 400
		}
		if got := faults(t, response); response.StatusCode != status || !slices.Equal(got, want) || b.touched() {
			t.Errorf("%s: %d %v, want %v", body, response.StatusCode, got, want)
		}
	}
}

func TestRights_AskingIsForEverybodyAndAnsweringForPrivacy(t *testing.T) {
	t.Parallel()
	for _, call := range []string{"GET /api/rights-requests", "GET /api/rights-requests/{id}", "POST /api/rights-requests/{id}/close"} {
		for role, status := range map[string]int{"privacy": 200, "": 401, "operator": 403, "engineer": 403, "auditor": 403, "Privacy": 403} {
			b := setup()
			response := b.call(t, role, call, requestID.String(), asJSON, `{"outcome":"answered","reason":"x"}`)
			if response.StatusCode != status || b.touched() != (status == 200) {
				t.Errorf("%s by %q: %d, touched %t", call, role, response.StatusCode, b.touched())
			}
		}
	}
}

func TestRights_DatabaseAwayIsUnavailable(t *testing.T) {
	t.Parallel()
	calls := map[string]string{
		"POST /api/rights-requests": `{"kind":"access","email":"ana@example.com"}`, "GET /api/rights-requests": "",
		"GET /api/rights-requests/{id}": "", "POST /api/rights-requests/{id}/close": `{"outcome":"answered","reason":"x"}`,
	}
	for _, call := range slices.Sorted(maps.Keys(calls)) {
		b := setup()
		b.err = fmt.Errorf("for ana@example.com: %w", lead.ErrDatabaseUnavailable)
		response := b.call(t, "privacy", call, requestID.String(), asJSON, calls[call])
		if response.StatusCode != 503 || strings.Contains(response.Body+b.log.String(), "ana@") || !strings.Contains(b.log.String(), `"endpoint":"`+call) {
			t.Errorf("%s: %d %s\n%s", call, response.StatusCode, response.Body, b.log.String())
		}
	}
}

func FuzzReceive_TakesWhatKeepsTheRules(f *testing.F) {
	f.Add(asJSON, `{"kind":"access","email":"ana@example.com","reference":"NG-2222-2222","message":"x","locale":"en"}`)
	f.Add(asForm, "kind=access&email=ana%40example.com&message=%00")
	f.Fuzz(func(t *testing.T, contentType, body string) {
		b := setup()
		response := b.post(t, contentType, body)
		if taken := response.StatusCode == 202 || response.StatusCode == 303; taken != (len(b.made) == 1) || !taken && response.StatusCode < 400 || response.StatusCode >= 500 {
			t.Fatalf("%d, made %v", response.StatusCode, b.made)
		}
		for _, r := range b.made {
			if !slices.Contains(lead.RightsKinds(), r.Kind) || r.EmailNorm == "" || len(r.Email) > 254 || strings.ContainsRune(r.Email+r.Message, 0) ||
				utf8.RuneCountInString(r.Message) > 1000 || r.Locale != lead.English && r.Locale != lead.PortugueseBrazil {
				t.Errorf("%q makes %+v", body, r)
			}
		}
	})
}
