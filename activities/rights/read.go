package rights

import (
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/text/unicode/norm"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/task"
)

const (
	maxBody    = 16 << 10 // bytes
	maxShown   = 64 << 10 // bytes of the largest form post whose answers are shown again
	maxMessage = 1000     // characters
)

// The codes of a FieldError, as POST /api/leads has them.
const (
	codeRequired   = "required"
	codeUnknown    = "unknown"
	codeWrongType  = "wrong_type"
	codeTooLong    = "too_long"
	codeFormat     = "format"
	codeNotAllowed = "not_allowed"
	codeCharacters = "characters"
)

// post is a body that could be read: texts by name, trimmed and composed (NFC), those
// without content left out.
type post struct {
	texts  map[string]string
	odd    map[string]bool // texts with characters that their field may not hold
	others map[string]bool // members that are no texts
	faults []task.FieldError
	form   bool
	posted url.Values // of a form: shown again when it is refused
	locale string     // of the messages
}

// readPost reads the body of POST /api/rights-requests, or says why it cannot be read.
// With a refusal there is a post only if it is answered by the page.
func readPost(contentType, body string) (*post, *task.Problem) {
	media, parameters, err := mime.ParseMediaType(contentType)
	charset, hasCharset := parameters["charset"]
	if err != nil || hasCharset && !strings.EqualFold(charset, "utf-8") {
		media = ""
	}
	switch media {
	case "application/json":
		if len(body) > maxBody {
			return nil, tooLarge()
		}
		return readJSON(body, lead.English)
	case "application/x-www-form-urlencoded":
		return readForm(body)
	}
	return nil, problem(http.StatusUnsupportedMediaType, "Send application/json or application/x-www-form-urlencoded in UTF-8.")
}

func problem(status int, detail string) *task.Problem {
	p := task.NewProblem(status, detail)
	return &p
}

// readJSON reads one object of texts. What encoding/json would let pass is refused as
// well: a member twice, invalid UTF-8, anything after the object.
func readJSON(body, locale string) (*post, *task.Problem) {
	var members map[string]jsontext.Value
	if err := json.Unmarshal([]byte(body), &members); err != nil || members == nil {
		return nil, problem(http.StatusBadRequest, "The body is not one JSON object in UTF-8 with each member once.")
	}
	p := &post{texts: map[string]string{}, odd: map[string]bool{}, others: map[string]bool{}, locale: locale}
	for name, raw := range members {
		var text string
		if raw.Kind() != '"' || json.Unmarshal(raw, &text) != nil {
			p.others[name] = true
			continue
		}
		p.take(name, text)
	}
	p.language()
	return p, nil
}

func tooLarge() *task.Problem {
	return problem(http.StatusRequestEntityTooLarge, "The body has more than 16 KiB.")
}

func readForm(body string) (*post, *task.Problem) {
	if len(body) > maxShown {
		return &post{form: true, locale: lead.PortugueseBrazil}, tooLarge()
	}
	pairs, err := url.ParseQuery(body)
	if err != nil || len(pairs) == 0 {
		return nil, problem(http.StatusBadRequest, "The body is not an HTML form post.")
	}
	p := &post{texts: map[string]string{}, odd: map[string]bool{}, form: true, locale: lead.PortugueseBrazil}
	for name, values := range pairs {
		switch {
		case len(values) > 1:
			return nil, problem(http.StatusBadRequest, "A field of the form is there twice.")
		case !utf8.ValidString(name + values[0]):
			return nil, problem(http.StatusBadRequest, "The body is not UTF-8 text.")
		}
		p.take(name, values[0])
	}
	p.language()
	p.posted = pairs
	if len(body) > maxBody {
		// An answer of that length breaks a rule of its own: the page names it.
		_, _ = p.judge()
		return p, tooLarge()
	}
	return p, nil
}

// take judges the text as it came: what trimming takes off, a field may not hold
// either.
func (p *post) take(name, text string) {
	if name == "message" {
		p.odd[name] = !lead.IsText(text)
	} else {
		p.odd[name] = !lead.IsLine(text)
	}
	if text = strings.TrimSpace(norm.NFC.String(strings.ReplaceAll(text, "\r\n", "\n"))); text != "" {
		p.texts[name] = text
	}
}

// language chooses that of the answer: what was asked for, else what stands already.
func (p *post) language() {
	if asked := p.texts["locale"]; asked == lead.English || asked == lead.PortugueseBrazil {
		p.locale = asked
	}
}

func (p *post) refuse(name, code string) {
	p.faults = append(p.faults, task.FieldError{Pointer: task.Pointer(name), Code: code, Message: message(p.locale, name, code)})
}

// judge holds the post against the rules and gives the request, or what to correct.
func (p *post) judge() (lead.NewRightsRequest, *task.Problem) {
	r := lead.NewRightsRequest{
		Kind: lead.RightsKind(p.pop("kind", true)), Email: p.pop("email", true),
		Reference: p.pop("reference", false), Message: p.pop("message", false),
	}
	if r.Kind != "" && !slices.Contains(lead.RightsKinds(), r.Kind) {
		p.refuse("kind", codeNotAllowed)
	}
	if r.Email != "" {
		normal, broken := lead.NormalEmail(r.Email)
		if broken != "" {
			p.refuse("email", string(broken))
		}
		r.EmailNorm = normal
	}
	if r.Reference != "" {
		reference, err := lead.ParseReference(r.Reference)
		if err != nil {
			p.refuse("reference", codeFormat)
		}
		r.Reference = reference
	}
	if utf8.RuneCountInString(r.Message) > maxMessage {
		p.refuse("message", codeTooLong)
	}
	if asked := p.pop("locale", false); asked != "" && asked != p.locale {
		p.refuse("locale", codeNotAllowed)
	}
	r.Locale = p.locale
	return r, p.refusal()
}

// pop gives a text and takes it out; one that is no text, has odd characters, or is
// missing and required, is refused and given as empty.
func (p *post) pop(name string, required bool) string {
	text, ok := p.texts[name]
	switch {
	case p.odd[name]:
		p.refuse(name, codeCharacters)
		text = ""
	case p.others[name]:
		p.refuse(name, codeWrongType)
	case !ok && required:
		p.refuse(name, codeRequired)
	}
	delete(p.texts, name)
	delete(p.others, name)
	return text
}

// refusal is the answer when something is at fault, what nobody has read included.
func (p *post) refusal() *task.Problem {
	unknown := slices.AppendSeq(slices.Collect(maps.Keys(p.texts)), maps.Keys(p.others))
	slices.Sort(unknown)
	for _, name := range unknown {
		p.refuse(name, codeUnknown)
	}
	if len(p.faults) == 0 {
		return nil
	}
	detail := "O pedido tem erros. Cada item de errors diz o que corrigir."
	if p.locale == lead.English {
		detail = "The request has errors. Each entry of errors names a field and says what to do."
	}
	refused := problem(http.StatusUnprocessableEntity, detail)
	refused.Errors = p.faults
	return refused
}

// readClosing reads the body of POST /api/rights-requests/{id}/close.
func readClosing(body string) (lead.RightsClosing, *task.Problem) {
	p, refused := readJSON(body, lead.English)
	if refused != nil {
		return lead.RightsClosing{}, refused
	}
	c := lead.RightsClosing{Outcome: lead.RightsOutcome(p.pop("outcome", true)), Reason: p.pop("reason", true)}
	if c.Outcome != "" && !slices.Contains(lead.RightsOutcomes(), c.Outcome) {
		p.refuse("outcome", codeNotAllowed)
	}
	if c.Reason != "" { // pop has refused it otherwise
		if fault := task.CheckReason(c.Reason); fault != nil {
			p.faults = append(p.faults, *fault)
		}
	}
	return c, p.refusal()
}
