package postgres

import "github.com/alquimista-ai/nigredo/activities/postgres/db"

// Statements gives the texts of the two statements that take a lead in, for
// comparisons that must run the very same ones. Parameters are $1, $2, ….
func Statements() (reserve, accept string) { return db.Reserve, db.Accept }
