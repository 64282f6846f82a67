package site

import (
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// visitor makes up who asks: an address and a port, and one of five browsers.
func visitor(n, port int) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.RemoteAddr = fmt.Sprintf("10.%d.%d.%d:%d", n>>16&255, n>>8&255, n&255, port)
	r.Header.Set("User-Agent", fmt.Sprintf("Mozilla/5.0 (made up %d)", n%5))
	return r
}

func TestVariantFor_DealsByWeight(t *testing.T) {
	t.Parallel()
	const visitors = 10_000
	for name, variants := range map[string][]variant{
		"even":                   {{"a", 1}, {"b", 1}},
		"uneven":                 {{"a", 3}, {"b", 1}},
		"one of three is off":    {{"a", 2}, {"off", 0}, {"c", 1}},
		"only the last is dealt": {{"off", 0}, {"b", 5}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := &built{Experiment: "test", Variants: variants}
			dealt := map[string]int{}
			for n := range visitors {
				dealt[b.variantFor(visitor(n, 4000))]++
			}
			for _, v := range variants {
				share := float64(v.Weight) / float64(b.weight())
				mean, deviation := visitors*share, math.Sqrt(visitors*share*(1-share))
				if off := math.Abs(float64(dealt[v.Name]) - mean); off > 4*deviation {
					t.Errorf("%s was dealt %d times, want %.0f within %.0f", v.Name, dealt[v.Name], mean, 4*deviation)
				}
			}
		})
	}
}

func TestVariantFor_VisitorKeepsTheirs(t *testing.T) {
	t.Parallel()
	b := &built{Experiment: "test", Variants: []variant{{"a", 1}, {"b", 1}}}
	for n := range 1000 {
		first := b.variantFor(visitor(n, 4000))
		if again := b.variantFor(visitor(n, 50_000)); again != first {
			t.Fatalf("visitor %d saw %s, and %s from another port", n, first, again)
		}
		bare := visitor(n, 4000)
		bare.RemoteAddr, _, _ = strings.Cut(bare.RemoteAddr, ":")
		if again := b.variantFor(bare); again != first {
			t.Fatalf("visitor %d saw %s, and %s without a port", n, first, again)
		}
	}
}

// An address alone would give everybody behind one gateway the same page, the browser
// alone almost everybody.
func TestVariantFor_EachOfExperimentAddressAndBrowserCounts(t *testing.T) {
	t.Parallel()
	const visitors = 1000
	b := &built{Experiment: "test", Variants: []variant{{"a", 1}, {"b", 1}}}
	other := &built{Experiment: "next", Variants: b.Variants}
	for name, change := range map[string]func(*http.Request) string{
		"experiment": other.variantFor,
		"address": func(r *http.Request) string {
			r.RemoteAddr = "192.0." + r.RemoteAddr[len("10.0."):]
			return b.variantFor(r)
		},
		"browser": func(r *http.Request) string {
			r.Header.Set("User-Agent", r.UserAgent()+" another")
			return b.variantFor(r)
		},
	} {
		changed := 0
		for n := range visitors {
			if b.variantFor(visitor(n, 4000)) != change(visitor(n, 4000)) {
				changed++
			}
		}
		if changed < visitors*4/10 || changed > visitors*6/10 {
			t.Errorf("another %s: %d of %d visitors see another page, want about half", name, changed, visitors)
		}
	}
}
