package engine

import (
	"testing"
	"time"
)

func TestRedriveRefusal_Reasons(t *testing.T) {
	t.Parallel()
	e := &Engine{clock: SystemClock{}}
	now := e.now()
	days := func(n int) time.Time { return now.Add(-time.Duration(n) * 24 * time.Hour) }
	failed := func(started, stopped time.Time, last int64) Record {
		return Record{Execution: Execution{Status: Failed, StartDate: started, StopDate: &stopped}, LastEventID: last}
	}
	for name, c := range map[string]struct {
		record Record
		want   string
	}{
		"redrivable":                    {failed(days(3), days(1), 5), ""},
		"room for two more events":      {failed(days(3), days(1), historyLimit-2), ""},
		"room for the redrive alone":    {failed(days(3), days(1), historyLimit-1), "Execution has exceeded the maximum history event limit"},
		"history full":                  {failed(days(3), days(1), historyLimit), "Execution has exceeded the maximum history event limit"},
		"history full, and long closed": {failed(days(30), days(20), historyLimit), "Execution has exceeded the maximum history event limit"},
		"begun a year ago":              {failed(days(366), days(1), 5), "Execution has exceeded the max execution time"},
		"long closed":                   {failed(days(30), days(15), 5), "Execution redrivable period exceeded"},
	} {
		if got := e.redriveRefusal(c.record); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
