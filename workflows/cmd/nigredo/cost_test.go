package main

import (
	"strings"
	"testing"
)

func TestCost_PrintsTheBillAndWhatBindsFirst(t *testing.T) {
	t.Parallel()
	got := nigredo(t, nil, "cost", "--leads-per-month", "1000000")
	got.want(t, 0, "Uncertain:")
	for _, want := range []string{"Step Functions Standard  75.00", "1000000 leads, 20000000 page views, us-east-1", "BINDS FIRST", "api.rate"} {
		if !strings.Contains(got.stdout, want) {
			t.Errorf("no %q in\n%s", want, got.stdout)
		}
	}
	document := validJSON(t, nigredo(t, nil, "cost", "--json", "--env", "dev", "--region", "sa-east-1"))
	if document["region"] != "sa-east-1" || document["leads"] != 100000.0 || document["total"].(float64) <= 0 || len(document["limits"].([]any)) == 0 {
		t.Errorf("got %v", document)
	}
	if tables := nigredo(t, nil, "cost", "--tables"); !strings.HasPrefix(tables.stdout, "| USD a month |") {
		t.Errorf("got %s", tables.stdout)
	}
}

func TestCost_RefusesWhatItCannotReckon(t *testing.T) {
	t.Parallel()
	nigredo(t, nil, "cost", "--env", "production").want(t, exitUsage, "want one of dev, staging, prod")
	nigredo(t, nil, "cost", "--leads-per-month=-1").want(t, exitUsage, "leads must be between")
	nigredo(t, nil, "cost", "--leads-per-month", "many").want(t, exitUsage, "leads-per-month")
}
