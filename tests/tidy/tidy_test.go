package tidy

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/alquimista-ai/nigredo"

// topLevel is what README's table leads to; dotfiles are free.
var topLevel = []string{
	"states", "activities", "workflows", "infra", "migrations", "site", "tests",
	"go.mod", "go.sum", "Makefile", "README.md",
}

func TestTopLevel_HoldsNothingElse(t *testing.T) {
	t.Parallel()
	for _, f := range tracked(t) {
		top, _, _ := strings.Cut(f, "/")
		if !strings.HasPrefix(top, ".") && !slices.Contains(topLevel, top) {
			t.Errorf("%s: %q is not one of the top-level names %v", f, top, topLevel)
		}
	}
}

func TestPackages_SayWhatTheyAreFor(t *testing.T) {
	t.Parallel()
	documented := map[string]bool{}
	for _, f := range goFiles(t) {
		dir := path.Dir(f.name)
		if strings.HasSuffix(f.ast.Name.Name, "_test") {
			continue
		}
		if _, ok := documented[dir]; !ok {
			documented[dir] = false
		}
		if f.ast.Doc != nil && !ast.IsGenerated(f.ast) {
			documented[dir] = true
		}
	}
	for dir, ok := range documented {
		if !ok {
			t.Errorf("%s: no package comment; say in a sentence what the package is for", dir)
		}
	}
}

func TestFiles_NameTheirOneConcept(t *testing.T) {
	t.Parallel()
	buckets := regexp.MustCompile(`(^|/)(utils?|common|types|helpers?|models?|misc)(/|\.go$|_test\.go$)`)
	for _, f := range tracked(t) {
		if strings.HasSuffix(f, ".go") && buckets.MatchString(f) {
			t.Errorf("%s: a bucket says nothing about what is in it; name the concept", f)
		}
	}
}

// A rule says what the packages below From may import of ours.
type rule struct {
	from, reason string
	may          []string
}

// The import rule of infra/adr/0006: the first rule whose prefix fits decides.
var rules = []rule{
	{"states", "everybody reads the machine files, so they know nobody", nil},
	{"migrations", "applied by wiring and tests alone", nil},
	{"site", "pages are rendered by activities and served by the wiring", nil},
	{"infra/api", "the document is read by gateway and stacks", nil},
	{"infra/deploy", "a deployment reads configuration, what each migration says of itself and how each file of the site is served", []string{"infra/config", "infra/deploy", "migrations", "site"}},
	{"activities/lead", "the domain is the floor", nil},
	{"activities/task/tasktest", "a caller of activities in tests knows none of them", nil},
	{"activities/task", "the handler contract knows the domain's errors and nothing else", []string{"activities/lead", "activities/task"}},
	{"activities/postgres", "the store serves the domain", []string{"activities/lead", "activities/postgres"}},
	{"activities/cmd", "a main is wiring, and one applies the migrations", []string{"activities", "states", "site", "migrations"}},
	{"activities", "an activity runs on Lambda: it sees the domain, the contract and the pages it renders", []string{"activities/lead", "activities/task", "site"}},
	{"workflows/asl", "the language knows no engine", nil},
	{"workflows/engine", "the engine runs any machine", []string{"workflows/asl", "workflows/engine"}},
	{"workflows/history", "a store of the engine", []string{"workflows/engine", "workflows/history"}},
	{"workflows/sfn", "AWS's API on top of the engine", []string{"workflows/engine"}},
	{"workflows/gateway", "the gateway reads its document", []string{"infra/api"}},
	{"workflows/local/flock", "a file lock knows nobody", nil},
	{"workflows/local/cluster", "a private PostgreSQL is nobody's business but its own", []string{"workflows/local/flock"}},
	{"workflows/local/inbox", "the memory of the receiver", []string{"activities/fibonacci", "activities/lead"}},
	{"workflows/local/login", "a stand-in for Cognito", nil},
	{"workflows/local", "wiring", []string{""}},
	{"workflows/cmd", "wiring", []string{""}},
	{"tests", "tests may see everything", []string{""}},
	{"infra/proof", "what a template must say is read from the sources it was made of, the errors of the domain among them", []string{"activities/lead", "infra/api", "infra/config", "infra/proof", "states"}},
	{"infra", "stacks read machines and document", []string{"states", "infra"}},
}

func TestImports_FollowTheRule(t *testing.T) {
	t.Parallel()
	for _, f := range goFiles(t) {
		if strings.HasSuffix(f.name, "_test.go") {
			continue
		}
		r := ruleOf(f.name)
		if r == nil {
			t.Errorf("%s: no rule says what this package may import; add one", f.name)
			continue
		}
		for _, spec := range f.ast.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			ours, ok := strings.CutPrefix(imported, module+"/")
			if ok && !allowed(r, ours) {
				t.Errorf("%s imports %s: %s", f.name, ours, r.reason)
			}
		}
	}
}

func ruleOf(file string) *rule {
	for i := range rules {
		if strings.HasPrefix(file, rules[i].from+"/") {
			return &rules[i]
		}
	}
	return nil
}

func allowed(r *rule, pkg string) bool {
	for _, m := range r.may {
		if m == "" || pkg == m || strings.HasPrefix(pkg, m+"/") {
			return true
		}
	}
	return false
}

// ambiguous are zap's fields whose key or value means another thing than ours.
var ambiguous = map[string]string{
	"Error":    `its key is "error", which is the error's name: zap.NamedError("error_message", err) holds the text`,
	"Duration": "its unit is the encoder's business: a key that ends in _ms holds Milliseconds()",
}

func TestLogs_NameAFieldForOneThing(t *testing.T) {
	t.Parallel()
	for _, f := range goFiles(t) {
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if from, ok := s.X.(*ast.Ident); ok && from.Name == "zap" && ambiguous[s.Sel.Name] != "" {
					t.Errorf("%s: zap.%s: %s", f.name, s.Sel.Name, ambiguous[s.Sel.Name])
				}
			}
			return true
		})
	}
}

func TestSources_HoldNoLiteralSecret(t *testing.T) {
	t.Parallel()
	secret := regexp.MustCompile(`whsec_[A-Za-z0-9+/]{24,}|-----BEGIN [A-Z ]*PRIVATE KEY|AKIA[0-9A-Z]{16}|postgres(ql)?://[^\s:@/"']+:[^\s@"'{$%]+@`)
	for _, f := range tracked(t) {
		if strings.HasSuffix(f, ".sum") {
			continue
		}
		for i, line := range strings.Split(read(t, f), "\n") {
			if secret.MatchString(line) {
				t.Errorf("%s:%d: looks like a secret; generate it in the test or read it from the environment", f, i+1)
			}
		}
	}
}

type goFile struct {
	name string
	ast  *ast.File
}

// goFiles parses every tracked Go file of the main module.
func goFiles(t *testing.T) []goFile {
	t.Helper()
	var files []goFile
	fset := token.NewFileSet()
	for _, name := range tracked(t) {
		if !strings.HasSuffix(name, ".go") || strings.Contains(name, "/testdata/") || strings.HasPrefix(name, "infra/tools/") {
			continue
		}
		parsed, err := parser.ParseFile(fset, name, read(t, name), parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, goFile{name, parsed})
	}
	if len(files) == 0 {
		t.Fatal("no Go file is tracked: the rules would hold for nothing")
	}
	return files
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root(t), name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// tracked lists the files git tracks, slash-separated, from the root.
func tracked(t *testing.T) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", "-c", "safe.directory=*", "ls-files", "-z")
	cmd.Dir = root(t)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("list tracked files: %v", err)
	}
	var files []string
	for _, f := range bytes.Split(bytes.TrimRight(out, "\x00"), []byte{0}) {
		if _, err := os.Lstat(filepath.Join(root(t), string(f))); err == nil {
			files = append(files, string(f))
		}
	}
	return files
}

func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}
