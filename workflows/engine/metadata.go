package engine

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/asl"
)

// header is one of an answer's; its value is a text.
type header struct {
	name  string
	value any
}

// httpMetadata is SdkHttpMetadata: every header once as a list, in the order in
// which AWS lists them, and once as text, sorted without regard to case
// (recordings). The headers are sorted in place.
func httpMetadata(status int, headers []header) *asl.Object {
	all, single := asl.NewObject(len(headers)), asl.NewObject(len(headers))
	values := make([]any, len(headers))
	for i, h := range headers {
		values[i] = h.value
		all.Set(h.name, values[i:i+1:i+1])
	}
	slices.SortFunc(headers, func(a, b header) int { return compareFold(a.name, b.name) })
	for _, h := range headers {
		single.Set(h.name, h.value)
	}
	out := asl.NewObject(3)
	out.Set("AllHttpHeaders", all)
	out.Set("HttpHeaders", single)
	out.Set("HttpStatusCode", float64(status))
	return out
}

// compareFold compares names of headers without regard to case, and without making
// text: every task has some.
func compareFold(a, b string) int {
	for i := range min(len(a), len(b)) {
		if c := cmp.Compare(lower(a[i]), lower(b[i])); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a), len(b))
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

func responseMetadata(requestID string) *asl.Object {
	out := asl.NewObject(1)
	out.Set("RequestId", requestID)
	return out
}

// httpDate is a time as HTTP headers write it.
func httpDate(t time.Time) string { return t.UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT") }

// epochMillis is a date in the result of an optimised integration (recording).
func epochMillis(t time.Time) any { return float64(t.UnixMilli()) }

// isoInstant is a date in the result of an AWS SDK integration: no fraction or
// three digits (recordings).
func isoInstant(t time.Time) any {
	if t.Nanosecond() < int(time.Millisecond) {
		return t.UTC().Format("2006-01-02T15:04:05Z")
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}

// startAnswerLength is the length of StartExecution's answer on the wire, which
// writes the date as Java writes a number of seconds.
func startAnswerLength(arn string, started time.Time) int {
	seconds := strconv.FormatFloat(float64(started.UnixMilli())/1000, 'E', -1, 64)
	digits, exponent, _ := strings.Cut(seconds, "E+")
	if !strings.Contains(digits, ".") {
		digits += ".0"
	}
	return len(`{"executionArn":"","startDate":}`) + len(arn) + len(digits) + len("E") + len(strings.TrimLeft(exponent, "0"))
}
