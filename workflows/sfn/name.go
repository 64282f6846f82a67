package sfn

import (
	"strings"
	"unicode"
)

// reserved are the printable characters that no machine's and no execution's name
// may hold, by the API reference of StartExecution.
const reserved = "<>{}[]?*\"#%\\^|~`$&,;:/"

// checkName refuses a name that the service would refuse. Its length is a
// constraint of the member and checked with it.
func checkName(name string) error {
	bad := strings.ContainsAny(name, reserved) || strings.IndexFunc(name, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || r == 0xFFFE || r == 0xFFFF || r == unicode.MaxRune
	}) >= 0
	if bad {
		return refusal("InvalidName", "Invalid Name: '"+name+"'")
	}
	return nil
}
