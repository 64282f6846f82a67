package validate

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

// How long a repeat gets the first answer.
const (
	keepWithKey    = 24 * time.Hour
	keepWithoutKey = 10 * time.Minute
)

const maxKey = 255

// parseKey reads the header Idempotency-Key: a structured-field string in quotes
// (draft-ietf-httpapi-idempotency-key-header), or the bare token that most
// clients send. The two forms of one key are one key. No header is no key.
func parseKey(header string) (string, error) {
	malformed := unreadable(http.StatusBadRequest, codeKey)
	header = strings.Trim(header, " \t")
	if header == "" {
		return "", nil
	}
	key := header
	if strings.HasPrefix(header, `"`) {
		inner, ok := unquote(header)
		if !ok {
			return "", malformed
		}
		key = inner
	} else if strings.ContainsFunc(header, func(r rune) bool { return !isKeySign(r) }) {
		return "", malformed
	}
	if key == "" || len(key) > maxKey {
		return "", malformed
	}
	return key, nil
}

func isKeySign(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || strings.ContainsRune("-_.:~+/=", r)
}

// unquote reads a string of RFC 9651, section 3.3.3, with nothing after it.
func unquote(quoted string) (string, bool) {
	var out strings.Builder
	for i := 1; i < len(quoted); i++ {
		switch c := quoted[i]; {
		case c == '"':
			return out.String(), i == len(quoted)-1
		case c == '\\':
			if i++; i == len(quoted) || quoted[i] != '"' && quoted[i] != '\\' {
				return "", false
			}
			out.WriteByte(quoted[i])
		case c < 0x20 || c > 0x7E:
			return "", false
		default:
			out.WriteByte(c)
		}
	}
	return "", false
}

// makeKey gives the key by which a repeat of s is known. Equal content has an
// equal fingerprint, however its JSON and the capitals of its e-mail address were
// written; the checks are not content, because each page view has its own. Nor is
// what the server makes of a post: a release that changed it would part a post from its
// repeat. For the same reason a member that is new here is left out where it is empty.
func makeKey(client string, s lead.Submission) lead.Key {
	content, err := json.Marshal(struct {
		Name, Email, Company, Phone, Message, Source, Locale string
		UTM                                                  map[string]string
		Consent                                              any
	}{s.Name, s.EmailNorm, s.Company, s.Phone, s.Message, s.Source, s.Locale, s.UTM, struct {
		Marketing         bool   `json:"marketing"`
		TextID            string `json:"textId"`
		TextVersion       string `json:"textVersion"`
		TextHash          string `json:"textHash"`
		MarketingTextHash string `json:"marketingTextHash,omitempty"`
	}{s.Consent.Marketing, s.Consent.TextID, s.Consent.TextVersion, s.Consent.TextHash, s.Consent.MarketingTextHash}})
	if err != nil { // strings and a bool
		panic("key: content without a JSON form")
	}
	key := lead.Key{Fingerprint: digest("content", string(content)), Keep: keepWithKey}
	if client != "" {
		key.Hash = digest("key", client)
		return key
	}
	key.Keep = keepWithoutKey
	key.Hash = digest("person", string(content))
	return key
}

// digest is SHA-256 over parts set apart by a sign that none of them holds.
func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:])
}
