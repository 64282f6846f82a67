package e2e

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
)

// soon is how long something may take that nothing delays.
const soon = 15 * time.Second

func TestDelivery_AcceptedLeadReachesTheReceiverOnce(t *testing.T) {
	t.Parallel()
	email := person()
	lead := up.accept(t, request{address: up.address(), body: `{"name":"Ana O'Brien","email":"` + email + `","company":"Ácido & Cia",
		"phone":"(11) 91234-5678","message":"Linha 1\nLinha 2 \"citada\" \\ fim","source":"feira","utm":{"campaign":"maio"},"locale":"pt-BR",
		"consent":{"accepted":true,"marketing":true}}`})

	calls := up.receiver.wait(t, email, 1, soon)
	got := calls[0].event
	if got.Type != "lead.created" || got.Data.ID != lead.ID || got.Data.Reference != lead.Reference {
		t.Errorf("event %s is not about lead %s", calls[0].body, lead.ID)
	}
	if got.Data.Name != "Ana O'Brien" || got.Data.Company != "Ácido & Cia" || got.Data.Phone != "+5511912345678" ||
		got.Data.Message != "Linha 1\nLinha 2 \"citada\" \\ fim" || got.Data.Source != "feira" || got.Data.UTM["campaign"] != "maio" ||
		got.Data.Locale != "pt-BR" || !got.Data.Consent.Marketing || !got.Data.CreatedAt.Equal(lead.CreatedAt) {
		t.Errorf("event does not carry what was sent: %s", calls[0].body)
	}

	waitStatus(t, deliveryOf(lead.ID), types.ExecutionStatusSucceeded, soon)
	requireHistory(t, deliveryOf(lead.ID), slices.Concat(historyStarted, historyDelivered)...)
	eventually(t, soon, leadStatus(t, lead.ID, "delivered"))
	if rows := attempts(t, lead.ID); len(rows) != 1 || !rows[0].Success || rows[0].AttemptNumber != 1 || rows[0].StatusCode != 200 {
		t.Errorf("webhook_logs: %+v, want one success", rows)
	}
	if n := len(up.receiver.got(email)); n != 1 {
		t.Errorf("the receiver has %d calls, want 1", n)
	}
}

func TestDelivery_ReceiverDownIsTriedThreeTimesThenRedriven(t *testing.T) {
	t.Parallel()
	email := person()
	repair := up.receiver.failing(email, http.StatusInternalServerError)
	lead := up.accept(t, request{address: up.address(), body: lead(email)})
	arn := deliveryOf(lead.ID)

	calls := up.receiver.wait(t, email, 3, time.Minute)
	for i, want := range []time.Duration{5 * time.Second, 20 * time.Second} {
		gap := calls[i+1].at.Sub(calls[i].at)
		if gap < want*9/10 || gap > want*11/10 {
			t.Errorf("attempt %d came %s after the one before it, want %s ± 10 %%", i+2, gap, want)
		}
	}
	failed := waitStatus(t, arn, types.ExecutionStatusFailed, soon)
	if aws.ToString(failed.Error) != "Fibonacci.Unavailable" || failed.RedriveStatus != types.ExecutionRedriveStatusRedrivable {
		t.Errorf("execution failed with %s, %s; want Fibonacci.Unavailable, REDRIVABLE", aws.ToString(failed.Error), failed.RedriveStatus)
	}
	requireHistory(t, arn, slices.Concat(historyStarted, historyFailedTry, historyFailedTry, historyFailedTry,
		[]types.HistoryEventType{types.HistoryEventTypeExecutionFailed})...)
	rows := attempts(t, lead.ID)
	if len(rows) != 3 {
		t.Fatalf("webhook_logs: %+v, want three rows", rows)
	}
	for i, row := range rows {
		if row.Success || row.StatusCode != 500 || aws.ToString(row.ErrorName) != "Fibonacci.Unavailable" || row.AttemptNumber != i+1 || row.RetryCount != i {
			t.Errorf("attempt %d: %+v", i+1, row)
		}
	}
	eventually(t, soon, leadStatus(t, lead.ID, "failed"))

	repair()
	if _, err := stepFunctions().RedriveExecution(t.Context(), &sfn.RedriveExecutionInput{ExecutionArn: aws.String(arn)}); err != nil {
		t.Fatalf("redrive: %v", err)
	}
	redriven := waitStatus(t, arn, types.ExecutionStatusSucceeded, soon)
	if aws.ToInt32(redriven.RedriveCount) != 1 || redriven.RedriveStatus != types.ExecutionRedriveStatusNotRedrivable {
		t.Errorf("redriven %d times, %s; want once and NOT_REDRIVABLE", aws.ToInt32(redriven.RedriveCount), redriven.RedriveStatus)
	}
	requireHistory(t, arn, slices.Concat(historyStarted, historyFailedTry, historyFailedTry, historyFailedTry,
		[]types.HistoryEventType{types.HistoryEventTypeExecutionFailed, types.HistoryEventTypeExecutionRedriven}, historyDelivered)...)
	calls = up.receiver.wait(t, email, 4, soon)
	for i, c := range calls {
		if c.id != calls[0].id || !strings.HasPrefix(c.id, "msg_") {
			t.Errorf("attempt %d has webhook-id %q, the first has %q", i+1, c.id, calls[0].id)
		}
	}
	if rows := attempts(t, lead.ID); len(rows) != 4 || rows[3].AttemptNumber != 4 || !rows[3].Success || rows[3].RedriveCount != 1 {
		t.Errorf("webhook_logs: %+v, want a fourth attempt that succeeded", rows)
	}
	eventually(t, soon, leadStatus(t, lead.ID, "delivered"))

	_, err := stepFunctions().RedriveExecution(t.Context(), &sfn.RedriveExecutionInput{ExecutionArn: aws.String(arn)})
	var refused *types.ExecutionNotRedrivable
	if !errors.As(err, &refused) {
		t.Errorf("redrive of a success: %v, want ExecutionNotRedrivable", err)
	}
}

func TestDelivery_RejectedIsNotRetried(t *testing.T) {
	t.Parallel()
	email := person()
	repair := up.receiver.failing(email, http.StatusUnprocessableEntity)
	lead := up.accept(t, request{address: up.address(), body: lead(email)})
	arn := deliveryOf(lead.ID)

	failed := waitStatus(t, arn, types.ExecutionStatusFailed, soon)
	if aws.ToString(failed.Error) != "Fibonacci.Rejected" || failed.RedriveStatus != types.ExecutionRedriveStatusRedrivable {
		t.Errorf("execution failed with %s, %s; want Fibonacci.Rejected, REDRIVABLE", aws.ToString(failed.Error), failed.RedriveStatus)
	}
	requireHistory(t, arn, slices.Concat(historyStarted, historyFailedTry, []types.HistoryEventType{types.HistoryEventTypeExecutionFailed})...)
	if n := len(up.receiver.got(email)); n != 1 {
		t.Errorf("the receiver has %d calls, want 1", n)
	}

	repair()
	up.run(t, "redrive", arn)
	waitStatus(t, arn, types.ExecutionStatusSucceeded, soon)
	calls := up.receiver.wait(t, email, 2, soon)
	if calls[0].id != calls[1].id {
		t.Errorf("webhook-id changed from %q to %q", calls[0].id, calls[1].id)
	}
	if rows := attempts(t, lead.ID); len(rows) != 2 || rows[1].AttemptNumber != 2 || !rows[1].Success {
		t.Errorf("webhook_logs: %+v, want a second attempt that succeeded", rows)
	}
}

func TestDelivery_TrappedLeadIsAcceptedButHeldBack(t *testing.T) {
	t.Parallel()
	email := person()
	lead := up.accept(t, request{
		address: up.address(),
		body:    `{"name":"Ana Souza","email":"` + email + `","consent":{"accepted":true},"checks":{"trap":"x"}}`,
	})
	if lead.Status != "accepted" {
		t.Errorf("the receipt says %s: a bot learns that it was caught", lead.Status)
	}
	eventually(t, soon, leadStatus(t, lead.ID, "quarantined"))
	_, err := stepFunctions().DescribeExecution(t.Context(), &sfn.DescribeExecutionInput{ExecutionArn: aws.String(deliveryOf(lead.ID))})
	var absent *types.ExecutionDoesNotExist
	if !errors.As(err, &absent) {
		t.Errorf("describe the delivery: %v, want ExecutionDoesNotExist", err)
	}
	if n := len(up.receiver.got(email)); n != 0 {
		t.Errorf("the receiver has %d calls, want none", n)
	}
}
