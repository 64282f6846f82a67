package e2e

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
)

// stepFunctions is AWS's own client, pointed at the program.
func stepFunctions() *sfn.Client {
	return sfn.New(sfn.Options{
		BaseEndpoint: aws.String(up.SFN),
		Region:       "us-east-1",
		Credentials:  credentials.NewStaticCredentialsProvider("none", "none", ""),
	})
}

// deliveryOf is the ARN of the execution that delivers a lead.
func deliveryOf(leadID string) string {
	return "arn:aws:states:us-east-1:000000000000:execution:fibonacci_delivery:lead-" + leadID
}

// waitStatus waits until the execution has a status.
func waitStatus(t *testing.T, arn string, want types.ExecutionStatus, within time.Duration) *sfn.DescribeExecutionOutput {
	t.Helper()
	client := stepFunctions()
	var got *sfn.DescribeExecutionOutput
	eventually(t, within, func() error {
		var err error
		got, err = client.DescribeExecution(t.Context(), &sfn.DescribeExecutionInput{ExecutionArn: aws.String(arn)})
		if err == nil && got.Status != want {
			err = fmt.Errorf("execution is %s, want %s", got.Status, want)
		}
		return err
	})
	return got
}

// history gives all events of an execution, oldest first.
func history(t *testing.T, arn string) []types.HistoryEvent {
	t.Helper()
	var events []types.HistoryEvent
	pages := sfn.NewGetExecutionHistoryPaginator(stepFunctions(), &sfn.GetExecutionHistoryInput{ExecutionArn: aws.String(arn)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatalf("get execution history: %v", err)
		}
		events = append(events, page.Events...)
	}
	return events
}

// requireHistory fails unless the types of the events are these, numbered from 1.
func requireHistory(t *testing.T, arn string, want ...types.HistoryEventType) {
	t.Helper()
	var got []types.HistoryEventType
	for i, e := range history(t, arn) {
		got = append(got, e.Type)
		if e.Id != int64(i+1) {
			t.Errorf("event %d has id %d", i+1, e.Id)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("history\n got %v\nwant %v", got, want)
	}
}

// The parts that histories of fibonacci_delivery are made of.
var (
	historyStarted   = []types.HistoryEventType{types.HistoryEventTypeExecutionStarted, types.HistoryEventTypeTaskStateEntered}
	historyFailedTry = []types.HistoryEventType{types.HistoryEventTypeTaskScheduled, types.HistoryEventTypeTaskStarted, types.HistoryEventTypeTaskFailed}
	historyDelivered = []types.HistoryEventType{
		types.HistoryEventTypeTaskScheduled, types.HistoryEventTypeTaskStarted, types.HistoryEventTypeTaskSucceeded, types.HistoryEventTypeTaskStateExited,
		types.HistoryEventTypeSucceedStateEntered, types.HistoryEventTypeSucceedStateExited, types.HistoryEventTypeExecutionSucceeded,
	}
)
