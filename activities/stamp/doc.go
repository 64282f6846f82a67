// Package stamp answers GET /api/stamp: the signed time at which a form was handed
// out. The form sends it back in checks.stamp, and package validate holds the time
// in between against what a person needs. A stamp names nobody, sets no cookie and
// is stored nowhere; a form without one is taken like any other.
package stamp
