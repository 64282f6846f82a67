package main

const (
	retries = "workflows/engine/retry.go"
	lambdas = "workflows/engine/lambda.go"
)

// errorFaults are in what errors are called, retried and caught by.
func errorFaults() []fault {
	return []fault{
		{
			"States.Runtime is caught", advance,
			"func (r *run) fail(now time.Time, b *branch, f failure) {\n",
			"func (r *run) fail(now time.Time, b *branch, f failure) {\n\tif f.name() == errorRuntime && b.phase != catching && len(b.state.Catch) > 0 {\n" +
				"\t\tb.phase = catching\n\t\tr.leave(now, b, nil, nil, nil, errorOutput(f), b.state.Catch[0].Next)\n\t\treturn\n\t}\n",
		},
		{
			"States.Runtime of a function is retried and caught", retries,
			"if name == errorRuntime {\n\t\treturn false\n\t}\n",
			"",
		},
		{
			"States.TaskFailed means a timeout", retries,
			"want == errorTaskFailed && name != errorTimeout &&",
			"want == errorTaskFailed &&",
		},
		{
			"States.TaskFailed means a failed expression", retries,
			"&& name != errorEvaluation)",
			")",
		},
		{
			"States.ALL does not mean States.DataLimitExceeded", retries,
			"want == errorAll ||",
			"(want == errorAll && name != errorDataLimit) ||",
		},
		{
			"error names are compared without regard to case", retries,
			"return want == name ||",
			"return len(want) == len(name) && (want[0]|32) == (name[0]|32) && want[1:] == name[1:] ||",
		},
		{
			"the last retrier that matches is taken", retries,
			"retrier := &b.state.Retry[i]\n\t\tif matches(",
			"i = len(b.state.Retry) - 1 - i\n\t\tretrier := &b.state.Retry[i]\n\t\ti = len(b.state.Retry) - 1 - i\n\t\tif matches(",
		},
		{
			"a spent retrier leaves it to the next", retries,
			"if b.attempts[i] >= retrier.MaxAttempts {\n\t\t\t\treturn nil\n\t\t\t}",
			"if b.attempts[i] >= retrier.MaxAttempts {\n\t\t\t\tcontinue\n\t\t\t}",
		},
		{
			"retriers share one count", retries,
			"b.attempts[i]++\n",
			"for j := range b.attempts {\n\t\t\t\tb.attempts[j]++\n\t\t\t}\n",
		},
		{
			"one retry too many", retries,
			"b.attempts[i] >= retrier.MaxAttempts",
			"b.attempts[i] > retrier.MaxAttempts",
		},
		{
			"the rate is ignored", retries,
			"math.Pow(retrier.BackoffRate, float64(n-1))",
			"math.Pow(2, float64(n-1))",
		},
		{
			"the first pause is multiplied", retries,
			"float64(n-1)",
			"float64(n)",
		},
		{
			"the cap is ignored", retries,
			"if retrier.MaxDelaySeconds > 0 {",
			"if retrier.MaxDelaySeconds < 0 {",
		},
		{
			"jitter is ignored", retries,
			"if retrier.FullJitter {",
			"if retrier.FullJitter && retrier.MaxDelaySeconds > 1<<40 {",
		},
		{
			"jitter is drawn for every pause", retries,
			"if retrier.FullJitter {",
			"{",
		},
		{
			"jitter is drawn before the cap", retries,
			"seconds = min(seconds, limit)\n\tif retrier.FullJitter {\n\t\tseconds *= r.jitter()\n\t}",
			"if retrier.FullJitter {\n\t\tseconds *= r.jitter()\n\t}\n\tseconds = min(seconds, limit)",
		},
		{
			"the counters stay when a state is entered again", branching,
			"b.attempts = nil\n\tif n := len(b.state.Retry); n > 0 {",
			"if n := len(b.state.Retry); n > 0 && len(b.attempts) != n {",
		},
		{
			"RetryCount stays 0", core,
			"case pausing:\n\t\t\tb.retries++\n",
			"case pausing:\n",
		},
		{
			"the last catcher that matches is taken", retries,
			"if matches(b.state.Catch[i].ErrorEquals, b.failure.name()) {\n\t\t\treturn &b.state.Catch[i]",
			"if i := len(b.state.Catch) - 1 - i; matches(b.state.Catch[i].ErrorEquals, b.failure.name()) {\n\t\t\treturn &b.state.Catch[i]",
		},
		{
			"a catcher's own error is caught", apply,
			"b.retrier, b.phase = nil, doomed\n\t\treturn\n",
			"b.retrier, b.phase = nil, failed\n\t\treturn\n",
		},
		{
			"a caught error without a cause has none", retries,
			"object.Set(\"Cause\", cause)",
			"if f.cause != nil {\n\t\tobject.Set(\"Cause\", cause)\n\t}",
		},
		{
			"the cause of a function is its message", lambdas,
			"return &TaskError{Name: kind, Cause: text}",
			"message, _ := stringMember(document, \"errorMessage\")\n\t\t\t\treturn &TaskError{Name: kind, Cause: message}",
		},
		{
			"a Choice without match is States.NoChoiceMatched", advance,
			"r.during(b, errorRuntime, \"Failed to transition",
			"r.during(b, \"States.NoChoiceMatched\", \"Failed to transition",
		},
		{
			"a result over the limit is taken", core,
			"case result.tooLarge():",
			"case result.tooLarge() && result == nil:",
		},
	}
}
