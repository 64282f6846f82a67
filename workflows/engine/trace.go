package engine

import (
	"fmt"
	"regexp"
	"strings"
)

// traceRoot is what AWS takes for the root of a trace.
var traceRoot = regexp.MustCompile(`\A1-[0-9a-fA-F]{8}-[0-9a-fA-F]{24}\z`)

// trace answers the trace header of an execution as AWS shows it (recording): none
// when the caller gave none; as given when it names a root and says whether it is
// sampled; sampled when it says nothing about that. Whatever has no good root gets
// one, and keeps of what it said only whether it is sampled.
func (e *Engine) trace(given *string) string {
	if given == nil {
		return ""
	}
	root, sampled := "", ""
	for _, field := range strings.Split(*given, ";") {
		switch name, value, _ := strings.Cut(strings.TrimSpace(field), "="); name {
		case "Root":
			root = value
		case "Sampled":
			sampled = value
		}
	}
	switch {
	case !traceRoot.MatchString(root) || !storable(*given):
		if sampled != "0" {
			sampled = "1"
		}
		id := strings.ReplaceAll(e.config.NewID(), "-", "") + strings.Repeat("0", 24)
		return fmt.Sprintf("Root=1-%08x-%s;Sampled=%s", uint32(e.now().Unix()), id[:24], sampled)
	case sampled == "":
		return *given + ";Sampled=1"
	}
	return *given
}
