package bench

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/alquimista-ai/nigredo/activities/postgres/db"
)

// findPgbench finds PostgreSQL's own load generator. The private PostgreSQL's
// package does not hold it.
func findPgbench(b *testing.B) string {
	b.Helper()
	path, err := exec.LookPath("pgbench")
	if err != nil {
		b.Fatal("pgbench is not on the PATH: install it (Debian: apt-get install postgresql) and run again")
	}
	return path
}

// script is a pgbench script of the two statements. Their texts are the ones the
// program prepares; only the parameters are written differently: what every lead
// has of its own is computed by the server out of :n, a number no other
// transaction has, and the rest is constant.
type script struct {
	reserve, accept string // as the program prepares them
	path            string
}

func newScript(b *testing.B) *script {
	b.Helper()
	s := &script{path: filepath.Join(b.TempDir(), "lead.sql"), reserve: db.Reserve, accept: db.Accept}
	text := strings.Join([]string{
		`\set i :i + 1`,
		`\set n (:round * 8 + :client_id) * 1000000 + :i`,
		inline(b, s.reserve, reserveParameters) + ";",
		inline(b, s.accept, acceptParameters) + ";",
	}, "\n") + "\n"
	if err := os.WriteFile(s.path, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	return s
}

var transactions = regexp.MustCompile(`(?m)^tps = ([0-9.]+)`)

// run runs one round over as many connections and leads as the program had, and
// gives transactions per second.
func (s *script) run(b *testing.B, pgbench, url string, round int) float64 {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), pgbench, "--no-vacuum", "--protocol=prepared",
		"--client="+strconv.Itoa(connections), "--jobs=2", "--transactions="+strconv.Itoa(perClient),
		"--define=i=0", "--define=round="+strconv.Itoa(round+1), "--file="+s.path, url)
	out, err := cmd.CombinedOutput()
	if err != nil {
		b.Fatalf("pgbench: %v: %s", err, out)
	}
	found := transactions.FindSubmatch(out)
	if found == nil {
		b.Fatalf("pgbench printed no tps: %s", out)
	}
	tps, err := strconv.ParseFloat(string(found[1]), 64)
	if err != nil {
		b.Fatal(err)
	}
	return tps
}

// The values of the parameters by the name the statement gives them; see inline.
// pgbench takes every colon before a word for a variable, in literals too.
const (
	key       = `sha256(:n::bigint::text::bytea)`
	owner     = `('arn-aws-states-us-east-1-000000000000-express-lead_intake-' || :n::bigint::text)`
	bucket    = `('127.2.' || :round::int::text || '.' || :client_id::int::text)`
	leadID    = `lpad(to_hex(:n::bigint), 32, '1')::uuid`
	eventID   = `lpad(to_hex(:n::bigint), 32, '2')::uuid`
	entryID   = `lpad(to_hex(:n::bigint), 32, '3')::uuid`
	reference = `('NG-' || translate(upper(substr(lpad(to_hex(:n::bigint), 8, '0'), 1, 4)), '01', 'GH') || '-' || translate(upper(substr(lpad(to_hex(:n::bigint), 8, '0'), 5, 4)), '01', 'GH'))`
	email     = `('ana.' || :n::bigint::text || '@example.com')`
)

var reserveParameters = []string{key, key, owner, bucket, `1000`, `'1 hour'`}

// In the order of the numbers in the statement's text.
var acceptParameters = []string{
	key, owner, `'24 hours'`, `1000`, `'1 hour'`, leadID, eventID, reference, `true`, `'accepted'`,
	`'Ana'`, email, email, `'Example Ltda'`, `''`, `'We would like to know more about your work.'`, `'bench'`,
	`''`, `''`, `''`, `''`, `''`, `''`, `'en'`, `'clean'`, bucket, `''`, `'[]'`, `false`, `'bench'`, `now()`, `false`, `''`, `''`, `''`, `false`, `''`, `NULL`, entryID,
}

var parameter = regexp.MustCompile(`\$([0-9]+)`)

// inline writes values in place of a statement's numbered parameters.
func inline(b *testing.B, statement string, values []string) string {
	b.Helper()
	statement = regexp.MustCompile(`(?m)--.*$`).ReplaceAllString(statement, "")
	text := parameter.ReplaceAllStringFunc(statement, func(p string) string {
		n, err := strconv.Atoi(p[1:])
		if err != nil || n > len(values) {
			b.Fatalf("the statement has a parameter %s that the benchmark has no value for: %s", p, fmt.Sprint(err))
		}
		return values[n-1]
	})
	return strings.Join(strings.Fields(text), " ")
}
