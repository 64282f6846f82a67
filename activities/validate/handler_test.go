package validate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
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
	return testBundle{handler: New(env, compiled), out: &out}
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
	if len(s.UserAgent) != 64 || s.Key.Keep != 10*time.Minute || len(s.Key.Hash) != 64 || len(s.Key.Fingerprint) != 64 {
		t.Errorf("keys %+v", s)
	}
}

func TestValidate_NormalisesEveryField(t *testing.T) {
	t.Parallel()
	s := setup(t).accept(t, `{"name":"  Jose\u0301 da Silva ","email":" Jose@B\u00DCCHER.example ","company":" Padaria ",
		"phone":"(11) 91234-5678","message":"linha 1\r\nlinha 2\t\ud83d\udc69\u200d\ud83d\udcbb ","source":"site",
		"utm":{"source":"news","campaign":""},"locale":"pt-BR",
		"consent":{"accepted":true,"textId":"reply","textVersion":"2026-11-21","textHash":"`+strings.Repeat("ab", 32)+`","marketing":true},
		"checks":{"stamp":"abc","trap":""}}`, nil)
	want := lead.Submission{
		Name: "José da Silva", Email: "Jose@BÜCHER.example", EmailNorm: "jose@xn--bcher-kva.example", Company: "Padaria",
		Phone: "+5511912345678", Message: "linha 1\nlinha 2\t👩‍💻", Source: "site", Locale: "pt-BR",
		Consent: lead.Consent{Marketing: true, TextID: "reply", TextVersion: "2026-11-21", TextHash: strings.Repeat("ab", 32)},
		Verdict: lead.VerdictClean,
	}
	if s.Name != want.Name || s.Email != want.Email || s.EmailNorm != want.EmailNorm || s.Company != want.Company ||
		s.Phone != want.Phone || s.Message != want.Message || s.Source != want.Source || s.Locale != want.Locale ||
		s.Consent != want.Consent || s.Verdict != want.Verdict {
		t.Errorf("got  %+v\nwant %+v", s, want)
	}
	if len(s.UTM) != 1 || s.UTM["source"] != "news" {
		t.Errorf("utm %v", s.UTM)
	}
}

func TestValidate_TakesAFormPost(t *testing.T) {
	t.Parallel()
	s := setup(t).accept(t, "name=Ana+Souza&email=ana%40example.com&phone=&company=&message=a%0D%0Ab&consent.accepted=on&consent.textId=reply"+
		"&utm.source=news&checks.trap=&source=&locale=", map[string]string{"contentType": "application/x-www-form-urlencoded; charset=UTF-8"})
	if !s.Form || s.Locale != "pt-BR" || s.Message != "a\nb" || s.UTM["source"] != "news" || s.Consent.TextID != "reply" ||
		s.Consent.Marketing || s.Source != "news" || s.Phone != "" {
		t.Errorf("submission %+v", s)
	}
}

func TestValidate_RefusesWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	many := make([]string, 0, 70)
	for i := range 70 {
		many = append(many, fmt.Sprintf(`"k%d":1`, i))
	}
	tests := []struct {
		name, body string
		change     map[string]string
		status     int
		code       string
		pointer    string
	}{
		{"empty", "", nil, 400, codeEmpty, ""},
		{"blank", " \n", nil, 400, codeEmpty, ""},
		{"not JSON", "name=Ana", nil, 400, codeJSON, ""},
		{"cut off", minimal[:30], nil, 400, codeJSON, ""},
		{"array", "[" + minimal + "]", nil, 400, codeNotObject, ""},
		{"text", `"ana"`, nil, 400, codeNotObject, ""},
		{"number", "1", nil, 400, codeNotObject, ""},
		{"null", "null", nil, 400, codeNotObject, ""},
		{"two values", minimal + minimal, nil, 400, codeJSON, ""},
		{"trailing text", minimal + "x", nil, 400, codeJSON, ""},
		{"byte order mark", "\uFEFF" + minimal, nil, 400, codeJSON, ""},
		{"depth 10,000 of objects in 1 MiB", strings.Repeat(`{"a":`, 10_000) + "1" + strings.Repeat("}", 10_000), nil, 413, codeTooLarge, ""},
		{"depth 3,000 of objects", strings.Repeat(`{"a":`, 2_500) + "1" + strings.Repeat("}", 2_500), nil, 400, codeTooDeep, ""},
		{"depth 5,000 of arrays", `{"a":` + strings.Repeat("[", 5_000) + strings.Repeat("]", 5_000) + "}", nil, 400, codeTooDeep, ""},
		{"array of depth 8,000", strings.Repeat("[", 8_000), nil, 400, codeJSON, ""},
		{"70 keys", "{" + strings.Join(many, ",") + "}", nil, 400, codeTooManyKeys, ""},
		{"1 MiB", `{"message":"` + strings.Repeat("a", 1<<20) + `"}`, nil, 413, codeTooLarge, ""},
		{"one byte too many", minimal + strings.Repeat(" ", maxBody+1-len(minimal)), nil, 413, codeTooLarge, ""},
		{"duplicate key", `{"name":"a","name":"b"}`, nil, 400, codeDuplicate, "/name"},
		{"duplicate key in escapes", `{"email":"a","em\u0061il":"b"}`, nil, 400, codeDuplicate, "/email"},
		{"duplicate key below", `{"consent":{"accepted":true,"accepted":true}}`, nil, 400, codeDuplicate, "/consent/accepted"},
		{"invalid UTF-8", "{\"name\":\"A\xffna\"}", nil, 400, codeEncoding, ""},
		{"UTF-8 lost on the way", "{\"name\":\"A\uFFFDna\"}", nil, 400, codeEncoding, ""},
		{"lone surrogate", `{"name":"\ud800"}`, nil, 400, codeJSON, ""},
		{"NUL in a value", `{"name":"a\u0000b"}`, nil, 400, codeNUL, ""},
		{"NUL in a key", `{"na\u0000me":"b"}`, nil, 400, codeNUL, ""},
		{"raw NUL", "{\"name\":\"a\x00b\"}", nil, 400, codeNUL, ""},
		{"raw line feed in a text", "{\"name\":\"a\nb\"}", nil, 400, codeJSON, ""},
		{"wrong content type", minimal, map[string]string{"contentType": "text/plain"}, 415, codeMediaType, ""},
		{"no content type", minimal, map[string]string{"contentType": ""}, 415, codeMediaType, ""},
		{"broken content type", minimal, map[string]string{"contentType": "application/json; charset"}, 415, codeMediaType, ""},
		{"other charset", minimal, map[string]string{"contentType": "application/json; charset=latin1"}, 415, codeMediaType, ""},
		{"multipart", minimal, map[string]string{"contentType": "multipart/form-data; boundary=x"}, 415, codeMediaType, ""},
		{"form with a field twice", "name=Ana&email=a%40example.com&name=Eva", formPost, 400, codeRepeated, "/name"},
		{"form with a nested field twice", "consent.accepted=on&consent.accepted=on", formPost, 400, codeRepeated, "/consent/accepted"},
		{"form with a field twice in escapes", "name=Ana&n%61me=Eva", formPost, 400, codeRepeated, "/name"},
		{"form with a broken escape", "name=%zz", formPost, 400, codeForm, ""},
		{"form in latin1", "name=Jos%E9", formPost, 400, codeEncoding, ""},
		{"form with NUL", "name=a%00b", formPost, 400, codeNUL, ""},
		{"empty form", "", formPost, 400, codeEmpty, ""},
		{"form of 70 fields", formOf(70), formPost, 400, codeTooManyKeys, ""},
		{"malformed key", minimal, map[string]string{"idempotencyKey": "has space"}, 400, codeKey, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			answer, problem := setup(t).refuse(t, tt.body, tt.change)
			if answer.StatusCode != tt.status || problem.Status != tt.status || answer.Headers["Cache-Control"] != "no-store" {
				t.Errorf("status %d, headers %v, want %d", answer.StatusCode, answer.Headers, tt.status)
			}
			if len(problem.Errors) != 1 || problem.Errors[0].Code != tt.code || problem.Errors[0].Pointer != tt.pointer || problem.Detail == "" {
				t.Errorf("problem %+v, want code %s at %q", problem, tt.code, tt.pointer)
			}
		})
	}
}

func formOf(n int) string {
	pairs := make([]string, n)
	for i := range pairs {
		pairs[i] = fmt.Sprintf("k%d=v", i)
	}
	return strings.Join(pairs, "&")
}

// with is the smallest post with one member replaced or added, as raw JSON.
func with(member, raw string) string {
	members := map[string]string{"name": `"Ana Souza"`, "email": `"ana@example.com"`, "consent": `{"accepted":true}`}
	members[member] = raw
	var b strings.Builder
	for _, name := range []string{"name", "email", "consent", "phone", "company", "message", "source", "utm", "locale", "checks", "extra"} {
		if raw, ok := members[name]; ok {
			fmt.Fprintf(&b, ",%q:%s", name, raw)
		}
	}
	return "{" + b.String()[1:] + "}"
}

func quoted(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func TestValidate_RefusesFields(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, body, pointer, code string
	}{
		{"no name", `{"email":"ana@example.com","consent":{"accepted":true}}`, "/name", codeRequired},
		{"blank name", with("name", `"   "`), "/name", codeRequired},
		{"name of one letter", with("name", `"A"`), "/name", codeTooShort},
		{"name of 121 letters", with("name", quoted(strings.Repeat("ã", 121))), "/name", codeTooLong},
		{"name without a letter", with("name", `"12 34"`), "/name", codeFormat},
		{"name is a number", with("name", "7"), "/name", codeWrongType},
		{"name is null", with("name", "null"), "/name", codeWrongType},
		{"name is an object", with("name", `{"first":"Ana"}`), "/name", codeWrongType},
		{"name with a bidi override", with("name", `"Ana \u202Eazuos"`), "/name", codeCharacters},
		{"name with a bidi isolate", with("name", `"Ana\u2066"`), "/name", codeCharacters},
		{"name with a bidi mark", with("name", `"Ana\u200F Souza"`), "/name", codeCharacters},
		{"name with an Arabic letter mark", with("name", `"Ana\u061C"`), "/name", codeCharacters},
		{"name with a tab", with("name", `"Ana\tSouza"`), "/name", codeCharacters},
		{"name with CR LF at its end", with("name", `"Ana Souza\r\n"`), "/name", codeCharacters},
		{"name with a C1 control", with("name", `"Ana\u0085Souza"`), "/name", codeCharacters},
		{"name with a joiner", with("name", `"Ana\u200DSouza"`), "/name", codeCharacters},
		{"name with a zero-width space", with("name", `"Ana\u200BSouza"`), "/name", codeCharacters},
		{"name with a line separator", with("name", `"Ana\u2028Souza"`), "/name", codeCharacters},
		{"name with tag characters", with("name", `"Ana\udb40\udc41"`), "/name", codeCharacters},
		{"name with a noncharacter", with("name", `"Ana\uffff"`), "/name", codeCharacters},
		{"name with the replacement character", with("name", `"Ana\ufffd"`), "/name", codeCharacters},
		{"name with four combining marks", with("name", `"Z\u0335\u0336\u0337\u0338algo"`), "/name", codeCharacters},
		{"no e-mail", `{"name":"Ana","consent":{"accepted":true}}`, "/email", codeRequired},
		{"e-mail of 300 characters", with("email", quoted("a@"+strings.Repeat("b", 294)+".com")), "/email", codeTooLong},
		{"e-mail of 260 bytes in 250 signs", with("email", quoted(strings.Repeat("a", 55)+"@"+strings.Repeat("é", 10)+"."+strings.Repeat(strings.Repeat("b", 59)+".", 3)+"com")), "/email", codeTooLong},
		{"e-mail with CR LF", with("email", `"ana@example.com\r\nbcc: x@example.com"`), "/email", codeCharacters},
		{"e-mail with CR LF at its end", with("email", `"ana@example.com\r\n"`), "/email", codeCharacters},
		{"e-mail with a soft hyphen", with("email", `"ana@exam\u00ADple.com"`), "/email", codeCharacters},
		{"e-mail is a list", with("email", `["ana@example.com"]`), "/email", codeWrongType},
		{"phone of no plan", with("phone", `"12345"`), "/phone", codeFormat},
		{"phone in words", with("phone", `"ligue para mim"`), "/phone", codeFormat},
		{"phone with an extension", with("phone", `"(11) 3123-4567 ramal 12"`), "/phone", codeFormat},
		{"phone of 41 signs", with("phone", quoted(strings.Repeat("1", 41))), "/phone", codeTooLong},
		{"phone is a number", with("phone", "11912345678"), "/phone", codeWrongType},
		{"company of 121 signs", with("company", quoted(strings.Repeat("c", 121))), "/company", codeTooLong},
		{"company with a bidi embedding", with("company", `"\u202AAcme"`), "/company", codeCharacters},
		{"message of 1001 signs", with("message", quoted(strings.Repeat("m", 1001))), "/message", codeTooLong},
		{"message with a bell", with("message", `"a\u0007"`), "/message", codeCharacters},
		{"message with a lone CR", with("message", `"a\rb"`), "/message", codeCharacters},
		{"message with tag characters", with("message", `"a\udb40\udc41"`), "/message", codeCharacters},
		{"source that is an e-mail", with("source", `"ana@example.com"`), "/source", codeFormat},
		{"unknown locale", with("locale", `"fr"`), "/locale", codeNotAllowed},
		{"utm is a text", with("utm", `"x"`), "/utm", codeWrongType},
		{"unknown utm", with("utm", `{"id":"1"}`), "/utm/id", codeUnknown},
		{"utm of 201 signs", with("utm", `{"term":`+quoted(strings.Repeat("t", 201))+`}`), "/utm/term", codeTooLong},
		{"unknown field", with("extra", `1`), "/extra", codeUnknown},
		{"name in capitals", strings.Replace(with("extra", "1"), "extra", "NAME", 1), "/NAME", codeUnknown},
		{"field of the table", strings.Replace(with("extra", `"delivered"`), "extra", "status", 1), "/status", codeUnknown},
		{"field with a slash and a tilde", strings.Replace(with("extra", "1"), "extra", "a/b~c", 1), "/a~1b~0c", codeUnknown},
		{"no consent", `{"name":"Ana","email":"ana@example.com"}`, "/consent/accepted", codeRequired},
		{"empty consent", with("consent", "{}"), "/consent/accepted", codeRequired},
		{"consent refused", with("consent", `{"accepted":false}`), "/consent/accepted", codeRequired},
		{"consent in words", with("consent", `{"accepted":"true"}`), "/consent/accepted", codeRequired},
		{"consent null", with("consent", `{"accepted":null}`), "/consent/accepted", codeRequired},
		{"consent is true", with("consent", "true"), "/consent", codeWrongType},
		{"consent text without a hash", with("consent", `{"accepted":true,"textHash":"abc"}`), "/consent/textHash", codeFormat},
		{"marketing in words", with("consent", `{"accepted":true,"marketing":"on"}`), "/consent/marketing", codeWrongType},
		{"trap is a number", with("checks", `{"trap":1}`), "/checks/trap", codeWrongType},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			answer, problem := setup(t).refuse(t, tt.body, nil)
			if answer.StatusCode != 422 {
				t.Errorf("status %d, want 422", answer.StatusCode)
			}
			if len(problem.Errors) != 1 || problem.Errors[0].Pointer != tt.pointer || problem.Errors[0].Code != tt.code || problem.Errors[0].Message == "" {
				t.Errorf("errors %+v, want %s at %s", problem.Errors, tt.code, tt.pointer)
			}
		})
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
		if s := result.Submission; s != nil && (s.Name == "" || s.EmailNorm == "" || len(s.EmailNorm) > maxEmail || strings.ContainsAny(s.Email+s.Name, "\r\n\x00")) {
			t.Errorf("submission %+v", s)
		}
	})
}
