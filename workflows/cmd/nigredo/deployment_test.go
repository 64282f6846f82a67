package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What the document of deployments tells a stranger to run, and to open, is there.
func TestDeploymentDocument_NamesWhatIsThere(t *testing.T) {
	t.Parallel()
	read := func(name string) string {
		content, err := os.ReadFile(filepath.Join("..", "..", "..", filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}
	document, makefile := read("infra/deployment.md"), read("Makefile")
	found := 0
	for _, m := range regexp.MustCompile("[`(]make ([a-z-]+)").FindAllStringSubmatch(document, -1) {
		found++
		if !regexp.MustCompile(`(?m)^(.* )?` + m[1] + `:|^` + m[1] + ` .*:`).MatchString(makefile) {
			t.Errorf("there is no target for make %s", m[1])
		}
	}
	help := nigredo(t, nil, "--help").stdout
	for _, m := range regexp.MustCompile(`\bnigredo ((?:[a-z-]+ )*[a-z-]+)((?: --[a-z-]+)*)`).FindAllStringSubmatch(document, -1) {
		command, _, _ := strings.Cut(m[1], " ")
		if !strings.Contains(help, "  "+command) {
			continue // the name of the program in a sentence
		}
		found++
		options := nigredo(t, nil, command, "--help").stdout
		for flag := range strings.FieldsSeq(m[2]) {
			if !strings.Contains(options, flag) {
				t.Errorf("nigredo %s has no %s", command, flag)
			}
		}
	}
	for _, m := range regexp.MustCompile(`\]\(([^)#]+)\)`).FindAllStringSubmatch(document, -1) {
		found++
		if _, err := os.Stat(filepath.Join("..", "..", "..", "infra", filepath.FromSlash(m[1]))); err != nil {
			t.Errorf("the document names %s: %v", m[1], err)
		}
	}
	stacks := read("infra/stack/testdata/golden/NigredoStack-prod.json") + read("infra/stack/testdata/golden/NigredoFrontendStack-prod.json") +
		read("infra/stack/forwarding.go") // not in prod as it is committed
	for _, m := range regexp.MustCompile("[<`]((?:Site|Api|UserPool|Forwarding|Database|Operator)[A-Za-z]+)[>`]").FindAllStringSubmatch(document, -1) {
		found++
		if !strings.Contains(stacks, `"`+m[1]+`"`) {
			t.Errorf("no stack has the output %s", m[1])
		}
	}
	if found < 40 {
		t.Errorf("only %d names were found in the document: the patterns are out of date", found)
	}
}
