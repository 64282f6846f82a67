package validate

import (
	"bufio"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

// sample is one line of a corpus: a post, and when its stamp was made.
type sample struct {
	Name    string `json:"name"`
	Email   string `json:"email"`
	Company string `json:"company,omitempty"`
	Phone   string `json:"phone,omitempty"`
	Message string `json:"message,omitempty"`
	Locale  string `json:"locale"`
	Stamp   string `json:"stamp"` // none, fresh, fast, old or forged
	Trap    string `json:"trap,omitempty"`
}

// body is the post as the form sends it.
func (s sample) body(tb testing.TB) string {
	tb.Helper()
	post := map[string]any{
		"name": s.Name, "email": s.Email, "company": s.Company, "phone": s.Phone, "message": s.Message, "locale": s.Locale,
		"consent": map[string]any{"accepted": true}, "checks": map[string]any{"trap": s.Trap, "stamp": stamp(tb, s.Stamp)},
	}
	raw, err := json.Marshal(post)
	if err != nil {
		tb.Fatal(err)
	}
	return string(raw)
}

// stamp makes the stamp of a form that is posted at the time started.
func stamp(tb testing.TB, kind string) string {
	tb.Helper()
	stamps, err := lead.NewStamper(stampKey)
	if err != nil {
		tb.Fatal(err)
	}
	switch kind {
	case "none":
		return ""
	case "fresh":
		return stamps.Issue(started.Add(-40 * time.Second))
	case "fast":
		return stamps.Issue(started.Add(-time.Second))
	case "old":
		return stamps.Issue(started.Add(-25 * time.Hour))
	case "forged":
		return stamps.Issue(started.Add(-40*time.Second)) + "A"
	}
	tb.Fatalf("stamp %q", kind)
	return ""
}

func corpus(tb testing.TB, file string) []sample {
	tb.Helper()
	f, err := os.Open("testdata/" + file)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // read only
	var samples []sample
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var s sample
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			tb.Fatalf("%s: %v", lines.Text(), err)
		}
		samples = append(samples, s)
	}
	return samples
}

// The people of the corpus are invented, and write as people do: short, long, in
// capitals, in six languages, with links to their own and other sites, in trades that
// spam is about, and to complain of it. Whatever their stamp is, unless they beat two
// seconds, it holds nobody back.
func TestScore_HoldsNoPersonBack(t *testing.T) {
	t.Parallel()
	b := setup(t)
	people := corpus(t, "people.jsonl")
	suspicious := 0
	for _, s := range people {
		for _, s.Stamp = range []string{s.Stamp, "none", "fresh", "old", "forged"} {
			got := b.accept(t, s.body(t), nil)
			if got.Verdict == lead.VerdictSpam {
				t.Errorf("held back by %+v with a stamp that is %s: %+v", got.Signals, s.Stamp, s)
			}
			if got.Verdict == lead.VerdictSuspicious && s.Stamp == "fresh" {
				suspicious++
			}
		}
	}
	t.Logf("%d people, with a good stamp %d of them suspicious", len(people), suspicious)
	if len(people) < 250 || suspicious*50 > len(people) {
		t.Errorf("%d people, %d of them suspicious: want 250 or more, and at most one in fifty suspicious", len(people), suspicious)
	}
}

// through gives how many of the bots of a corpus are not held back.
func through(t *testing.T, file string) (passed, all int) {
	t.Helper()
	b := setup(t)
	bots := corpus(t, file)
	for _, s := range bots {
		if got := b.accept(t, s.body(t), nil); got.Verdict != lead.VerdictSpam {
			passed++
			t.Logf("through with %+v: %s: %s", got.Signals, s.Name, s.Message)
		}
	}
	t.Logf("%s: %d bots, %d of them through", file, len(bots), passed)
	return passed, len(bots)
}

// The bots send what contact forms are sent every day. Most have no stamp and leave
// the trap alone, so that this shows what the text itself gives away. Of fifty one may
// get through.
func TestScore_HoldsBotsBack(t *testing.T) {
	t.Parallel()
	if passed, all := through(t, "bots.jsonl"); all < 190 || passed*50 > all {
		t.Errorf("%d of %d bots got through, want at most one in fifty", passed, all)
	}
}

// The unseen bots were written when the phrases stood, and no phrase was made for
// them: what comes tomorrow is held back about as often. Keep it so.
func TestScore_HoldsHalfOfUnseenBotsBack(t *testing.T) {
	t.Parallel()
	if passed, all := through(t, "unseen.jsonl"); all < 40 || passed*2 > all {
		t.Errorf("%d of %d unseen bots got through, want at most half", passed, all)
	}
}

// names gives the signals in their order, "trap stamp_fast".
func names(signals []lead.Signal) string {
	var all []string
	for _, s := range signals {
		all = append(all, s.Name)
	}
	return strings.Join(all, " ")
}

func TestScore_StampsAloneHoldNobodyBack(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for kind, want := range map[string]string{"none": "", "fresh": "", "fast": "stamp_fast", "old": "", "forged": ""} {
		s := b.accept(t, sample{Name: "Ana Souza", Email: "ana@example.com", Message: "Olá, tudo bem?", Locale: "pt-BR", Stamp: kind}.body(t), nil)
		if s.Verdict != lead.VerdictClean || names(s.Signals) != want {
			t.Errorf("%s: %s, %v; want clean by %q", kind, s.Verdict, s.Signals, want)
		}
	}
}

func TestScore_WhatAPersonMayDoByChanceIsNotEnoughAlone(t *testing.T) {
	t.Parallel()
	if s := setup(t).accept(t, with("checks", `{"trap":" x "}`), nil); s.Verdict != lead.VerdictSpam || names(s.Signals) != "trap" {
		t.Errorf("the trap: %s by %v", s.Verdict, s.Signals)
	}
	for _, weight := range []int{
		weightStampFast, weightNameLink, weightNameScripts, weightEmailNonsense, weightEmailDisposable, weightEmailDots, weightRandom,
		weightMessageRepeats, weightMessageScripts, weightMessageHidden, weightMarkup, weightTags, weightLinks, weightLinkList, weightLinkShort,
		weightLinkDomain, weightMessageForeign, weightSubject, weightPitch,
	} {
		if weight <= 0 || weight >= quarantineAt {
			t.Errorf("a weight of %d, want one under the line of %d", weight, quarantineAt)
		}
	}
	if s := setup(t).accept(t, with("checks", `{"trap":" \t"}`), nil); len(s.Signals) > 0 {
		t.Errorf("a blank trap: %v", s.Signals)
	}
}

func TestScore_NamesWhatItSees(t *testing.T) {
	t.Parallel()
	clean := sample{Name: "Ana Souza", Email: "ana@ouro.com.br", Locale: "pt-BR", Stamp: "none"}
	for _, tt := range []struct {
		name   string
		change func(*sample)
		want   string
	}{
		{"nothing", func(*sample) {}, ""},
		{"own site", func(s *sample) { s.Message = "Veja www.ouro.com.br, https://loja.ouro.com.br/x e ouro.com.br." }, ""},
		{"a stranger's site", func(s *sample) { s.Message = "veja prata.com.br/catalogo" }, "links"},
		{"an e-mail address", func(s *sample) { s.Message = "escreva para joao.me@prata.com.br, ou ana@ouro.com.br" }, ""},
		{"a file and a version", func(s *sample) { s.Message = "index.html com node.js 20.1 e etc.etc" }, ""},
		{"own site of a free address", func(s *sample) { s.Email, s.Message = "ana.prata@gmail.com", "veja prataria.com.br" }, ""},
		{"two links and little else", func(s *sample) { s.Message = "ouro.net e prata.com.br" }, "links link_list"},
		{"two links in a sentence", func(s *sample) { s.Message = "temos lojas em ouro.net e prata.com.br" }, "links"},
		{"a hidden destination", func(s *sample) { s.Message = "https://bit.ly/x" }, "links link_short"},
		{"a cheap domain", func(s *sample) { s.Message = "http://premio.click" }, "links link_domain"},
		{"a link in the name", func(s *sample) { s.Name = "Ana www.premio.com" }, "name_link links"},
		{"a name in two alphabets", func(s *sample) { s.Name = "Аna Souza" }, "name_scripts"},
		{"a random name", func(s *sample) { s.Name = "JkRWfQuMHxBt" }, "random"},
		{"a German name", func(s *sample) { s.Name = "Hans Schwarzschmidt-McDonaldson" }, ""},
		{"a reserved domain", func(s *sample) { s.Email = "ana@ouro.invalid" }, "email_nonsense"},
		{"a domain of random letters", func(s *sample) { s.Email = "ana@xqwrtpsdfghjk.com" }, "email_nonsense"},
		{"a throw-away address", func(s *sample) { s.Email = "ana@Mailinator.com" }, "email_disposable"},
		{"a dotted address", func(s *sample) { s.Email = "a.n.a.s.ouza@gmail.com" }, "email_dots"},
		{"a random company", func(s *sample) { s.Company = "ZxCvBnMaSdFg" }, "random"},
		{"a random message", func(s *sample) { s.Message = "nOzLWAKhYXsCRQy" }, "random"},
		{"a random name again in the message", func(s *sample) { s.Name, s.Message = "JkRWfQuMHxBt", "sou JkRWfQuMHxBt" }, "random"},
		{"a German compound", func(s *sample) { s.Message = "Rechtsschutzverband und Herbstpflanzung, Angstschweiss" }, ""},
		{"names of programs", func(s *sample) { s.Message = "iPhoneMacBookPro, createLeadFormSubmission" }, ""},
		{"laughter", func(s *sample) { s.Message = "kkkkkkkkkkkkkk hahaha" }, ""},
		{"a code", func(s *sample) { s.Message = "pedido AbCdEfGhIj12 de https://ouro.com.br/AbCdEfGhIjKlMn" }, ""},
		{"a message twice", func(s *sample) { s.Message = "ANA  souza" }, "message_repeats"},
		{"a word in two alphabets", func(s *sample) { s.Message = "оferta hoje" }, "message_scripts"},
		{"two alphabets on one hyphen", func(s *sample) { s.Message = "o que é API-ключ e SEO-аудит hoje, por favor" }, ""},
		{"another alphabet", func(s *sample) { s.Message = "Здравствуйте, позвоните мне" }, "message_foreign"},
		{"invisible signs", func(s *sample) { s.Message = "ol\u200bá, tu\u200bdo b\u200bem" }, "message_hidden"},
		{"an emoji of several", func(s *sample) { s.Message = "👩‍👩‍👧‍👦 👩‍💻 👨‍🚀" }, ""},
		{"markup", func(s *sample) { s.Message = `<a class=x href="https://ouro.com.br">x</a>` }, "markup"},
		{"forum markup", func(s *sample) { s.Message = "[URL=https://ouro.com.br]x[/URL]" }, "markup"},
		{"a question about a frame", func(s *sample) { s.Message = "cabe num <iframe> ?" }, "tags"},
		{"a subject", func(s *sample) { s.Message = "my blog has a guest post" }, "subject"},
		{"subjects of two trades", func(s *sample) { s.Message = "viagra, casino online, backlinks" }, "subject"},
		{"one offer", func(s *sample) { s.Message = "cheap jerseys" }, "pitch_goods"},
		{"one offer twice", func(s *sample) { s.Message = "cheap shoes! Cheap Shoes!" }, "pitch_goods"},
		{"a subject and a question about forms", func(s *sample) { s.Message = "vendemos viagra, cabe no formulário?" }, "subject asks"},
		{"a complaint", func(s *sample) { s.Message = "chega de spam de viagra" }, "subject complaint"},
		{"spam that denies to be", func(s *sample) { s.Message = "viagra, this is not spam" }, "pitch_mailing subject"},
		{"a question about forms alone", func(s *sample) { s.Message = "como é o formulário? é contra spam?" }, ""},
		{"the trap and a question", func(s *sample) { s.Trap, s.Message = "x", "e o formulário? e o spam?" }, "trap"},
		{"a link and a good stamp", func(s *sample) { s.Message, s.Stamp = "veja prata.com.br", "fresh" }, "links stamp_good"},
		{"a good stamp alone", func(s *sample) { s.Stamp = "fresh" }, ""},
		{"the trap and a good stamp", func(s *sample) { s.Trap, s.Stamp = "x", "fresh" }, "trap"},
		{"a phrase in other signs", func(s *sample) { s.Message = "𝐆𝐮𝐞𝐬𝐭\n 𝐩𝐨𝐬𝐭" }, "subject"},
		{"a phrase with accents", func(s *sample) { s.Message = "EMPRÉSTIMO LIBERADO" }, "pitch_loan subject"},
	} {
		s := clean
		tt.change(&s)
		if got := setup(t).accept(t, s.body(t), nil); names(got.Signals) != tt.want {
			t.Errorf("%s: %v, want %q", tt.name, got.Signals, tt.want)
		}
	}
}

func TestScore_QuotesNothingOfWhatWasSent(t *testing.T) {
	t.Parallel()
	known := []string{
		"trap", "stamp_good", "stamp_fast", "asks", "complaint", "name_link", "name_scripts", "email_nonsense", "email_disposable", "email_dots",
		"random", "message_repeats", "message_scripts", "message_foreign", "message_hidden",
		"markup", "tags", "links", "link_list", "link_short", "link_domain", "subject",
	}
	for _, p := range pitches {
		known = append(known, "pitch_"+p.name)
	}
	b := setup(t)
	for _, s := range append(corpus(t, "bots.jsonl"), corpus(t, "people.jsonl")...) {
		for _, signal := range b.accept(t, s.body(t), nil).Signals {
			if !slices.Contains(known, signal.Name) {
				t.Errorf("signal %q is not of the list", signal.Name)
			}
		}
	}
}

func TestScore_VerdictIsTheSum(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		weights []int
		want    lead.Verdict
	}{
		{nil, lead.VerdictClean},
		{[]int{49}, lead.VerdictClean},
		{[]int{25, 25}, lead.VerdictSuspicious},
		{[]int{60, 39}, lead.VerdictSuspicious},
		{[]int{60, 40}, lead.VerdictSpam},
	} {
		var signals []lead.Signal
		for _, w := range tt.weights {
			signals = append(signals, lead.Signal{Weight: w})
		}
		if got := verdict(signals); got != tt.want {
			t.Errorf("%v: %s, want %s", tt.weights, got, tt.want)
		}
	}
}

func BenchmarkScore_OfPeople(b *testing.B) {
	bundle := setup(b)
	people := corpus(b, "people.jsonl")
	payloads := make([][]byte, len(people))
	for i, s := range people {
		payloads[i] = request(b, s.body(b), nil)
	}
	for i := 0; b.Loop(); i++ {
		if _, err := bundle.handler.Invoke(b.Context(), payloads[i%len(payloads)]); err != nil {
			b.Fatal(err)
		}
	}
}
