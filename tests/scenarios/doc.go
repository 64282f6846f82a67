// Package scenarios runs every path through each state machine file on the
// embedded engine: testdata/<machine>/<case>.json, one file per path, holds the
// input, what each attempt of each task answers, and the whole outcome: path of
// states, status, output or error, and the history with ids, previous ids and the
// time of every event on a clock that jumps.
//
// Expected histories are written from the rules of the service, never recorded
// from the engine; there is no flag that rewrites them. The rules used:
//
//   - The first state is entered by event 2, whose previous event is 0; from there
//     each event follows the one before it in its state.
//   - An attempt is TaskScheduled, TaskStarted and one of TaskSucceeded, TaskFailed
//     or TaskTimedOut. The pause before a retry has no event and shows in the times;
//     the next TaskScheduled follows the failure.
//   - A caught error leaves by TaskStateExited; an uncaught one goes from the
//     failure to ExecutionFailed.
//   - A redrive appends ExecutionRedriven and resumes with a TaskScheduled whose
//     previous event is the TaskStateEntered of the first run.
//
// What the details of events must hold follows from the case and the machine file
// and is checked for every event of every case (details_test.go). A case for the
// timeout of lead_intake does not exist: its longest path takes 24 of its 25
// seconds, which tests/contract computes from the file.
//
// The package also lists, from the files alone, every state, retrier, catcher and
// choice that no case goes through, and wants that list empty. Package campaign does
// the same for the two machines of a campaign.
package scenarios
