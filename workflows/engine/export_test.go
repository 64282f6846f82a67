package engine

import "context"

// IntegrationOf lets tests call an integration as the core does.
func (e *Engine) IntegrationOf(resource string) (Integration, bool) { return e.integrationOf(resource) }

// AwaitJob waits for a job as the core does and answers the task's result, or the
// name and cause of its failure.
func (e *Engine) AwaitJob(ctx context.Context, job Job, task TaskCall, submitted any) (result any, name, cause string) {
	out := e.attempt(ctx, call{task: job, TaskCall: task, submitted: newDocument(submitted)})
	if out.fault == nil {
		return out.result, "", ""
	}
	return nil, out.fault.name(), *out.fault.cause
}

// Waiting is how many wait for the end of some execution.
func (e *Engine) Waiting() int {
	e.waiters.mu.Lock()
	defer e.waiters.mu.Unlock()
	n := 0
	for _, waiting := range e.waiters.byARN {
		n += len(waiting)
	}
	return n
}
