package main

const (
	contexts  = "workflows/engine/contextobject.go"
	documents = "workflows/engine/document.go"
	variables = "workflows/engine/variables.go"
	branching = "workflows/engine/branch.go"
)

// stateFaults are in what states do with their input, time and variables.
func stateFaults() []fault {
	return []fault{
		{
			"a task's output is by default its input", advance,
			"case result != nil:\n\t\tfallback = result\n",
			"case result != nil && output != nil:\n\t\tfallback = result\n",
		},
		{
			"a caught error's output is by default the input", advance,
			"case errorOutput != nil:\n\t\tfallback = errorOutput\n",
			"case errorOutput != nil && output != nil:\n\t\tfallback = errorOutput\n",
		},
		{
			"a rule without Output takes the state's", advance,
			"r.leave(now, b, rule.Output, rule.Assign, nil, nil, rule.Next)",
			"output := rule.Output\n\t\t\tif output == nil {\n\t\t\t\toutput = b.state.Output\n\t\t\t}\n\t\t\tr.leave(now, b, output, rule.Assign, nil, nil, rule.Next)",
		},
		{
			"the default assigns nothing", advance,
			"r.leave(now, b, b.state.Output, b.state.Assign, nil, nil, b.state.Default)",
			"r.leave(now, b, b.state.Output, nil, nil, nil, b.state.Default)",
		},
		{
			"the last rule that matches is taken", advance,
			"rule := &b.state.Choices[i]\n",
			"rule := &b.state.Choices[len(b.state.Choices)-1-i]\n",
		},
		{
			"variables are seen by their own state", advance,
			"out, err := r.eval(output, bind, fallback)",
			"if assign != nil {\n\t\tif early, err := assign.Eval(bind); err == nil {\n\t\t\tadded, _ := early.(*asl.Object)\n\t\t\tbind.Vars = b.variables(added)\n\t\t}\n\t}\n\tout, err := r.eval(output, bind, fallback)",
		},
		{
			"an assignment forgets the other variables", branching,
			"maps.Copy(vars, b.vars)\n",
			"maps.Copy(vars, map[string]any{})\n",
		},
		{
			"a wait counts from the start of the execution", advance,
			"b.due = b.entered.at.Add(",
			"b.due = r.started.Add(",
		},
		{
			"a wait until a time is a second late", advance,
			"b.due = until\n",
			"b.due = until.Add(time.Second)\n",
		},
		{
			"an Express execution may run for an hour", core,
			"const expressLimit = 300",
			"const expressLimit = 3600",
		},
		{
			"the payload limit is one byte too high", documents,
			"const payloadLimit = 262_144",
			"const payloadLimit = 262_145",
		},
		{
			"the payload limit is one byte too low", documents,
			"const payloadLimit = 262_144",
			"const payloadLimit = 262_143",
		},
		{
			"an output over the limit is handed on", advance,
			"if out != fallback && out.tooLarge() {",
			"if out == fallback && out.tooLarge() {",
		},
		{
			"the values of one Assign are not summed", variables,
			"size = addSize(size, value, &scratch)",
			"size = max(size, addSize(0, value, &scratch))",
		},
		{
			"the variables of an execution have no limit", variables,
			"if over := r.held - variablesLimit; over > 0 {",
			"if over := r.held - variablesLimit; over > 1<<30 {",
		},
		{
			"a Pass has a RetryCount", contexts,
			"case asl.Task, asl.Parallel, asl.Map:",
			"case asl.Task, asl.Parallel, asl.Map, asl.Pass:",
		},
		{
			"a synchronous execution has a RedriveCount", contexts,
			"if !r.sync {",
			"{",
		},
		{
			"times have all their zeros", contexts,
			"05.999Z",
			"05.000Z",
		},
		{
			"a task's timeout counts from the start of the execution", branching,
			"return b.task.started.Add(time.Duration(b.task.timeout) * time.Second)",
			"return b.entered.at.Add(time.Duration(b.task.timeout) * time.Second)",
		},
		{
			"an absent payload is null", "workflows/engine/arguments.go",
			"[]byte(\"{}\")",
			"[]byte(\"null\")",
		},
	}
}
