package validate

import (
	"slices"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

// judge normalises a document and holds it against every rule. The submission
// is whole only when there is no fault.
func (v *validator) judge(document map[string]any) (lead.Submission, []fault) {
	var f faults
	document = normalise(withoutBadVariant(document), nil, &f)
	for _, violation := range v.schema.Check(document) {
		path := violation.Path
		if slices.Equal(path, []string{"consent"}) && violation.Code == codeRequired {
			path = []string{"consent", "accepted"} // the box that a person looks for
		}
		f.add(violation.Code, path...)
	}

	get := func(path ...string) string { return member(document, path...) }
	s := lead.Submission{
		Name: get("name"), Email: get("email"), Company: get("company"), Message: get("message"),
		Source: lead.Source(get("source"), get("utm", "source")), UTM: utm(document), Variant: get("variant"),
		Consent: lead.Consent{TextID: get("consent", "textId"), TextVersion: get("consent", "textVersion"), TextHash: get("consent", "textHash")},
	}
	if consent, ok := document["consent"].(map[string]any); ok {
		if s.Consent.Marketing, _ = consent["marketing"].(bool); s.Consent.Marketing {
			s.Consent.MarketingTextHash = get("consent", "marketingTextHash")
		}
	}

	if s.Name != "" && !hasLetter(s.Name) {
		f.add(codeFormat, "name")
	}
	if s.Email != "" {
		norm, broken := lead.NormalEmail(s.Email)
		if broken != "" {
			f.add(string(broken), "email")
		}
		s.EmailNorm = norm
	}
	if typed := get("phone"); typed != "" {
		e164, ok := phone(typed)
		if !ok {
			f.add(codeFormat, "phone")
		}
		s.Phone = e164
	}
	return s, f.sorted()
}

// member gives the text at a path, empty when there is none.
func member(document map[string]any, path ...string) string {
	for _, name := range path[:len(path)-1] {
		document, _ = document[name].(map[string]any)
	}
	text, _ := document[path[len(path)-1]].(string)
	return text
}

func utm(document map[string]any) map[string]string {
	given, _ := document["utm"].(map[string]any)
	out := map[string]string{}
	for name, value := range given {
		if text, ok := value.(string); ok {
			out[name] = text
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}
