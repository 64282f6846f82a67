package lead

import "errors"

// Every error that a state machine may match, and no other: a test holds this
// list against ErrorEquals in states/, both ways. The name is the contract; the
// text is constant and never quotes input, so that no history and no log holds
// personal data. A refusal of a form is not an error but a result, because its
// answer must name fields; the errors here are for what a machine must decide.
//
//	name                   returned by               retried by the machine  who must act
//	Lead.Invalid           every activity            no                      the caller: the input is not of the contract
//	Lead.Running           ratelimit, persist        once, after 1 s         nobody: the same post is being taken in right now
//	Lead.RateLimited       persist                   no                      nobody: the slot was lost meanwhile and the hour is full
//	Lead.Conflict          persist                   no                      the caller: the key was taken meanwhile for other content
//	Lead.Withheld          deliver                   no, caught as success   nobody: the lead was erased or quarantined
//	Database.Unavailable   every task with a store   yes                     operators, when it lasts
//	Fibonacci.Unavailable  deliver                   twice, 5 s and 20 s     Fibonacci's operators, then a redrive
//	Fibonacci.Throttled    deliver                   twice, 5 s and 20 s     nobody at first; then a paced redrive
//	Fibonacci.Rejected     deliver                   no                      an engineer: repair, then redrive
var (
	ErrInvalid              = errors.New("Lead.Invalid")
	ErrRunning              = errors.New("Lead.Running")
	ErrRateLimited          = errors.New("Lead.RateLimited")
	ErrConflict             = errors.New("Lead.Conflict")
	ErrWithheld             = errors.New("Lead.Withheld")
	ErrDatabaseUnavailable  = errors.New("Database.Unavailable")
	ErrFibonacciUnavailable = errors.New("Fibonacci.Unavailable")
	ErrFibonacciThrottled   = errors.New("Fibonacci.Throttled")
	ErrFibonacciRejected    = errors.New("Fibonacci.Rejected")
)

// Errors lists them for the adapter and for the test that holds them against
// the state machine files.
func Errors() []error {
	return []error{
		ErrInvalid, ErrRunning, ErrRateLimited, ErrConflict, ErrWithheld,
		ErrDatabaseUnavailable, ErrFibonacciUnavailable, ErrFibonacciThrottled, ErrFibonacciRejected,
	}
}
