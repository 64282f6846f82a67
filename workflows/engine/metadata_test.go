package engine

import (
	"testing"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/asl"
)

// radkawar/stackd, task_integrations.json: the ARN and the date of a recording, whose
// answer was 165 bytes long.
func TestStartAnswerLength_IsThatOfTheWire(t *testing.T) {
	t.Parallel()
	arn := "arn:aws:states:us-west-2:000000000000:execution:stackd-sfn-task-02fda68d50-child:49e1dc3a-02ec-4e54-8a39-78465fedbbd1"
	for millis, want := range map[int64]int{
		1_790_202_309_243: 165, // 1.790202309243E9
		1_790_202_309_240: 164, // 1.79020230924E9
		1_000_000_000_000: 154, // 1.0E9… with the fraction that Java always writes
	} {
		if got := startAnswerLength(arn, time.UnixMilli(millis)); got != want {
			t.Errorf("%d: got %d, want %d", millis, got, want)
		}
	}
}

func TestIsoInstant_HasNoFractionOrThreeDigits(t *testing.T) {
	t.Parallel()
	for millis, want := range map[int64]string{
		1_790_201_703_000: "2026-09-23T22:15:03Z",
		1_787_949_299_712: "2026-08-28T20:34:59.712Z",
		1_787_949_299_700: "2026-08-28T20:34:59.700Z",
	} {
		if got := isoInstant(time.UnixMilli(millis)); got != want {
			t.Errorf("%d: got %v, want %s", millis, got, want)
		}
	}
}

func TestHeaders_SortTheSingleHeadersWithoutRegardToCase(t *testing.T) {
	t.Parallel()
	got := string(asl.AppendJSON(nil, newHeaders("x-b", "X-A", "X-B-c", "Connection").metadata(200.0, "1", "2", "3", "4")))
	want := `{"AllHttpHeaders":{"x-b":["1"],"X-A":["2"],"X-B-c":["3"],"Connection":["4"]},` +
		`"HttpHeaders":{"Connection":"4","X-A":"2","x-b":"1","X-B-c":"3"},"HttpStatusCode":200}`
	if got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestTraceID_HasXRaysForm(t *testing.T) {
	t.Parallel()
	now := time.Unix(0x6ab45969, 0)
	for id, want := range map[string]string{
		"d0cb4af2-2e49-4bda-8b18-91925592e04c": "Root=1-6ab45969-d0cb4af22e494bda8b189192;Parent=8b1891925592e04c;Sampled=0",
		"req-1":                                "Root=1-6ab45969-e10000000000000000000000;Parent=0000000000000000;Sampled=0",
	} {
		if got := traceID(now, id); got != want {
			t.Errorf("%s: got %s, want %s", id, got, want)
		}
	}
}
