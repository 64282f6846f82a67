// Package health answers GET /health, which says that the API is alive and asks
// nobody, and GET /health/ready, which asks every dependency in the same moment
// and names those that do not answer. It says nothing else of them: neither
// addresses nor errors leave it.
package health
