// Package site is the public face: the landing page with the lead form, the
// receipt, a page for what went wrong, and the files they need. Everything is
// embedded and rendered by html/template; there is no build step.
//
// The form works without JavaScript: it is posted to /api/leads as an ordinary
// form, and the activity that refuses it renders the same page again by
// [RenderForm], with the errors beside the fields and the answers kept. With
// JavaScript, assets/form.js sends the same fields as JSON and shows the same
// errors in the same places. The server alone decides what is valid.
//
// Pages carry no inline script and no inline style, so that the policy of
// [Headers] needs no exception. Paths and names of fields are a contract with
// the API (infra/api/openapi.yaml); words are not.
package site
