// Package balance is GET /api/balance: the books, and the oldest leads that nothing
// explains, each with what is wrong with it. It names leads by id only.
package balance
