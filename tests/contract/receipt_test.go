package contract

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/task"
	"github.com/alquimista-ai/nigredo/site"
)

// The activities know the path of a receipt, since they send people there, and so
// does the site, which serves it and sends its own script there.
func TestReceipt_StandsWhereTheAnswerSendsPeople(t *testing.T) {
	t.Parallel()
	const reference = "NG-7K3M-9Q2X"
	pages, err := site.Handler()
	if err != nil {
		t.Fatal(err)
	}
	get := func(path string) string {
		w := httptest.NewRecorder()
		pages.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != http.StatusOK {
			t.Errorf("GET %s: %d", path, w.Code)
		}
		return w.Body.String()
	}
	for locale, landing := range map[string]string{lead.PortugueseBrazil: "/", lead.English: "/en/"} {
		answer := task.Accepted(lead.Submission{Form: true, Locale: locale}, lead.Receipt{Reference: reference}, false)
		to, err := url.Parse(answer.Headers["Location"])
		if err != nil {
			t.Fatal(err)
		}
		receipt := get(to.String())
		for _, want := range []string{`<html lang="` + locale + `"`, `id="reference">` + reference + `<`} {
			if !strings.Contains(receipt, want) {
				t.Errorf("%s: %s has no %s", locale, to, want)
			}
		}
		if want := ` data-receipt="` + to.Path + `"`; !strings.Contains(get(landing), want) {
			t.Errorf("%s: the form has no%s", locale, want)
		}
	}
}

// The activities count views by the paths of pages, and the site has them.
func TestViews_AreCountedForThePagesThatThereAre(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("../../site/dist/site.json")
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct {
		Paths map[string]map[string]string
	}
	if err := json.Unmarshal(content, &manifest); err != nil {
		t.Fatal(err)
	}
	var served []string
	for _, at := range manifest.Paths {
		served = slices.AppendSeq(served, maps.Values(at))
	}
	slices.Sort(served)
	if counted := slices.Sorted(slices.Values(lead.Pages())); !slices.Equal(counted, served) {
		t.Errorf("counted %q, served %q", counted, served)
	}
}
