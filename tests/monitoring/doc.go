// Package monitoring holds dashboards, alarms and saved queries to what the program
// really writes: a series or a text that is only asked for shows nothing, for ever,
// and nobody notices.
package monitoring
