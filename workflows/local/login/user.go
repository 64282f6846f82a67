package login

import (
	"fmt"
	"slices"

	"github.com/google/uuid"
)

// User is a demo user: its name is its only group.
type User struct {
	Name  string // also the role
	Does  string // shown on the sign-in page
	Email string
}

// users are the demo users, in the order of the sign-in page.
func users() []User {
	return []User{
		{Name: "operator", Does: "sees leads and releases what was held back", Email: "operator@example.com"},
		{Name: "engineer", Does: "sees executions and deliveries, and redrives", Email: "engineer@example.com"},
		{Name: "auditor", Does: "reads histories and verifies the ledger", Email: "auditor@example.com"},
		{Name: "privacy", Does: "answers rights requests: export and erasure", Email: "privacy@example.com"},
	}
}

// roles are the roles that have a demo user.
func roles() []string {
	var names []string
	for _, u := range users() {
		names = append(names, u.Name)
	}
	return names
}

// Subject is the user's id, a UUID that is the same on every machine.
func (u User) Subject() string {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte("https://alquimista.ai/nigredo/demo/"+u.Name)).String()
}

func userNamed(name string) (User, error) {
	return find(name, func(u User) bool { return u.Name == name })
}

func userOf(subject string) (User, error) {
	return find(subject, func(u User) bool { return u.Subject() == subject })
}

func find(what string, is func(User) bool) (User, error) {
	all := users()
	i := slices.IndexFunc(all, is)
	if i < 0 {
		return User{}, fmt.Errorf("find user %q: there is %v", what, roles())
	}
	return all[i], nil
}
