package asl

import (
	"errors"
	"slices"
)

// compiler turns the texts of a definition's expressions into expressions. Parsing
// is the reference implementation's, once per different text.
type compiler struct {
	reference *reference
	trees     map[string]tree
}

type tree struct {
	root *Object
	err  error
}

func newCompiler(r *reference) *compiler {
	return &compiler{reference: r, trees: make(map[string]tree)}
}

// compile fills in x and returns what is wrong with it, without locations. An error
// is a failure of ours, not of the expression.
func (c *compiler) compile(x *expression, at place) ([]Problem, error) {
	t := c.parse(x.text)
	var refused *fault
	if errors.As(t.err, &refused) {
		return []Problem{{Code: codeInvalidExpression, Message: refused.Text}}, nil
	}
	if t.err != nil {
		return nil, t.err
	}
	x.reference = c.reference
	found := inspect(t.root, at)
	x.reads = found.reads
	for _, name := range found.reads.vars {
		if !slices.Contains(builtins, name) && !slices.Contains(found.bound, name) {
			x.variables = append(x.variables, name)
		}
	}
	if len(found.problems) > 0 {
		return found.problems, nil
	}
	x.fast = compileFast(t.root, at)
	return nil, nil
}

func (c *compiler) parse(text string) tree {
	if t, ok := c.trees[text]; ok {
		return t
	}
	var t tree
	ast, err := c.reference.parse(text)
	if err == nil {
		var value any
		if value, err = ParseJSON(ast); err != nil {
			err = &fault{Text: "Not supported here: it nests too deep, or a text in it is no Unicode"}
		}
		t.root, _ = value.(*Object)
	}
	t.err = err
	c.trees[text] = t
	return t
}
