package task_test

import (
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/alquimista-ai/nigredo/activities/task"
)

func TestQuery_NamesTheParametersThatThereAre(t *testing.T) {
	t.Parallel()
	none := func(string) string { return "" }
	for want, known := range map[string]task.Parameters{
		"There is no such parameter. This call takes none.":           nil,
		"There is no such parameter. Known is limit.":                 {"limit": none},
		"There is no such parameter. Known are cursor and limit.":     {"limit": none, "cursor": none},
		"There is no such parameter. Known are cursor, limit and to.": {"limit": none, "cursor": none, "to": none},
	} {
		faults := task.Query(events.APIGatewayProxyRequest{QueryStringParameters: map[string]string{"x": "1"}}, known)
		if len(faults) != 1 || faults[0].Message != want {
			t.Errorf("%+v, want %s", faults, want)
		}
	}
}
