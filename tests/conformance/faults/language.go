package main

const (
	template    = "workflows/asl/template.go"
	parseRetry  = "workflows/asl/parse_retry.go"
	expressions = "workflows/asl/expression.go"
)

// languageFaults are in how definitions are read and expressions evaluated.
func languageFaults() []fault {
	return []fault{
		{
			"a retrier makes four attempts by default", parseRetry,
			"entry.integer(\"MaxAttempts\", 3, 0, MaxSeconds)",
			"entry.integer(\"MaxAttempts\", 4, 0, MaxSeconds)",
		},
		{
			"a retrier waits two seconds by default", parseRetry,
			"entry.integer(\"IntervalSeconds\", 1, 0, MaxSeconds)",
			"entry.integer(\"IntervalSeconds\", 2, 0, MaxSeconds)",
		},
		{
			"States.ALL may stand anywhere", parseRetry,
			"i >= 0 && (len(names) > 1 || !last)",
			"i > 0 && (len(names) > 1 || !last)",
		},
		{
			"MaxDelaySeconds may equal IntervalSeconds", parseRetry,
			"retrier.MaxDelaySeconds <= retrier.IntervalSeconds",
			"retrier.MaxDelaySeconds < retrier.IntervalSeconds",
		},
		{
			"any value is a condition", template,
			"return false, t.unexpected(\"boolean\", value)",
			"return value != nil, nil",
		},
		{
			"a Map iterates over what is no array", template,
			"return nil, t.unexpected(\"array\", value)",
			"return []any{value}, nil",
		},
		{
			"an undefined result is null", expressions,
			"return nil, x.wrap(errUndefined)",
			"return nil, nil",
		},
		{
			"a timestamp needs no T", template,
			"[Tt]",
			"[Tt ]",
		},
		{
			"an error has no code", "workflows/asl/errors.go",
			"if e.Code == \"\" {",
			"if e.Code != \"-\" {",
		},
		{
			"objects are in the order of their making", "workflows/asl/value.go",
			"if n, ok := arrayIndex(key); ok {",
			"if n, ok := arrayIndex(key); ok && key == \"\" {",
		},
		{
			"infinity is null", "workflows/asl/convert.go",
			"return \"Infinity\", nil",
			"return nil, nil",
		},
		{
			"a state that nothing leads to is taken", "workflows/asl/transitions.go",
			"if !reached[name] {",
			"if !reached[name] && name == \"\" {",
		},
		{
			"the result may be read in Arguments", "workflows/asl/parse_state.go",
			"d.template(f, \"Arguments\", \"Arguments\", place{})",
			"d.template(f, \"Arguments\", \"Arguments\", place{result: true})",
		},
	}
}
