package asl

import (
	"fmt"
	"slices"
)

// inspection is what a look at a syntax tree finds.
type inspection struct {
	at       place
	reads    reads
	bound    []string // variables that the expression itself gives values to
	problems []Problem
}

// inspect finds what an expression reads and what AWS would not let it read.
func inspect(root *Object, at place) *inspection {
	found := &inspection{at: at}
	found.walk(root, true)
	if found.reads.whole {
		found.reads.members = at.members()
	}
	return found
}

func (f *inspection) refuse(format string, args ...any) {
	p := Problem{Code: codeUnsupported, Message: fmt.Sprintf(format, args...)}
	if !slices.Contains(f.problems, p) {
		f.problems = append(f.problems, p)
	}
}

// walk visits a node. top says that its context is the expression's own, which does
// not exist in Step Functions: what a path step, a predicate, a sort term or a
// grouping sees is a value, what a function body sees is the context around it.
func (f *inspection) walk(value any, top bool) {
	switch node := value.(type) {
	case []any:
		for _, item := range node {
			f.walk(item, top)
		}
	case *Object:
		f.node(node, top)
	}
}

func (f *inspection) node(node *Object, top bool) {
	switch kind, _ := node.Get("type"); kind {
	case "path":
		f.path(node, top)
		return
	case "name", "wildcard", "descendant":
		if top {
			name, _ := node.Get("value")
			f.refuse("Reference to '%v' at the top level is not supported.", name)
		}
	case "variable":
		f.variable(node, top)
	case "bind":
		lhs, _ := node.Get("lhs")
		f.bind(lhs)
	case "lambda":
		arguments, _ := node.Get("arguments")
		list, _ := arguments.([]any)
		for _, argument := range list {
			f.bind(argument)
		}
	}
	for key, child := range node.All() {
		switch key {
		case "focus", "index": // "@$v" and "#$v"
			f.bindName(child)
		case "predicate", "stages", "group", "terms", "pattern", "update", "delete":
			f.walk(child, false)
		default:
			f.walk(child, top)
		}
	}
}

// path visits the first step in the context of the path, the others in that of the
// step before. $states followed by a name reads that member alone.
func (f *inspection) path(node *Object, top bool) {
	value, _ := node.Get("steps")
	steps, _ := value.([]any)
	for i, step := range steps {
		if i == 0 && len(steps) > 1 && f.statesMember(step, steps[1]) {
			continue
		}
		f.walk(step, top && i == 0)
	}
	for key, child := range node.All() {
		if key != "steps" {
			f.walk(child, false)
		}
	}
}

// statesMember recognises the plain "$states.name".
func (f *inspection) statesMember(first, second any) bool {
	variable, _ := first.(*Object)
	member, _ := second.(*Object)
	if variable == nil || member == nil || variable.Len() != 2 {
		return false
	}
	name, _ := variable.Get("value")
	kind, _ := variable.Get("type")
	memberKind, _ := member.Get("type")
	key, _ := member.Get("value")
	text, ok := key.(string)
	if kind != "variable" || name != "states" || memberKind != "name" || !ok {
		return false
	}
	if !slices.Contains(f.at.members(), text) {
		f.refuse("Field '$states.%s' does not exist.", text)
		return true
	}
	if !slices.Contains(f.reads.members, text) {
		f.reads.members = append(f.reads.members, text)
	}
	return true
}

func (f *inspection) bind(variable any) {
	if object, ok := variable.(*Object); ok {
		name, _ := object.Get("value")
		f.bindName(name)
	}
}

func (f *inspection) bindName(name any) {
	if text, ok := name.(string); ok {
		f.bound = append(f.bound, text)
	}
}

func (f *inspection) variable(node *Object, top bool) {
	value, _ := node.Get("value")
	switch name, _ := value.(string); name {
	case "":
		if top {
			f.refuse("Reference to '$' at the top level is not supported.")
		}
	case "$":
		f.refuse("Reference to '$$' is not supported.")
	case "states":
		f.reads.whole = true
	default:
		if !slices.Contains(f.reads.vars, name) {
			f.reads.vars = append(f.reads.vars, name)
		}
	}
}
