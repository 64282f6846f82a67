// Package site serves the public pages: the landing page with the lead form, the
// receipt, the privacy notice, the request of a data subject with its receipt, and the
// pages for what went wrong. They are written in TypeScript below src and built by
// `make site` into dist, which is embedded; see README.md. Without a build every
// function of this package fails with [ErrNotBuilt].
//
// The forms work without JavaScript: one is posted as an ordinary form, and the activity
// that refuses it renders the same page again by [RenderLead] or [RenderRights], with the
// errors beside the fields and the answers kept. The build exports these pages as Go
// templates for that.
//
// The landing page has variants (src/variants.json). Which one a visitor sees is computed
// from the address and the user agent of the request, so that it stays the same without a
// cookie, and nothing of it is kept; ?variant= names one.
package site
