package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/google/uuid"
)

const (
	region          = "us-east-1"
	machinePrefix   = "arn:aws:states:us-east-1:000000000000:stateMachine:"
	executionPrefix = "arn:aws:states:us-east-1:000000000000:execution:"
	deliveryMachine = "fibonacci_delivery"
)

type executionsCmd struct {
	List    executionsListCmd    `cmd:"" help:"List executions of a machine, newest first."`
	Get     executionsGetCmd     `cmd:"" help:"Describe one execution."`
	History executionsHistoryCmd `cmd:"" help:"Print the events of one execution."`
}

type executionsListCmd struct {
	sfnFlags
	jsonFlag
	Machine string `default:"fibonacci_delivery" help:"Name of the state machine."`
	Status  string `enum:"RUNNING,SUCCEEDED,FAILED,TIMED_OUT,ABORTED," default:"" help:"Only those with this status."`
	Limit   int32  `default:"25" help:"At most so many, 1000 at most."`
}

// Run lists one page: executions of one machine may be millions.
func (c *executionsListCmd) Run(a *app) error {
	if c.Limit < 1 || c.Limit > 1000 {
		return usage(errors.New("--limit is not within 1 and 1000"))
	}
	ctx, cancel := context.WithTimeout(a.ctx, callLimit)
	defer cancel()
	out, err := c.client().ListExecutions(ctx, &sfn.ListExecutionsInput{
		StateMachineArn: aws.String(machinePrefix + c.Machine),
		StatusFilter:    types.ExecutionStatus(c.Status),
		MaxResults:      c.Limit,
	})
	if err != nil {
		return c.explain(err, "state machine "+c.Machine)
	}
	if c.JSON {
		return printJSON(a.stdout, wire(map[string]any{"Executions": out.Executions}))
	}
	rows := [][]string{{"NAME", "STATUS", "STARTED", "STOPPED", "REDRIVES"}}
	for _, e := range out.Executions {
		rows = append(rows, []string{aws.ToString(e.Name), string(e.Status), clock(e.StartDate), clock(e.StopDate), strconv.Itoa(int(aws.ToInt32(e.RedriveCount)))})
	}
	return table(a.stdout, rows)
}

// executionArg names an execution.
type executionArg struct {
	Execution string `arg:"" help:"ARN of the execution, its name (machine:name when it is not of fibonacci_delivery), or the id of the lead it delivers."`
}

// arn completes what a person typed.
func (e executionArg) arn() string {
	switch {
	case strings.HasPrefix(e.Execution, "arn:"):
		return e.Execution
	case strings.Contains(e.Execution, ":"):
		return executionPrefix + e.Execution
	}
	name := e.Execution
	if _, err := uuid.Parse(name); err == nil {
		name = "lead-" + name
	}
	return executionPrefix + deliveryMachine + ":" + name
}

type executionsGetCmd struct {
	sfnFlags
	jsonFlag
	executionArg
}

// Run describes the execution.
func (c *executionsGetCmd) Run(a *app) error {
	ctx, cancel := context.WithTimeout(a.ctx, callLimit)
	defer cancel()
	out, err := c.client().DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: aws.String(c.arn())})
	if err != nil {
		return c.explain(err, "execution "+c.Execution)
	}
	if c.JSON {
		return printJSON(a.stdout, wire(out))
	}
	return table(a.stdout, [][]string{
		{"execution", aws.ToString(out.ExecutionArn)},
		{"status", string(out.Status)},
		{"started", clock(out.StartDate)},
		{"stopped", clock(out.StopDate)},
		{"redrives", strconv.Itoa(int(aws.ToInt32(out.RedriveCount)))},
		{"redrive", strings.TrimSpace(string(out.RedriveStatus) + " " + aws.ToString(out.RedriveStatusReason))},
		{"error", text(out.Error)},
		{"cause", text(out.Cause)},
		{"input", text(out.Input)},
		{"output", text(out.Output)},
	})
}

type executionsHistoryCmd struct {
	sfnFlags
	jsonFlag
	executionArg
	Reverse bool `help:"Newest event first."`
}

// Run prints every event, whatever the number of pages.
func (c *executionsHistoryCmd) Run(a *app) error {
	ctx, cancel := context.WithTimeout(a.ctx, callLimit)
	defer cancel()
	pages := sfn.NewGetExecutionHistoryPaginator(c.client(), &sfn.GetExecutionHistoryInput{
		ExecutionArn: aws.String(c.arn()), ReverseOrder: c.Reverse, MaxResults: 1000,
	})
	events := []types.HistoryEvent{}
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return c.explain(err, "execution "+c.Execution)
		}
		events = append(events, page.Events...)
	}
	if c.JSON {
		return printJSON(a.stdout, wire(map[string]any{"Events": events}))
	}
	rows := [][]string{{"ID", "AFTER", "TIME", "TYPE", "DETAIL"}}
	for _, e := range events {
		rows = append(rows, []string{
			strconv.FormatInt(e.Id, 10), strconv.FormatInt(e.PreviousEventId, 10),
			e.Timestamp.UTC().Format("15:04:05.000"), string(e.Type), detail(e),
		})
	}
	return table(a.stdout, rows)
}

// detail is the one thing of an event that a reader of the table looks for.
func detail(e types.HistoryEvent) string {
	switch {
	case e.StateEnteredEventDetails != nil:
		return aws.ToString(e.StateEnteredEventDetails.Name)
	case e.StateExitedEventDetails != nil:
		return aws.ToString(e.StateExitedEventDetails.Name)
	case e.TaskScheduledEventDetails != nil:
		return aws.ToString(e.TaskScheduledEventDetails.ResourceType) + ":" + aws.ToString(e.TaskScheduledEventDetails.Resource)
	case e.TaskFailedEventDetails != nil:
		return aws.ToString(e.TaskFailedEventDetails.Error)
	case e.TaskTimedOutEventDetails != nil:
		return aws.ToString(e.TaskTimedOutEventDetails.Error)
	case e.EvaluationFailedEventDetails != nil:
		return aws.ToString(e.EvaluationFailedEventDetails.Error)
	case e.ExecutionFailedEventDetails != nil:
		return aws.ToString(e.ExecutionFailedEventDetails.Error)
	case e.ExecutionTimedOutEventDetails != nil:
		return aws.ToString(e.ExecutionTimedOutEventDetails.Error)
	case e.ExecutionAbortedEventDetails != nil:
		return aws.ToString(e.ExecutionAbortedEventDetails.Error)
	case e.ExecutionRedrivenEventDetails != nil:
		return fmt.Sprintf("redrive %d", aws.ToInt32(e.ExecutionRedrivenEventDetails.RedriveCount))
	}
	return ""
}

// client talks to the local endpoint, which checks no signature.
func (f sfnFlags) client() *sfn.Client {
	return sfn.New(sfn.Options{
		Region:           region,
		BaseEndpoint:     aws.String("http://" + f.SFNAddr),
		Credentials:      credentials.NewStaticCredentialsProvider("local", "local", ""),
		RetryMaxAttempts: 1,
	})
}

// explain turns an error of the API into one that says what to do.
func (f sfnFlags) explain(err error, what string) error {
	var (
		noExecution   *types.ExecutionDoesNotExist
		noMachine     *types.StateMachineDoesNotExist
		invalidARN    *types.InvalidArn
		notRedrivable *types.ExecutionNotRedrivable
		limit         *types.ExecutionLimitExceeded
		answered      interface{ ErrorCode() string }
	)
	switch {
	case errors.As(err, &noExecution), errors.As(err, &noMachine):
		return notFound("there is no %s", what)
	case errors.As(err, &invalidARN):
		return usage(fmt.Errorf("%s: %s", what, invalidARN.ErrorMessage()))
	case errors.As(err, &notRedrivable):
		return refused("%s cannot be redriven: %s", what, notRedrivable.ErrorMessage())
	case errors.As(err, &limit):
		return refused("%s: %s", what, limit.ErrorMessage())
	case errors.As(err, &answered):
		return fmt.Errorf("%s: %w", what, err)
	}
	return unreachable("the Step Functions API at %s does not answer; start it with nigredo up, or name its address with --sfn-addr: %w", f.SFNAddr, err)
}
