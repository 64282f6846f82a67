package sfn

import (
	"strconv"
	"time"
)

// timestamp is a point in time on the wire: epoch seconds with milliseconds.
type timestamp time.Time

// MarshalJSON writes the seconds with as many of the three digits as are needed.
func (t timestamp) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, float64(time.Time(t).UnixMilli())/1000, 'f', -1, 64), nil
}

// optional gives nil for an absent time.
func optional(t *time.Time) *timestamp {
	if t == nil {
		return nil
	}
	ts := timestamp(*t)
	return &ts
}
