package main

const (
	advance = "workflows/engine/advance.go"
	apply   = "workflows/engine/apply.go"
	core    = "workflows/engine/run.go"
	wire    = "workflows/engine/wire.go"
	express = "workflows/engine/express.go"
	redrive = "workflows/engine/redrive.go"
	starts  = "workflows/engine/standard.go"
)

// historyFaults are in what events say, and in what a redrive makes of them.
func historyFaults() []fault {
	return []fault{
		{
			"the first state follows event 1", apply,
			"b.output = ev.data\n\t\t// The first state's previous event is 0, not 1 (recording): lastID stays.\n",
			"b.output = ev.data\n\t\tb.lastID = ev.id\n",
		},
		{
			"a stop follows the newest event", core,
			"event{kind: executionAborted, err: f.err, cause: f.cause}",
			"event{kind: executionAborted, err: f.err, cause: f.cause, prev: r.lastID}",
		},
		{
			"a timeout of the machine follows the newest event", core,
			"event{kind: executionTimedOut, err: &name}",
			"event{kind: executionTimedOut, err: &name, prev: r.lastID}",
		},
		{
			"a failed expression follows the entry", advance,
			"return b.entered.prev",
			"return b.entered.id",
		},
		{
			"a bad timestamp follows what came before the entry", advance,
			"r.misevaluated(now, b, err, b.entered.id)",
			"r.misevaluated(now, b, err, b.entered.prev)",
		},
		{
			"a timeout is described with its error", apply,
			"r.status, r.failure = TimedOut, failure{}",
			"r.status = TimedOut",
		},
		{
			"an input has no details", wire,
			"f.key(name + \"Details\")\n\t\tf.text = append(f.text, `{\"truncated\":false}`...)\n\t}",
			"}",
		},
		{
			"a timeout is not in the scheduled event", wire,
			"if ev.timeout > 0 {\n\t\t\tf.int(\"timeoutInSeconds\", ev.timeout)\n\t\t}\n\t\tif ev.beat",
			"if ev.beat",
		},
		{
			"a heartbeat is not in the scheduled event", wire,
			"if ev.beat > 0 {",
			"if ev.beat > 1<<40 {",
		},
		{
			"error and cause go with the data", wire,
			"case \"input\", \"inputDetails\",",
			"case \"roleArn\", \"input\", \"inputDetails\",",
		},
		{
			"a log at FATAL holds failed tasks", express,
			"return l == LogError || l == LogAll",
			"return true",
		},
		{
			"a redrive keeps the used retries", apply,
			"whole := b.phase != forked && b.failure.name() == errorDataLimit\n\tb.resetAttempts()\n",
			"whole := b.phase != forked && b.failure.name() == errorDataLimit\n",
		},
		{
			"a redrive follows the failure", apply,
			"b.lastID = b.entered.id\n\t}\n\tb.phase = entered",
			"b.lastID = redriven\n\t}\n\tb.phase = entered",
		},
		{
			"a Fail state follows its entry after a redrive", apply,
			"b.lastID = redriven // it fails again, after the redrive (recording)",
			"b.lastID = b.entered.id",
		},
		{
			"the machine's timeout goes on over a redrive", apply,
			"r.redrives, r.redriven, r.since = ev.redrives, ptr(ev.at), ev.at",
			"r.redrives, r.redriven = ev.redrives, ptr(ev.at)",
		},
		{
			"the context does not tell when a redrive was", contexts,
			"if r.redriven != nil {",
			"if r.redriven != nil && r.redrives == 0 {",
		},
		{
			"a redrive's token is kept for an hour", redrive,
			"redriveMemory = 15 * time.Minute",
			"redriveMemory = time.Hour",
		},
		{
			"a redrive's token is forgotten", redrive,
			"token != \"\" && redrive.Token == token",
			"token == \"\" && redrive.Token == token",
		},
		{
			"an execution can be redriven for a year", redrive,
			"redrivePeriod = 14 * 24 * time.Hour",
			"redrivePeriod = 365 * 24 * time.Hour",
		},
		{
			"a taken name is answered whatever its input", starts,
			"record.Status == Running && record.Input == in.Input",
			"record.Status == Running",
		},
		{
			"a closed name is answered again", starts,
			"record.Status == Running && record.Input == in.Input",
			"record.Input == in.Input",
		},
	}
}
