package validate

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda/messages"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/task"
)

// testBundle is the activity with what it wrote.
type testBundle struct {
	handler *task.Handler
	out     *bytes.Buffer
}

// stampKey is 32 bytes of "k".
const stampKey = "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="

var started = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func setup(tb testing.TB) testBundle {
	tb.Helper()
	schema, err := os.ReadFile("../../states/schemas/lead-form.json")
	if err != nil {
		tb.Fatal(err)
	}
	compiled, err := NewSchema(schema)
	if err != nil {
		tb.Fatal(err)
	}
	var out bytes.Buffer
	env := task.NewEnv(&out, func() time.Time { return started.Add(25 * time.Millisecond) })
	stamps, err := lead.NewStamper(stampKey)
	if err != nil {
		tb.Fatal(err)
	}
	return testBundle{handler: New(env, compiled, stamps), out: &out}
}

// request is a whole request; fields given in change replace the defaults.
func request(tb testing.TB, body string, change map[string]string) []byte {
	tb.Helper()
	fields := map[string]string{
		"body": body, "contentType": "application/json", "sourceIp": "203.0.113.7", "userAgent": "test/1",
		"requestId": "r-1", "idempotencyKey": "", "origin": "",
	}
	for k, v := range change {
		fields[k] = v
	}
	payload, err := json.Marshal(map[string]any{"request": fields, "startedAt": started})
	if err != nil {
		tb.Fatal(err)
	}
	return payload
}

func (b testBundle) run(tb testing.TB, body string, change map[string]string) Result {
	tb.Helper()
	raw, err := b.handler.Invoke(tb.Context(), request(tb, body, change))
	if err != nil {
		tb.Fatalf("invoke: %v", err)
	}
	var result Result
	if err := json.Unmarshal(raw, &result); err != nil {
		tb.Fatal(err)
	}
	if (result.Outcome == outcomeValid) != (result.Submission != nil) || (result.Outcome == outcomeRefused) != (result.Answer != nil) {
		tb.Fatalf("outcome %q does not fit %s", result.Outcome, raw)
	}
	return result
}

func (b testBundle) accept(tb testing.TB, body string, change map[string]string) lead.Submission {
	tb.Helper()
	result := b.run(tb, body, change)
	if result.Submission == nil {
		tb.Fatalf("refused: %+v", *result.Answer)
	}
	return *result.Submission
}

func (b testBundle) refuse(tb testing.TB, body string, change map[string]string) (task.Answer, task.Problem) {
	tb.Helper()
	result := b.run(tb, body, change)
	if result.Answer == nil {
		tb.Fatalf("accepted: %+v", *result.Submission)
	}
	var problem task.Problem
	if result.Answer.Headers["Content-Type"] == "application/problem+json" {
		if err := json.Unmarshal([]byte(result.Answer.Body), &problem); err != nil {
			tb.Fatal(err)
		}
	}
	return *result.Answer, problem
}

var formPost = map[string]string{"contentType": "application/x-www-form-urlencoded"}

const minimal = `{"name":"Ana O'Brien","email":"ana@example.com","consent":{"accepted":true}}`

func TestValidate_TakesTheSmallestPost(t *testing.T) {
	t.Parallel()
	s := setup(t).accept(t, minimal, nil)
	if s.Name != "Ana O'Brien" || s.EmailNorm != "ana@example.com" || s.Source != "direct" || s.Locale != "en" ||
		s.Verdict != lead.VerdictClean || s.Form || s.Address != "203.0.113.7" || s.RequestID != "r-1" {
		t.Errorf("submission %+v", s)
	}
	if len(s.UserAgentHash) != 64 || s.Key.Keep != 10*time.Minute || len(s.Key.Hash) != 64 || len(s.Key.Fingerprint) != 64 {
		t.Errorf("keys %+v", s)
	}
}

func TestValidate_NormalisesEveryField(t *testing.T) {
	t.Parallel()
	s := setup(t).accept(t, `{"name":"  Jose\u0301 da Silva ","email":" Jose@B\u00DCCHER.example ","company":" Padaria ",
		"phone":"(11) 91234-5678","message":"linha 1\r\nlinha 2\t\ud83d\udc69\u200d\ud83d\udcbb ","source":"site",
		"utm":{"source":"news","campaign":""},"variant":" hero_2.B-1 ","locale":"pt-BR",
		"consent":{"accepted":true},
		"checks":{"stamp":"abc","trap":""}}`, nil)
	want := lead.Submission{
		Name: "José da Silva", Email: "Jose@BÜCHER.example", EmailNorm: "jose@xn--bcher-kva.example", Company: "Padaria",
		Phone: "+5511912345678", Message: "linha 1\nlinha 2\t👩‍💻", Source: "site", Variant: "hero_2.B-1", Locale: "pt-BR",
		Verdict: lead.VerdictClean,
	}
	if s.Name != want.Name || s.Email != want.Email || s.EmailNorm != want.EmailNorm || s.Company != want.Company ||
		s.Phone != want.Phone || s.Message != want.Message || s.Source != want.Source || s.Variant != want.Variant || s.Locale != want.Locale ||
		s.Verdict != want.Verdict {
		t.Errorf("got  %+v\nwant %+v", s, want)
	}
	if len(s.UTM) != 1 || s.UTM["source"] != "news" {
		t.Errorf("utm %v", s.UTM)
	}
}

func TestValidate_TakesAFormPost(t *testing.T) {
	t.Parallel()
	s := setup(t).accept(t, "name=Ana+Souza&email=ana%40example.com&phone=&company=&message=a%0D%0Ab&consent.accepted=on&consent.textId=reply"+
		"&utm.source=news&variant=b&checks.trap=&source=&locale=", map[string]string{"contentType": "application/x-www-form-urlencoded; charset=UTF-8"})
	if !s.Form || s.Locale != "pt-BR" || s.Message != "a\nb" || s.UTM["source"] != "news" || s.Consent.TextID != "reply" ||
		s.Consent.Marketing || s.Source != "news" || s.Variant != "b" || s.Phone != "" {
		t.Errorf("submission %+v", s)
	}
}

func TestValidate_NamesEveryFieldOnceInTheOrderOfTheForm(t *testing.T) {
	t.Parallel()
	_, problem := setup(t).refuse(t, `{"zeta":1,"phone":"x","name":"\u202E","email":"x","alpha":1,"message":7}`, nil)
	var got []string
	for _, e := range problem.Errors {
		got = append(got, e.Pointer)
	}
	if want := "/name /email /phone /message /consent/accepted /alpha /zeta"; strings.Join(got, " ") != want {
		t.Errorf("pointers %v, want %s", got, want)
	}
}

func TestValidate_NeverQuotesAValue(t *testing.T) {
	t.Parallel()
	const marker = "Zq7marker"
	b := setup(t)
	for _, body := range []string{
		`{"name":"` + marker + `\u202E","email":"` + marker + `","phone":"` + marker + `","source":"@` + marker + `","locale":"` + marker + `"}`,
		`{"name":"` + marker, `["` + marker + `"]`, `{"a":"` + marker + `","a":1}`,
	} {
		answer, _ := b.refuse(t, body, nil)
		if strings.Contains(answer.Body, marker) {
			t.Errorf("the answer quotes the value: %s", answer.Body)
		}
	}
	if strings.Contains(b.out.String(), marker) {
		t.Errorf("the log quotes the value: %s", b.out)
	}
}

func TestValidate_AnswersInTheLanguageOfThePost(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for locale, want := range map[string]string{"pt-BR": "Digite seu nome completo", "en": "Enter your full name"} {
		_, problem := b.refuse(t, `{"email":"ana@example.com","locale":"`+locale+`","consent":{"accepted":true}}`, nil)
		if len(problem.Errors) != 1 || problem.Errors[0].Message != want {
			t.Errorf("%s: %+v", locale, problem)
		}
	}
	for locale, want := range map[string]string{"": "Digite um e-mail no formato nome@exemplo.com", "en": "Enter an email address in the format name@example.com"} {
		answer, _ := b.refuse(t, "name=Ana+Souza&email=x&consent.accepted=on&locale="+locale, formPost)
		if !strings.Contains(answer.Body, want) {
			t.Errorf("form in %q does not say %q", locale, want)
		}
	}
}

func TestValidate_ShowsARefusedFormAgain(t *testing.T) {
	t.Parallel()
	answer, _ := setup(t).refuse(t, "name=Ana+%3Cb%3E&email=errado&consent.accepted=on&message=Ol%C3%A1", formPost)
	if answer.StatusCode != 422 || answer.Headers["Content-Type"] != "text/html; charset=utf-8" || answer.Headers["Cache-Control"] != "no-store" {
		t.Fatalf("status %d, headers %v", answer.StatusCode, answer.Headers)
	}
	for _, want := range []string{"Ana &lt;b&gt;", `value="errado"`, "Olá", "Digite um e-mail no formato nome@exemplo.com", `href="#email"`} {
		if !strings.Contains(answer.Body, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	if strings.Contains(answer.Body, "<b>") {
		t.Error("the page shows an answer as markup")
	}
}

func TestValidate_KeepsTheAnswersOfAFormThatIsTooLarge(t *testing.T) {
	t.Parallel()
	b := setup(t)
	answer, _ := b.refuse(t, "name=Ana+Souza&message="+strings.Repeat("m", maxBody), formPost)
	if answer.StatusCode != 413 || !strings.Contains(answer.Body, "Ana Souza") || !strings.Contains(answer.Body, "16 KiB") {
		t.Errorf("status %d, page of %d bytes", answer.StatusCode, len(answer.Body))
	}
	answer, _ = b.refuse(t, "name=Ana+Souza&message="+strings.Repeat("m", 1<<20), formPost)
	if answer.StatusCode != 413 || len(answer.Body) > maxShown {
		t.Errorf("status %d, page of %d bytes", answer.StatusCode, len(answer.Body))
	}
}

func TestValidate_CountsARefusalAsAnAnsweredRequest(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.accept(t, minimal, nil)
	if b.out.Len() != 0 {
		t.Errorf("a valid post is not answered here, but was counted: %s", b.out)
	}
	b.refuse(t, "{}", nil)
	if line := b.out.String(); strings.Count(line, "\n") != 1 || !strings.Contains(line, `"ApiLatency":25,`) || !strings.Contains(line, `"ApiErrors":0`) {
		t.Errorf("metrics %s", line)
	}
}

func TestValidate_FailsOnAnInputThatNoGatewayMakes(t *testing.T) {
	t.Parallel()
	whole := string(request(t, minimal, nil))
	tests := map[string]string{
		"empty object":         `{}`,
		"no request":           `{"startedAt":"2026-11-21T12:00:00Z"}`,
		"no start":             strings.Replace(whole, `"startedAt":"2026-11-21T12:00:00Z"`, `"startedAt":"0001-01-01T00:00:00Z"`, 1),
		"member absent":        strings.Replace(whole, `"userAgent":"test/1"`, `"userAgent":null`, 1),
		"member more":          strings.Replace(whole, `"origin":""`, `"origin":"","x":""`, 1),
		"body is an object":    strings.Replace(whole, `"origin":""`, `"origin":{}`, 1),
		"address is a name":    string(request(t, minimal, map[string]string{"sourceIp": "localhost"})),
		"address with a port":  string(request(t, minimal, map[string]string{"sourceIp": "203.0.113.7:80"})),
		"not JSON":             `x`,
		"more than one object": whole + whole,
	}
	for name, payload := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := setup(t).handler.Invoke(t.Context(), []byte(payload))
			var adapted messages.InvokeResponse_Error
			if !errors.As(err, &adapted) || adapted.Type != lead.ErrInvalid.Error() {
				t.Errorf("error %#v, want Lead.Invalid", err)
			}
		})
	}
}

func FuzzValidate_BodyNeverBreaksTheContract(f *testing.F) {
	b := setup(f)
	for _, seed := range []string{minimal, "", "[]", `{"a":{"b":[1,2,{"c":null}]}}`, `{"name":"\ud83d\udc69\u200d"}`, "name=Ana&consent.accepted=on", "%"} {
		f.Add(seed, true)
		f.Add(seed, false)
	}
	f.Fuzz(func(t *testing.T, body string, form bool) {
		change := map[string]string{}
		if form {
			change = formPost
		}
		result := b.run(t, body, change)
		if a := result.Answer; a != nil && a.StatusCode != 400 && a.StatusCode != 413 && a.StatusCode != 422 {
			t.Errorf("status %d", a.StatusCode)
		}
		if s := result.Submission; s != nil && (s.Name == "" || s.EmailNorm == "" || len(s.EmailNorm) > 254 || strings.ContainsAny(s.Email+s.Name, "\r\n\x00")) {
			t.Errorf("submission %+v", s)
		}
	})
}
