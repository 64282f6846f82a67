package postgres_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/alquimista-ai/nigredo/activities/balance"
	"github.com/alquimista-ai/nigredo/activities/deliver"
	"github.com/alquimista-ai/nigredo/activities/get"
	"github.com/alquimista-ai/nigredo/activities/list"
	"github.com/alquimista-ai/nigredo/activities/persist"
	"github.com/alquimista-ai/nigredo/activities/postgres"
	"github.com/alquimista-ai/nigredo/activities/ratelimit"
	"github.com/alquimista-ai/nigredo/activities/release"
	"github.com/alquimista-ai/nigredo/activities/rights"
	"github.com/alquimista-ai/nigredo/activities/settle"
	"github.com/alquimista-ai/nigredo/activities/stats"
	"github.com/alquimista-ai/nigredo/activities/sweep"
	"github.com/alquimista-ai/nigredo/activities/track"
	"github.com/alquimista-ai/nigredo/activities/views"
)

// The store is what each activity asks for.
var (
	_ ratelimit.Store = (*postgres.Store)(nil)
	_ persist.Store   = (*postgres.Store)(nil)
	_ deliver.Store   = (*postgres.Store)(nil)
	_ track.Store     = (*postgres.Store)(nil)
	_ list.Store      = (*postgres.Store)(nil)
	_ get.Store       = (*postgres.Store)(nil)
	_ sweep.Store     = (*postgres.Store)(nil)
	_ settle.Store    = (*postgres.Store)(nil)
	_ balance.Store   = (*postgres.Store)(nil)
	_ rights.Store    = (*postgres.Store)(nil)
	_ views.Store     = (*postgres.Store)(nil)
	_ stats.Store     = (*postgres.Store)(nil)
	_ release.Store   = (*postgres.Store)(nil)
)

// What makes RDS Proxy keep a connection for one client until it disconnects
// (Amazon RDS user guide, "Avoiding pinning").
var pinning = regexp.MustCompile(`(?im)(\bSET\s+(LOCAL|SESSION|[a-z_.]+\s*(=|TO))|set_config|nextval|setval|\bLISTEN\b|\bPREPARE\b|\bDEALLOCATE\b|\bDISCARD\b|\bDECLARE\b|\bTEMP(ORARY)?\b|pg_advisory_lock)`)

const pinningSize = 16 << 10

func TestStatements_PassThroughAProxyWithoutPinning(t *testing.T) {
	t.Parallel()
	statements := constants(t)
	if len(statements) < 9 {
		t.Fatalf("found %d statements in db/, want all of them", len(statements))
	}
	for name, text := range statements {
		if len(text) >= pinningSize {
			t.Errorf("%s has %d bytes, want less than %d", name, len(text), pinningSize)
		}
		// SET of an UPDATE or an upsert is another word.
		code := regexp.MustCompile(`(?m)--.*$`).ReplaceAllString(text, "")
		code = regexp.MustCompile(`(?i)(UPDATE\s+\S+\s+AS\s+\w+\s+|DO\s+UPDATE\s+)SET\s+\w+\s*=`).ReplaceAllString(code, "$1")
		if found := pinning.FindString(code); found != "" {
			t.Errorf("%s says %q, which pins a proxy connection", name, found)
		}
		for _, table := range regexp.MustCompile(`(?i)\b(?:INTO|UPDATE|JOIN)\s+([a-z_.]+)`).FindAllStringSubmatch(code, -1) {
			if !strings.HasPrefix(table[1], "nigredo.") && !slices.Contains([]string{"set", "lateral"}, strings.ToLower(table[1])) {
				t.Errorf("%s names %s without its schema", name, table[1])
			}
		}
	}
}

// constants are the texts in the generated code.
func constants(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("db/*.sql.go")
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 {
				return true
			}
			literal, ok := spec.Values[0].(*ast.BasicLit)
			if !ok {
				return true
			}
			text, err := strconv.Unquote(literal.Value)
			if err != nil {
				t.Fatal(err)
			}
			texts[spec.Names[0].Name] = text
			return true
		})
	}
	return texts
}
