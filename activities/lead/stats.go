package lead

import "time"

// StatsRange is whole days in UTC, First and Last included, both at midnight.
type StatsRange struct{ First, Last time.Time }

// Stats is what came in over a range of days.
type Stats struct {
	Days    []DayCount    // days with leads, in order
	Origins []OriginCount // the most accepted first, at most as many as asked for
	Total   int           // origins, those beyond the limit too
}

// DayCount is the leads of one day that are in one status now.
type DayCount struct {
	Day    string // "2026-11-21"
	Status Status
	Leads  int
}

// OriginCount is the leads and the views of the landing pages of one source and
// variant. A lead's variant is its own, else its utm.content when that is a word.
type OriginCount struct {
	Source      string
	Variant     string
	Accepted    int // quarantined ones too
	Quarantined int
	Views       int
}
