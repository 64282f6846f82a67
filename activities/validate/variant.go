package validate

import (
	"maps"
	"strings"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

// withoutBadVariant gives a copy of document whose variant, if any, is a word. The
// page writes it into a hidden field: whoever is refused for it could mend nothing.
func withoutBadVariant(document map[string]any) map[string]any {
	out := maps.Clone(document)
	delete(out, "variant")
	text, _ := document["variant"].(string)
	if text = strings.TrimSpace(text); lead.IsWord(text) {
		out["variant"] = text
	}
	return out
}
