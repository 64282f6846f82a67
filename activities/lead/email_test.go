package lead_test

import (
	"strings"
	"testing"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

func TestNormalEmail_Takes(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"ana@example.com":                        "ana@example.com",
		"Ana.Souza+news@Example.CO":              "ana.souza+news@example.co",
		"o'brien@example.com":                    "o'brien@example.com",
		"a@b.c":                                  "a@b.c",
		"!#$%&'*+-/=?^_`{|}~@x.org":              "!#$%&'*+-/=?^_`{|}~@x.org",
		"ana@josé.com.br":                        "ana@xn--jos-dma.com.br",
		"ana@faß.de":                             "ana@xn--fa-hia.de",
		"ana@例え.テスト":                             "ana@xn--r8jz45g.xn--zckzah",
		"ana@1.example":                          "ana@1.example",
		strings.Repeat("a", 64) + "@example.com": strings.Repeat("a", 64) + "@example.com",
	}
	for typed, want := range tests {
		if got, fault := lead.NormalEmail(typed); got != want || fault != "" {
			t.Errorf("NormalEmail(%q) = %q, %q, want %q", typed, got, fault, want)
		}
	}
}

func TestNormalEmail_Refuses(t *testing.T) {
	t.Parallel()
	tests := []string{
		"", "@", "ana", "ana@", "@example.com", "ana@example", "ana@@example.com", "ana@b@example.com", "ana@example..com", "ana@.example.com",
		"ana@example.com.", ".ana@example.com", "ana.@example.com", "an..a@example.com", "ana @example.com", "ana@exa mple.com",
		`"ana souza"@example.com`, "ana(comment)@example.com", "Ana <ana@example.com>", "mailto:ana@example.com", "ana@[127.0.0.1]",
		"ana@[IPv6:::1]", "ana@127.0.0.1", "ana@-example.com", "ana@example-.com", "ana@exam_ple.com", "aná@example.com", "ana@example.com,eva@example.com",
		"ana@xn--a.com", "ana@" + strings.Repeat("a", 64) + ".com", strings.Repeat("a", 65) + "@example.com", "ana\t@example.com", "ana;@example.com",
		"ana\u200d@example.com", "ana@exam\u200dple.com", "ana@علی\u200cرضا.com", "ana@ශ්\u200dරී.com", "علی\u200cرضا@example.com",
	}
	for _, typed := range tests {
		if got, fault := lead.NormalEmail(typed); fault != lead.EmailFormat {
			t.Errorf("NormalEmail(%q) = %q, %q, want a refusal", typed, got, fault)
		}
	}
}
