// Package views is the public POST /api/views: it counts one look at a page, by day
// (UTC), page, source and variant. The browser sends it with navigator.sendBeacon, as
// text/plain or JSON: {page, source?, variant?, utm?}. No cookie, no identifier, no
// address and no user agent is read, kept or logged. Who sends DNT or Sec-GPC is not
// counted.
//
// What was sent by a stranger becomes no name of its own freely: an unknown page, and
// a source or variant that is no word, are counted as "other", and a day has at most
// lead.MaxViewRows combinations. Source is found as for a lead: source, else
// utm.source, else "direct". Variant is variant, else utm.content, else "none",
// as for a lead.
package views
