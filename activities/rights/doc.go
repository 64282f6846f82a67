// Package rights is the desk of data subjects (LGPD, art. 18 and 19): the public POST
// /api/rights-requests, and for the role privacy GET /api/rights-requests, GET
// /api/rights-requests/{id} and POST /api/rights-requests/{id}/close.
//
// Whoever asks gets a protocol number and the days until the answer is due, and never
// learns whether there are data: the answer is the same for everybody. The nine rights
// of art. 18 have English names here; package lead has the mapping. Nothing is proved by
// a request: who answers it makes sure first who asked.
//
// Five different requests an hour from one address (lead.RightsQuota), by a table of
// their own, so that no lead is refused for them nor they for leads. The same request
// again from the same address gets the first protocol and takes no slot.
//
// A request that is refused is answered by a problem document, and a form post by the
// page again, with the errors beside the fields and the answers kept. What is no form
// and no JSON object gets the document, as POST /api/leads does it.
//
// Lists mask e-mail addresses. Each look at a whole request and each closing is in the
// ledger of every lead that had the address or reference when the request came in.
package rights
