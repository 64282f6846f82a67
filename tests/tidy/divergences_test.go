package tidy

import (
	"fmt"
	"go/ast"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const (
	divergencesFile = "workflows/DIVERGENCES.md"
	casesFolder     = "tests/conformance/testdata/"
)

func TestDivergences_AreDatedAndShown(t *testing.T) {
	t.Parallel()
	rows, faults := readDivergences(read(t, divergencesFile))
	tests := testsOf(t)
	for _, row := range rows {
		faults = append(faults, row.faults(tests)...)
	}
	for _, fault := range faults {
		t.Errorf("%s: %s", divergencesFile, fault)
	}
	if len(rows) == 0 {
		t.Errorf("%s: no table of differences: the rule would hold for nothing", divergencesFile)
	}
}

// testsOf answers what may show a row: the tests, and the conformance cases by group
// and name.
func testsOf(t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for _, f := range goFiles(t) {
		if !strings.HasSuffix(f.name, "_test.go") {
			continue
		}
		for _, decl := range f.ast.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Recv == nil && strings.HasPrefix(fn.Name.Name, "Test") {
				found[fn.Name.Name] = true
			}
		}
	}
	for _, f := range tracked(t) {
		name, inFolder := strings.CutPrefix(f, casesFolder)
		if name, isCase := strings.CutSuffix(name, ".json"); inFolder && isCase {
			found[name] = true
		}
	}
	return found
}

// divergence is a row of a table: what differs, since when that is known, what shows it.
type divergence struct {
	line         int
	since, shown string
}

var (
	tableHeader = []string{"since", "shown by"} // the last two columns of every table
	month       = regexp.MustCompile(`^20\d\d-(0[1-9]|1[0-2])$`)
	code        = regexp.MustCompile("`[^`]*`")
	cellEnd     = regexp.MustCompile(`(^|[^\\])\|`)
)

// faults says what keeps the row from being dated and shown.
func (d divergence) faults(tests map[string]bool) []string {
	var faults []string
	if !month.MatchString(d.since) {
		faults = append(faults, fmt.Sprintf("line %d: since %q: write the month in which we learned of it, as in 2026-11", d.line, d.since))
	}
	names := code.FindAllString(d.shown, -1)
	if len(names) == 0 {
		faults = append(faults, fmt.Sprintf("line %d: shown by nothing: name a test or a conformance case in backquotes, write one if there is none", d.line))
	}
	for _, name := range names {
		if name = strings.Trim(name, "`"); !tests[name] {
			faults = append(faults, fmt.Sprintf("line %d: %q is neither a test nor a case (group/name) below %s: name one that shows the row, and git add it", d.line, name, casesFolder))
		}
	}
	return faults
}

// untested is the heading of the one list whose items no test can show.
const untested = "Not imitated, and nothing to test"

// mostUntested keeps that list from becoming the way out.
const mostUntested = 6

// readDivergences reads the tables. A table without the two columns, a row with other
// cells than its header, and a list that is no table are faults: such rows would be
// held by nothing.
func readDivergences(text string) (rows []divergence, faults []string) {
	var header []string
	heading, items := "", 0
	for i, line := range strings.Split(text, "\n") {
		number := i + 1
		switch {
		case strings.HasPrefix(line, "#"):
			heading = strings.TrimSpace(strings.TrimLeft(line, "#"))
		case strings.HasPrefix(line, "- "), strings.HasPrefix(line, "* "):
			if items++; heading != untested || items > mostUntested {
				faults = append(faults, fmt.Sprintf("line %d: a list holds no test: make it a row; only under %q there may be %d items", number, untested, mostUntested))
			}
		}
		if !strings.HasPrefix(line, "|") {
			header = nil
			continue
		}
		cells := cellsOf(line)
		switch {
		case header == nil:
			header = cells
			if n := len(cells) - len(tableHeader); n < 1 || !slices.Equal(cells[n:], tableHeader) {
				faults = append(faults, fmt.Sprintf("line %d: a table must end with the columns %q", number, tableHeader))
			}
		case strings.Trim(line, "|-: ") == "": // below the header
		case len(cells) != len(header):
			faults = append(faults, fmt.Sprintf("line %d: %d cells where the table has %d columns", number, len(cells), len(header)))
		default:
			n := len(cells) - len(tableHeader)
			rows = append(rows, divergence{line: number, since: cells[n], shown: cells[n+1]})
		}
	}
	return rows, faults
}

func cellsOf(line string) []string {
	line = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(line), "|"), "|")
	var cells []string
	for {
		end := cellEnd.FindStringIndex(line)
		if end == nil {
			return append(cells, strings.TrimSpace(line))
		}
		cells = append(cells, strings.TrimSpace(line[:end[1]-1]))
		line = line[end[1]:]
	}
}

func TestDivergences_FaultsAreFound(t *testing.T) {
	t.Parallel()
	tests := map[string]bool{"TestA_DoesB": true, "flow/a_case": true}
	const head = "| AWS | here | since | shown by |\n|---|---|---|---|\n"
	for _, c := range []struct{ name, text, want string }{
		{"a test", head + "| x | y | 2026-11 | `TestA_DoesB` |", ""},
		{"a case and a test", head + "| x | y | 2026-11 | `TestA_DoesB`, `flow/a_case` |", ""},
		{"a bar in a cell", head + `| x \| z | y | 2026-11 | ` + "`flow/a_case` |", ""},
		{"a test that does not exist", head + "| x | y | 2026-11 | `TestA_DoesC` |", `line 3: "TestA_DoesC" is neither a test`},
		{"a case that does not exist", head + "| x | y | 2026-11 | `TestA_DoesB`, `flow/another` |", `line 3: "flow/another" is neither a test`},
		{"the file of a case", head + "| x | y | 2026-11 | `flow/a_case.json` |", `line 3: "flow/a_case.json" is neither a test`},
		{"part of a name", head + "| x | y | 2026-11 | `TestA` |", `line 3: "TestA" is neither a test`},
		{"no test", head + "| x | y | 2026-11 | |", "line 3: shown by nothing"},
		{"a test that is only told of", head + "| x | y | 2026-11 | TestA_DoesB |", "line 3: shown by nothing"},
		{"no date", head + "| x | y | | `TestA_DoesB` |", `line 3: since ""`},
		{"a day", head + "| x | y | 2026-11-27 | `TestA_DoesB` |", `line 3: since "2026-11-27"`},
		{"no month", head + "| x | y | 2026-13 | `TestA_DoesB` |", `line 3: since "2026-13"`},
		{"a cell too few", head + "| x | 2026-11 | `TestA_DoesB` |", "line 3: 3 cells where the table has 4 columns"},
		{"a table without the columns", "| AWS | here |\n|---|---|", "line 1: a table must end with the columns"},
		{"a second table without them", head + "| x | y | 2026-11 | `TestA_DoesB` |\n\n| AWS | here |\n|---|---|", "line 5: a table must end with the columns"},
		{"a list", "## Engine\n\n- AWS does, we do not", "line 3: a list holds no test"},
		{"the list", "## " + untested + "\n\n- metrics", ""},
		{"the list, grown", "## " + untested + strings.Repeat("\n- metrics", mostUntested+1), "line 8: a list holds no test"},
	} {
		rows, faults := readDivergences(c.text)
		for _, row := range rows {
			faults = append(faults, row.faults(tests)...)
		}
		switch got := strings.Join(faults, "\n"); {
		case c.want == "" && got != "":
			t.Errorf("%s: %s", c.name, got)
		case len(faults) > 1 || !strings.HasPrefix(got, c.want):
			t.Errorf("%s: %q, want %q alone", c.name, got, c.want)
		}
	}
}
