package main

const forks = "workflows/engine/fork.go"

// branchFaults are in Parallel and Map states, and in executions of executions.
func branchFaults() []fault {
	return []fault{
		{
			"branches go one after the other", advance,
			"if first := next[urgency]; first == nil || b.since() < first.since() {",
			"if first := next[urgency]; first == nil {",
		},
		{
			"tasks start at once", advance,
			"case b.phase == scheduled:\n\t\turgency = 2",
			"case b.phase == scheduled:\n\t\turgency = 0",
		},
		{
			"results are in the order in which branches began", forks,
			"for i, child := range f.children {\n\t\tresults[i] = child.output.value\n\t}",
			"for i, child := range f.children {\n\t\tresults[len(results)-1-i] = child.output.value\n\t}",
		},
		{
			"MaxConcurrency is ignored", forks,
			"return int(asked), nil",
			"return mapConcurrency, nil",
		},
		{
			"more than forty iterations run at once", forks,
			"const mapConcurrency = 40",
			"const mapConcurrency = 1000",
		},
		{
			"an iteration follows the start of the Map", forks,
			"if len(f.freed) > 0 {\n\t\treturn f.freed[0]\n\t}\n",
			"",
		},
		{
			"the exit of a Map follows the last exit inside", apply,
			"b.parent.fork.retire(b)\n\t\tb.parent.lastID = ev.id",
			"b.parent.fork.retire(b)\n\t\tb.parent.lastID = ev.prev",
		},
		{
			"the exit of a Parallel follows its success", apply,
			"b.lastID = ev.prev // the exit follows what this event followed (recording)",
			"b.lastID = ev.id",
		},
		{
			"siblings that are ended have no events", forks,
			"for _, child := range f.live {\n\t\tr.abort(now, child, cause)",
			"for _, child := range f.live[:0] {\n\t\tr.abort(now, child, cause)",
		},
		{
			"the failed iteration is told as aborted", forks,
			"if child.lastID == cause.id {\n\t\t\tkind = mapIterationFailed\n\t\t}\n",
			"",
		},
		{
			"an abort follows the state's own newest event", forks,
			"event{kind: kind, failing: &cause.failure, prev: cause.id}",
			"event{kind: kind, failing: &cause.failure, prev: child.lastID}",
		},
		{
			"a waiting sibling is not told as aborted", "workflows/engine/event.go",
			"exited: waitStateExited, aborted: waitStateAborted}",
			"exited: waitStateExited}",
		},
		{
			"States.Runtime in a branch fails the Parallel", advance,
			"b.parent == nil || f.name() == errorRuntime",
			"b.parent == nil",
		},
		{
			"variables of a branch leak into its parent", forks,
			"parent.fork.retire(child)\n\tparent.lastID = child.lastID",
			"parent.fork.retire(child)\n\tparent.lastID, parent.vars = child.lastID, child.vars",
		},
		{
			"a branch does not see outer variables", branching,
			"item: b.item, vars: b.vars, next: flow.StartAt",
			"item: b.item, next: flow.StartAt",
		},
		{
			"branches inside an iteration do not know its item", branching,
			"index: index, item: b.item, vars",
			"index: index, vars",
		},
		{
			"the item of an iteration is the Map's input", forks,
			"child.item = newItem(ev.index, f.items[ev.index])",
			"child.item = newItem(ev.index, b.input.value)",
		},
		{
			"a redrive runs every branch again", apply,
			"case len(b.fork.children) > 0 && !whole:",
			"case len(b.fork.children) < 0 && !whole:",
		},
		{
			"a failed child fails its parent by its own name", "workflows/engine/nested.go",
			"errorTaskFailed",
			"errorTimeout",
		},
		{
			"a child is not stopped with its parent", "workflows/engine/nested.go",
			"func (e *Engine) stopChild(ctx context.Context, task TaskCall, arn string) {\n",
			"func (e *Engine) stopChild(ctx context.Context, task TaskCall, arn string) {\n\tif arn != \"\" {\n\t\treturn\n\t}\n",
		},
		{
			"an exception of Step Functions has its code alone", "workflows/engine/startexecution.go",
			"return kind + \"Exception\"",
			"return kind",
		},
	}
}
