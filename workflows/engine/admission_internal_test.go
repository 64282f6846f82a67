package engine

import (
	"strings"
	"testing"

	"github.com/alquimista-ai/nigredo/workflows/asl"
)

// Tasks of branches and processors are held against the integrations too.
func TestAdmission_ReachesNestedFlows(t *testing.T) {
	t.Parallel()
	task := func(name, resource string) *asl.Flow {
		return &asl.Flow{Order: []string{name}, States: map[string]*asl.State{name: {Name: name, Type: asl.Task, Resource: resource}}}
	}
	outer := &asl.Flow{Order: []string{"P", "M"}, States: map[string]*asl.State{
		"P": {Name: "P", Type: asl.Parallel, Branches: []*asl.Flow{task("A", "known"), task("B", "unknown")}},
		"M": {Name: "M", Type: asl.Map, Processor: task("C", "unknown")},
	}}
	admitted := admission{kind: Standard, tasks: map[string]Integration{}, integrationOf: func(resource string) (Integration, bool) {
		return lambdaFunction{}, resource == "known"
	}}
	admitted.flow("", outer)
	if len(admitted.problems) != 2 || admitted.tasks["known"] == nil ||
		admitted.problems[0].Location != "/States/P/Branches[1]/States/B/Resource" ||
		admitted.problems[1].Location != "/States/M/ItemProcessor/States/C/Resource" {
		t.Errorf("got %+v, tasks %v", admitted.problems, admitted.tasks)
	}
}

func TestWaiters_TellEachOnce(t *testing.T) {
	t.Parallel()
	var w waiters
	first, second, other := w.add("a"), w.add("a"), w.add("b")
	w.remove("a", second)
	w.closed(Record{Execution: Execution{ARN: "a", Status: Failed}})
	w.closed(Record{Execution: Execution{ARN: "a", Status: Succeeded}})
	if got := <-first.ended; got.Status != Failed {
		t.Errorf("got %s, want the first end", got.Status)
	}
	if len(first.ended) != 0 || len(second.ended) != 0 || len(other.ended) != 0 {
		t.Error("somebody was told who did not wait for it")
	}
	w.remove("a", first)
	w.remove("b", other)
	if len(w.byARN) != 0 {
		t.Errorf("left: %v", w.byARN)
	}
}

func TestSplitResource_NamesServiceAndAction(t *testing.T) {
	t.Parallel()
	for resource, want := range map[string]string{
		"lambda:invoke":                 "lambda invoke",
		"states:startExecution.sync:2":  "states startExecution.sync:2",
		"aws-sdk:sfn:describeExecution": "aws-sdk:sfn describeExecution",
		"events:putEvents":              "events putEvents",
	} {
		service, action := splitResource(resourcePrefix + resource)
		if got := service + " " + action; got != want {
			t.Errorf("%s: got %s, want %s", resource, got, want)
		}
		// The way back, from the details of a stored event.
		if got := resourcePrefix + strings.Replace(want, " ", ":", 1); got != resourcePrefix+resource {
			t.Errorf("%s: back to %s", resource, got)
		}
	}
	arn := "arn:aws:lambda:us-east-1:000000000000:function:f"
	if got := limitOwner(arn); got != arn {
		t.Errorf("owner of a function's result: got %s", got)
	}
}
