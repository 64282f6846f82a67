package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"go.uber.org/zap"
)

// resume looks at executions whose time has come, or whose tasks were pending when
// the engine started. They are read together and go on side by side, so that what
// they write is written together too.
func (e *Engine) resume(arns []string) {
	held, inMemory := e.holdAll(arns)
	var going sync.WaitGroup
	for _, arn := range inMemory {
		going.Go(func() {
			e.resumed(arn, e.with(e.root, arn, goOn))
		})
	}
	err := e.restoreAll(e.root, held, func(d *driver, err error) {
		going.Go(func() {
			if err != nil {
				d.drop(err)
				d.mu.Unlock()
			} else {
				err = d.use(goOn)
			}
			e.resumed(d.run.arn, err)
		})
	})
	if err != nil {
		for arn, d := range held {
			d.drop(err)
			d.mu.Unlock()
			e.resumed(arn, err)
		}
	}
	going.Wait()
}

// goOn does what is due, or invokes what was pending.
func goOn(d *driver) error {
	d.wakeUp(d.engine.now())
	return d.settle()
}

// resumed has an execution that could not go on tried again.
func (e *Engine) resumed(arn string, err error) {
	var refused *APIError
	switch {
	case err == nil, errors.Is(err, ErrClosed), e.root.Err() != nil:
	case errors.As(err, &refused) && refused.Type == "ExecutionDoesNotExist": // it was pruned
	default:
		e.log.Error("Engine: execution not resumed", zap.String("execution_arn", arn), zap.NamedError("error_message", err))
		e.wakes.add(arn, e.now().Add(resumePause))
	}
}

// holdAll gives each execution a driver whose lock is held, unless it has one.
func (e *Engine) holdAll(arns []string) (held map[string]*driver, inMemory []string) {
	held = make(map[string]*driver, len(arns))
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, arn := range arns {
		switch {
		case held[arn] != nil: // two entries of one execution
		case e.drivers[arn] != nil:
			inMemory = append(inMemory, arn)
		default:
			d := &driver{engine: e, mu: newLock(), run: &run{arn: arn}}
			d.mu.Lock()
			e.drivers[arn] = d
			held[arn] = d
		}
	}
	return held, inMemory
}

// restoreAll reads the executions of the drivers and hands each of them on, out of
// held. What is left there on an error was not handed on.
func (e *Engine) restoreAll(ctx context.Context, held map[string]*driver, next func(*driver, error)) error {
	if len(held) == 0 {
		return nil
	}
	arns := make([]string, 0, len(held))
	for arn := range held {
		arns = append(arns, arn)
	}
	records, err := e.config.Store.Records(ctx, arns)
	if err != nil {
		return fmt.Errorf("read %d executions: %w", len(arns), err)
	}
	for len(records) > 0 {
		n := inOneGo(records)
		executions := make([]int64, n)
		for i := range executions {
			executions[i] = records[i].Seq
		}
		histories, err := e.config.Store.Histories(ctx, executions)
		if err != nil {
			return fmt.Errorf("read histories of %d executions: %w", n, err)
		}
		for _, record := range records[:n] {
			d := held[record.ARN]
			delete(held, record.ARN)
			next(d, d.restore(ctx, record, histories[record.Seq]))
		}
		records = records[n:]
	}
	for arn, d := range held {
		delete(held, arn)
		next(d, executionDoesNotExist(arn))
	}
	return nil
}

// inOneGo is how many of the records have histories that are read together.
func inOneGo(records []Record) int {
	events := int64(0)
	for i := range records {
		if events += records[i].LastEventID; i > 0 && events > resumeEvents {
			return i
		}
	}
	return len(records)
}
