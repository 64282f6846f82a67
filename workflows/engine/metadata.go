package engine

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/asl"
)

// headers are those of an integration's answers.
type headers struct {
	all, single *asl.Shape
	sorted      []int // their places in the order of single
}

// newHeaders takes the names in the order in which AWS lists them.
func newHeaders(names ...string) *headers {
	h := &headers{all: asl.NewShape(names...)}
	for i := range names {
		h.sorted = append(h.sorted, i)
	}
	slices.SortFunc(h.sorted, func(a, b int) int { return compareFold(names[a], names[b]) })
	var single []string
	for _, i := range h.sorted {
		single = append(single, names[i])
	}
	h.single = asl.NewShape(single...)
	return h
}

var (
	httpMetadata     = asl.NewShape("AllHttpHeaders", "HttpHeaders", "HttpStatusCode")
	responseMetadata = asl.NewShape("RequestId")
)

// metadata is SdkHttpMetadata: every header once as a list, in the order of names,
// and once as text, sorted without regard to case (recordings). The values are texts.
func (h *headers) metadata(status any, values ...any) *asl.Object {
	all, single := make([]any, len(values)), make([]any, len(values))
	for i, place := range h.sorted {
		all[i] = values[i : i+1 : i+1]
		single[i] = values[place]
	}
	return httpMetadata.Object(h.all.Object(all...), h.single.Object(single...), status)
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
