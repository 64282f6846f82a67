// Package redrives is the API of redrive campaigns, for engineers: POST and GET
// /api/redrives, GET /api/redrives/{id}, its pause, resume and cancel, and POST
// /api/leads/{id}/redrive, a campaign of one lead. It plans, records decisions and
// starts machines; sending is the business of the machine redrive_campaign alone.
//
// A campaign is recorded before its machine is started. When the start fails, the
// answer is 503 with the campaign's id: resuming it starts it. Posting again makes
// a second campaign, which finds its leads free or taken by the first, so that no
// lead is sent twice; but one of the two then has nothing to do.
//
// Answers hold ids, counts and names of errors: no personal data.
package redrives
