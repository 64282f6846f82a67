package asl

import (
	"slices"
	"strconv"
	"strings"
)

const (
	allErrors     = "States.ALL"
	maxRetryDelay = 31_622_400
)

func (d *definitionReader) readRetry(f fields) []Retrier {
	entries := f.children("Retry")
	retriers := make([]Retrier, 0, len(entries))
	for i, entry := range entries {
		entry.allow("ErrorEquals", "IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds", "JitterStrategy", "Comment")
		entry.text("Comment")
		retrier := Retrier{
			ErrorEquals: d.errorEquals(entry, i == len(entries)-1),
			// AWS's documentation asks for 1; the service takes 0 (measured, see fields).
			IntervalSeconds: int64(entry.integer("IntervalSeconds", 1, 0, MaxSeconds)),
			MaxAttempts:     int64(entry.integer("MaxAttempts", 3, 0, MaxSeconds)),
			BackoffRate:     entry.number("BackoffRate", 2, 1, MaxSeconds),
			MaxDelaySeconds: int64(entry.integer("MaxDelaySeconds", 0, 1, maxRetryDelay)),
			FullJitter:      entry.oneOf("JitterStrategy", "NONE", "FULL") == "FULL",
		}
		if retrier.MaxDelaySeconds > 0 && retrier.MaxDelaySeconds <= retrier.IntervalSeconds {
			d.report(codeSchema, entry.at("MaxDelaySeconds"), "MaxDelaySeconds must be greater than IntervalSeconds")
		}
		retriers = append(retriers, retrier)
	}
	return retriers
}

func (d *definitionReader) readCatch(f fields) []Catcher {
	entries := f.children("Catch")
	catchers := make([]Catcher, 0, len(entries))
	for i, entry := range entries {
		entry.allow("ErrorEquals", "Next", "Output", "Assign", "Comment")
		entry.require("Next")
		entry.text("Comment")
		prefix := strings.TrimPrefix(entry.path, f.path+"/") + "/"
		at := place{errorOutput: true}
		catchers = append(catchers, Catcher{
			ErrorEquals: d.errorEquals(entry, i == len(entries)-1),
			Next:        entry.target("Next"),
			Output:      d.template(entry, "Output", prefix+"Output", at),
			Assign:      d.assign(entry, "Assign", prefix+"Assign", at),
		})
	}
	return catchers
}

// errorEquals reads the names an entry matches; last says that it is the last entry.
func (d *definitionReader) errorEquals(entry fields, last bool) []string {
	entry.require("ErrorEquals")
	names := entry.texts("ErrorEquals")
	if i := slices.Index(names, allErrors); i >= 0 && (len(names) > 1 || !last) {
		d.report(codeSchema, entry.at("ErrorEquals")+"["+strconv.Itoa(i)+"]", "States.ALL must appear alone and at end of list")
	}
	return names
}
