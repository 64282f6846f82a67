package e2e

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/jackc/pgx/v5"
)

// markers are words that a test puts where personal data stands, and then looks
// for everywhere.
type markers map[string]string

func newMarkers(places ...string) markers {
	m := markers{}
	for _, place := range places {
		m[place] = "zz" + strings.ToLower(rand.Text()[:12])
	}
	return m
}

// requireAbsent fails for each marker in a text, and says where.
func (m markers) requireAbsent(t *testing.T, where, text string) {
	t.Helper()
	text = strings.ToLower(text)
	for place, marker := range m {
		if i := strings.Index(text, marker); i >= 0 {
			t.Errorf("%s holds the %s: …%s…", where, place, text[max(0, i-200):min(len(text), i+100)])
		}
	}
}

// requirePrivate looks for the markers in all that the program wrote: its
// output, the log files in its data folder, the Standard histories of the lead,
// and every table that is not for personal data.
func (m markers) requirePrivate(t *testing.T, executions ...string) {
	t.Helper()
	m.requireAbsent(t, "the log", up.Output.String())
	for _, path := range logFiles(t) {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		m.requireAbsent(t, filepath.Base(path), string(content))
	}
	for _, arn := range executions {
		m.requireAbsent(t, "the history", asJSONText(t, history(t, arn)))
		described, err := stepFunctions().DescribeExecution(t.Context(), &sfn.DescribeExecutionInput{ExecutionArn: aws.String(arn)})
		if err != nil {
			t.Fatal(err)
		}
		m.requireAbsent(t, "the description of the execution", asJSONText(t, described))
	}
	m.requireNotStored(t)
}

// requireNotStored looks into every row of every table but those whose purpose
// is personal data. Columns of bytes are compared in hexadecimal.
func (m markers) requireNotStored(t *testing.T) {
	t.Helper()
	type table struct{ Schema, Name string }
	for _, table := range query[table](t, `select schemaname as schema, tablename as name from pg_tables
		where schemaname not in ('pg_catalog', 'information_schema')
		and (schemaname, tablename) not in (('nigredo', 'leads'), ('nigredo', 'form_submissions'), ('nigredo', 'rights_requests'))`) {
		name := pgx.Identifier{table.Schema, table.Name}.Sanitize()
		for place, marker := range m {
			sql := "select count(*) from " + name + " as r where r::text ilike '%' || $1 || '%' or r::text ilike '%' || $2 || '%'"
			if n := count(t, sql, marker, hex.EncodeToString([]byte(marker))); n != 0 {
				t.Errorf("%d rows of %s hold the %s", n, name, place)
			}
		}
	}
}

func asJSONText(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// logFiles lists the files of the data folder but the database's own and
// programs.
func logFiles(t *testing.T) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(up.Dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if _, err := os.Stat(filepath.Join(path, "PG_VERSION")); err == nil || entry.Name() == "native" {
				return fs.SkipDir
			}
			return nil
		}
		if entry.Type().IsRegular() {
			files = append(files, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// body gives a lead with a marker in each field, and its e-mail address.
func (m markers) body(t *testing.T) (body, email string) {
	t.Helper()
	email = m["e-mail"] + "@example.com"
	return asJSONText(t, map[string]any{
		"name": "Ana " + m["name"], "email": email, "company": m["company"], "message": m["message"],
		"utm":     map[string]string{"source": m["utm"] + " x", "campaign": m["utm"], "term": m["utm"], "content": m["utm"]},
		"consent": map[string]any{"accepted": true},
	}), email
}

func TestPrivacy_NothingOfAPersonIsLoggedOrKeptInHistories(t *testing.T) {
	t.Parallel()
	m := newMarkers("name", "e-mail", "company", "message", "utm", "key", "user agent", "query", "referer")
	body, email := m.body(t)
	// A receiver that answers with what it got is as chatty as one can be.
	up.receiver.script(email, func(_ int, w http.ResponseWriter, body []byte) {
		w.WriteHeader(http.StatusUnprocessableEntity)
		_, _ = w.Write(body)
	})
	lead := up.accept(t, request{
		address: up.address(), path: "/api/leads?email=" + m["query"], key: m["key"], body: body,
		header: map[string]string{"User-Agent": m["user agent"], "Referer": "http://x/" + m["referer"]},
	})
	arn := deliveryOf(lead.ID)
	waitStatus(t, arn, types.ExecutionStatusFailed, soon)
	eventually(t, soon, leadStatus(t, lead.ID, "failed"))
	up.receiver.script(email, func(_ int, w http.ResponseWriter, body []byte) { _, _ = w.Write(body) })
	up.run(t, "redrive", arn)
	waitStatus(t, arn, types.ExecutionStatusSucceeded, soon)
	eventually(t, soon, leadStatus(t, lead.ID, "delivered"))
	up.call(t, request{address: up.address(), key: m["key"], body: body}) // a repeat

	// The answers are kept, masked. Campaign parameters are nobody's data in an answer,
	// and stay.
	if n := count(t, "select count(*) from nigredo.webhook_logs where lead_id = $1 and answer_excerpt like '%•••%'", lead.ID); n != 2 {
		t.Errorf("%d attempts have a masked excerpt, want 2", n)
	}
	execute(t, "update nigredo.webhook_logs set answer_excerpt = replace(answer_excerpt, $2, '') where lead_id = $1", lead.ID, m["utm"])
	m.requirePrivate(t, arn)
}

func TestPrivacy_RefusedPostLeavesNoTrace(t *testing.T) {
	t.Parallel()
	m := newMarkers("name", "e-mail", "company", "message", "utm", "unknown field", "trap")
	form := url.Values{
		"name": {m["name"] + "\x01"}, "email": {m["e-mail"]}, "company": {m["company"] + "\u202e"}, "message": {m["message"] + "\x00"},
		"utm.campaign": {m["utm"]}, m["unknown field"]: {"x"}, "checks.trap": {m["trap"]},
	}.Encode()
	for _, r := range []request{
		{body: `{"name":"` + m["name"] + `","email":"` + m["e-mail"] + `","message":"` + m["message"]},
		{body: `{"name":{"first":"` + m["name"] + `"},"email":["` + m["e-mail"] + `"],"` + m["unknown field"] + `":1,"consent":{"accepted":true}}`},
		{body: `{"` + m["unknown field"] + `":1,"` + m["unknown field"] + `":2}`},
		{body: `{"name":"` + strings.Repeat(m["name"], 10_000) + `"}`},
		{body: m["message"] + "\xff"},
		{contentType: asForm, body: form},
		{contentType: asForm, body: "name=%zz" + m["name"]},
		{contentType: "text/" + m["utm"], body: m["message"]},
		{path: "/api/leads/" + m["e-mail"], method: http.MethodGet},
		{path: "/api/" + m["unknown field"]},
	} {
		r.address = up.address()
		if got := up.call(t, r); got.status < 400 || got.status >= 500 {
			t.Errorf("%.60s: %d, want a refusal", r.body, got.status)
		}
	}
	m.requirePrivate(t)
}

// TestPrivacy_DatabaseErrorQuotesNobody makes PostgreSQL refuse the row: its
// error carries the whole row in its detail.
func TestPrivacy_DatabaseErrorQuotesNobody(t *testing.T) {
	t.Parallel()
	m := newMarkers("name", "e-mail", "company", "message", "utm")
	execute(t, "alter table nigredo.leads add constraint e2e_name check (name <> 'Ana "+m["name"]+"') not valid")
	t.Cleanup(func() { execute(t, "alter table nigredo.leads drop constraint e2e_name") })
	body, email := m.body(t)
	refused := up.call(t, request{address: up.address(), body: body})
	refused.problem(t, http.StatusServiceUnavailable)
	m.requireAbsent(t, "the answer", string(refused.body))
	if n := leads(t, email); n != 0 {
		t.Fatalf("%d leads of a failed post", n)
	}
	m.requirePrivate(t)
}

func TestPrivacy_LogNamesNoAddress(t *testing.T) {
	t.Parallel()
	const address = "203.0.113.7"
	up.accept(t, request{address: address, body: lead(person())})
	up.call(t, request{address: address, body: "{"}).problem(t, http.StatusBadRequest)
	markers{"address": address}.requireAbsent(t, "the log", up.Output.String())
}
