package validate

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

var (
	// markup is a link in HTML or BBCode: a text field has no use for it.
	markup = regexp.MustCompile(`(?i)<a\s[^>]*href|\[(url|link)[=\]]`)
	// tags are other elements of a web page, which a person may ask about.
	tags = regexp.MustCompile(`(?i)<(script|iframe|img|form|object|embed|svg)[\s>/]`)
	// linked is anything with a scheme or www, or a host of a common top-level
	// domain. What stands behind an at sign is an address.
	linked  = regexp.MustCompile(`(?i)(?:^|[^a-z0-9@._/-])(?:https?://|www\.)?((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:com|net|org|io|co|info|biz|ru|me|ly|gl|gg|app|dev|site|online|shop|store|club|live|pro|space|website|tech|link|top|xyz|icu|buzz|click|loan|win|bid|cyou|sbs|cfd|monster|rest|stream|gq|cf|tk|ml|ga|bet|casino|poker|porn|sex|xxx|br|pt|us|uk|de|fr|es|it|nl|pl|in|cn|eu|cc|tv|to|is|ai))(?:[:/?#][^\s<>"'\]]*)?(?:$|[^a-z0-9@-])`)
	schemed = regexp.MustCompile(`(?i)https?://([^\s/<>"'\]:?#]+)`)
)

// links gives the hosts that a text links to, in lower case, each once.
func links(text string) []string {
	var hosts []string
	note := func(host string) {
		host = strings.TrimPrefix(strings.ToLower(strings.Trim(host, ".")), "www.")
		if host != "" && !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	for _, match := range schemed.FindAllStringSubmatch(text, -1) {
		note(match[1])
	}
	// Two hosts may share the sign between them, so that each search begins behind
	// the host before.
	for rest := text; ; {
		at := linked.FindStringSubmatchIndex(rest)
		if at == nil {
			return hosts
		}
		note(rest[at[2]:at[3]])
		rest = rest[at[3]:]
	}
}

// linkSignals judges the links of name and message. Those to the domain of the e-mail
// and to hosts that bear the name before the at sign are the sender's own.
func linkSignals(s lead.Submission, domain string) []lead.Signal {
	foreign := slices.DeleteFunc(links(s.Name+"\n"+s.Message), func(host string) bool {
		return host == domain || strings.HasSuffix(host, "."+domain) || strings.HasSuffix(domain, "."+host) || bears(host, s)
	})
	if len(foreign) == 0 {
		return nil
	}
	seen := []lead.Signal{{Name: "links", Weight: weightLinks}}
	if len(foreign) > 1 && words(s.Message) <= len(foreign) {
		seen = append(seen, lead.Signal{Name: "link_list", Weight: weightLinkList})
	}
	if slices.ContainsFunc(foreign, isShortener) {
		seen = append(seen, lead.Signal{Name: "link_short", Weight: weightLinkShort})
	}
	if slices.ContainsFunc(foreign, isAbusedDomain) {
		seen = append(seen, lead.Signal{Name: "link_domain", Weight: weightLinkDomain})
	}
	return seen
}

const minNamed = 5

// bears tells whether a host has a word of the sender's address in it, of five
// letters or more: ingridshop.example of ingrid@.
func bears(host string, s lead.Submission) bool {
	local, _, _ := strings.Cut(s.EmailNorm, "@")
	for word := range strings.FieldsFuncSeq(local, func(r rune) bool { return !unicode.IsLetter(r) }) {
		if len(word) >= minNamed && strings.Contains(host, word) {
			return true
		}
	}
	return false
}

// words counts the words of a text that are no links.
func words(text string) int {
	n := 0
	for word := range strings.FieldsSeq(text) {
		if strings.ContainsFunc(word, unicode.IsLetter) && len(links(word)) == 0 {
			n++
		}
	}
	return n
}

// isShortener holds for hosts that lead elsewhere, or to anybody's page.
func isShortener(host string) bool {
	return slices.Contains([]string{
		"bit.ly", "cutt.ly", "goo.gl", "goo.su", "is.gd", "ow.ly", "rb.gy", "rebrand.ly", "s.id", "shorturl.at", "t.co", "t.ly",
		"telegra.ph", "tiny.cc", "tinyurl.com", "v.gd", "vk.cc", "clck.ru", "bitly.ws", "shorter.me", "u.to",
	}, host)
}

// isAbusedDomain holds for top-level domains that are cheap or free and that few
// companies have.
func isAbusedDomain(host string) bool {
	last := host[strings.LastIndexByte(host, '.')+1:]
	return slices.Contains([]string{
		"top", "xyz", "icu", "buzz", "click", "loan", "win", "bid", "cyou", "sbs", "cfd", "monster", "rest", "stream",
		"gq", "cf", "tk", "ml", "ga", "bet", "casino", "poker", "porn", "sex", "xxx",
	}, last)
}
