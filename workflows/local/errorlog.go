package local

import (
	"log" //nolint:depguard // an http.Server complains to nothing else
	"regexp"
	"strings"

	"go.uber.org/zap"
)

// panicServing is what net/http says of a handler that panicked: the caller's
// address and the value, which may quote the request, before the stack.
var panicServing = regexp.MustCompile(`(?s)^(http: panic serving) \S+: .*?\n(goroutine )`)

// newErrorLog gives an http.Server a log whose lines are ours and name nobody.
func newErrorLog(to *zap.Logger) *log.Logger { return log.New(errorLog{to}, "", 0) }

type errorLog struct{ to *zap.Logger }

// Write takes one complaint.
func (l errorLog) Write(complaint []byte) (int, error) {
	text := panicServing.ReplaceAllString(strings.TrimSpace(string(complaint)), "$1 a caller\n$2")
	l.to.Error("Local: an HTTP server complains", zap.String("error_message", text))
	return len(complaint), nil
}
