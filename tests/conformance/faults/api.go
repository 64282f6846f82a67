package main

// apiFaults are in what the API takes and answers.
func apiFaults() []fault {
	return []fault{
		{
			"a name may have a colon", "workflows/engine/arn.go",
			"$&,;:/",
			"$&,;/",
		},
		{
			"another spelling of a definition is the same", "workflows/engine/machines.go",
			"a.Definition == b.Definition",
			"len(a.Definition) > 0",
		},
		{
			"a machine's ARN names an execution", "workflows/engine/arn.go",
			"if kind != want {",
			"if kind != want && kind != \"stateMachine\" {",
		},
		{
			"a token is good for any question", "workflows/engine/paging.go",
			"[]byte(question + \"\\n\" + place)",
			"[]byte(question[:0] + place)",
		},
		{
			"a page has one item too many", "workflows/engine/executions.go",
			"events = events[:limit]\n",
			"events = events[:limit+1]\n",
		},
		{
			"a token may be long", "workflows/sfn/machines.go",
			"pageToken(r, 1024)",
			"pageToken(r, 2048)",
		},
		{
			"an empty input is an empty object", "workflows/sfn/start.go",
			"if *input == \"\" {",
			"if *input == \"-\" {",
		},
		{
			"a description without data has its error", "workflows/sfn/executions.go",
			"if metadataOnly {\n\t\treturn out, nil\n\t}\n\tout.Input",
			"if metadataOnly {\n\t\tout.Input = &x.Input\n\t\treturn out, nil\n\t}\n\tout.Input",
		},
		{
			"a failed synchronous execution has no outputDetails", "workflows/sfn/start.go",
			"out.Input, out.InputDetails, out.OutputDetails = &run.Input, &givenData, &givenData",
			"out.Input, out.InputDetails = &run.Input, &givenData",
		},
		{
			"the bill is in units of 10 ms", "workflows/sfn/start.go",
			"const unit = 100 * time.Millisecond",
			"const unit = 10 * time.Millisecond",
		},
		{
			"dates are whole seconds", "workflows/sfn/timestamp.go",
			"float64(time.Time(t).UnixMilli())/1000",
			"float64(time.Time(t).Unix())",
		},
		{
			"histories come in order when asked in reverse", "workflows/sfn/history.go",
			"r.boolean(\"reverseOrder\", false)",
			"r.boolean(\"reverseOrder\", false) && false",
		},
		{
			"one broken constraint is told of many", "workflows/sfn/request.go",
			"case len(r.broken) == 1:",
			"case len(r.broken) >= 1:",
		},
	}
}
