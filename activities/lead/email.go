package lead

import (
	"strings"

	"golang.org/x/net/idna"
)

// The lengths of RFC 5321, in bytes.
const (
	maxEmail = 254
	maxLocal = 64
)

// EmailFault is the rule that an e-mail address breaks; empty: none.
type EmailFault string

// The faults of an address.
const (
	EmailTooLong EmailFault = "too_long"
	EmailFormat  EmailFault = "format"
)

// hosts turns international domain names into ASCII by IDNA 2008.
var hosts = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.VerifyDNSLength(true), idna.Transitional(false))

// NormalEmail holds an address against the grammar of HTML's e-mail field, with an
// international domain, at least one dot in the domain, no IP address and dots
// in the local part only between other signs. It does not read RFC 5322: the
// comments, quotes and groups of that grammar are not what a person types. It
// gives the address in lower case with its domain in ASCII, which is what persons
// are recognised by, or the rule that it breaks.
func NormalEmail(typed string) (normal string, fault EmailFault) {
	if len(typed) > maxEmail {
		return "", EmailTooLong
	}
	local, domain, found := strings.Cut(typed, "@")
	if !found || local == "" || len(local) > maxLocal ||
		strings.ContainsFunc(local, func(r rune) bool { return !isAtom(r) }) ||
		strings.HasPrefix(local, ".") || strings.HasSuffix(local, ".") || strings.Contains(local, "..") {
		return "", EmailFormat
	}
	if strings.ContainsAny(domain, string(nonJoiner)+string(joiner)) {
		return "", EmailFormat // IDNA takes some, and two addresses would look the same
	}
	ascii, err := hosts.ToASCII(domain)
	if err != nil || !isHost(ascii) {
		return "", EmailFormat
	}
	normal = strings.ToLower(local) + "@" + strings.ToLower(ascii)
	if len(normal) > maxEmail {
		return "", EmailTooLong
	}
	return normal, ""
}

// isAtom is the set of signs that HTML allows before the at sign.
func isAtom(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' ||
		r < 0x80 && strings.ContainsRune("!#$%&'*+-/=?^_`{|}~.", r)
}

// isHost asks for two labels or more, each of letters, digits and inner
// hyphens, the last one not a number: "1.2.3.4" is an address, not a domain.
func isHost(ascii string) bool {
	labels := strings.Split(ascii, ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' ||
			strings.ContainsFunc(label, func(r rune) bool {
				return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r != '-'
			}) {
			return false
		}
	}
	return len(labels) > 1 && strings.Trim(labels[len(labels)-1], "0123456789") != ""
}
