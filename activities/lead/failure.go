package lead

import "time"

// FailureFilter chooses failed deliveries. Zero fields choose nothing out.
type FailureFilter struct {
	From  time.Time // failed at or after
	To    time.Time // failed before
	Error string    // exactly this name
	Limit int       // of groups, 1 to 100
}

// FailureGroup is the failed deliveries that failed alike: by the error's name,
// the status, the cause and the fingerprint of their newest attempt. One that
// failed without any attempt is known by the name of its execution's error alone.
type FailureGroup struct {
	Error       string // "": the execution was stopped
	StatusCode  int    // 0: no answer
	Cause       Cause  // "": no attempt, or one of before causes were recorded
	Fingerprint string // "": no answer
	Count       int
	FirstSeen   time.Time     // when the first of them failed
	LastSeen    time.Time     // when the last of them failed
	Sample      ID            // the lead of the last one
	Answer      string        // the masked answer to it
	RetryAfter  time.Duration // the most that the receiver asked for; 0: nothing
}
