package site_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/alquimista-ai/nigredo/site"
)

func get(target string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	site.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, target, nil))
	return w
}

func TestHandler_ServesPagesAndFiles(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		path        string
		status      int
		contentType string
		cache       string
	}{
		{"/", 200, "text/html; charset=utf-8", "no-cache"},
		{"/?utm_source=x", 200, "text/html; charset=utf-8", "no-cache"},
		{"/en/", 200, "text/html; charset=utf-8", "no-cache"},
		{"/obrigado/", 200, "text/html; charset=utf-8", "no-store"},
		{"/en/thank-you/", 200, "text/html; charset=utf-8", "no-store"},
		{"/robots.txt", 200, "text/plain; charset=utf-8", "no-cache"},
		{"/favicon.svg", 200, "image/svg+xml", "no-cache"},
		{"/nothing", 404, "text/html; charset=utf-8", "no-store"},
		{"/en/nothing", 404, "text/html; charset=utf-8", "no-store"},
		{"/assets/", 404, "text/html; charset=utf-8", "no-store"},
		{"/assets/site.css", 404, "text/html; charset=utf-8", "no-store"},
		{"/assets/site.0000000000000000.css", 404, "text/html; charset=utf-8", "no-store"},
		{"/templates/form.html", 404, "text/html; charset=utf-8", "no-store"},
		{"/obrigado/x", 404, "text/html; charset=utf-8", "no-store"},
	} {
		t.Run(c.path, func(t *testing.T) {
			t.Parallel()
			got := get(c.path)
			if got.Code != c.status || got.Header().Get("Content-Type") != c.contentType || got.Header().Get("Cache-Control") != c.cache {
				t.Errorf("got %d, %q, %q; want %d, %q, %q", got.Code, got.Header().Get("Content-Type"), got.Header().Get("Cache-Control"),
					c.status, c.contentType, c.cache)
			}
			for name, want := range site.Headers() {
				if got.Header().Get(name) != want {
					t.Errorf("%s = %q, want %q", name, got.Header().Get(name), want)
				}
			}
		})
	}
}

func TestHandler_PageTypedWithoutItsLastSlashIsFound(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/en", "/obrigado", "/en/thank-you"} {
		if w := get(path); w.Code != http.StatusMovedPermanently || w.Header().Get("Location") != path+"/" {
			t.Errorf("%s: %d to %q", path, w.Code, w.Header().Get("Location"))
		}
	}
}

func TestHandler_RefusesToBeWrittenTo(t *testing.T) {
	t.Parallel()
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions, "PROPFIND"} {
		w := httptest.NewRecorder()
		site.Handler().ServeHTTP(w, httptest.NewRequest(method, "/", strings.NewReader("x")))
		if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: %d, Allow %q", method, w.Code, w.Header().Get("Allow"))
		}
	}
}

func TestHandler_HeadHasNoBody(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/", "/obrigado/", "/nothing", "/robots.txt"} {
		w := httptest.NewRecorder()
		site.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodHead, path, nil))
		if w.Body.Len() != 0 {
			t.Errorf("%s: %d bytes", path, w.Body.Len())
		}
	}
}

func TestHandler_UnchangedPageIsNotSentAgain(t *testing.T) {
	t.Parallel()
	etag := get("/").Header().Get("ETag")
	for given, want := range map[string]int{etag: 304, `"other"`: 200, "": 200, `"other", W/` + etag: 304} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("If-None-Match", given)
		w := httptest.NewRecorder()
		site.Handler().ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("If-None-Match %q: %d, want %d", given, w.Code, want)
		}
	}
}

func TestHandler_ProblemSpeaksTheLanguageOfThePath(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{"/x": "Página não encontrada", "/en/x": "Page not found"} {
		if got := content(one(t, parse(t, get(path).Body), tag("h1"))); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}

// TestPages_UseOnlyWhatThePolicyAllows covers every kind of page: what the
// policy forbids would be dead or blocked in a browser, and every file that a
// page asks for must exist.
func TestPages_UseOnlyWhatThePolicyAllows(t *testing.T) {
	t.Parallel()
	pages := map[string]*html.Node{
		"refused form": renderForm(t, site.FormPage{Status: 422, Errors: []site.FieldError{{Field: "name", Message: "x"}}}),
	}
	for _, path := range []string{"/", "/en/", "/obrigado/", "/obrigado/?ref=NG-7K3M-9Q2X", "/en/thank-you/", "/nothing"} {
		pages[path] = parse(t, get(path).Body)
	}
	for name, doc := range pages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if n := len(elements(doc, tag("style", "iframe", "object", "embed", "base", "img"))); n != 0 {
				t.Errorf("%d elements that the policy forbids", n)
			}
			for _, n := range elements(doc, func(*html.Node) bool { return true }) {
				for _, a := range n.Attr {
					if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
						t.Errorf("<%s %s=%q> is inline code or style", n.Data, a.Key, a.Val)
					}
				}
			}
			for _, n := range elements(doc, tag("script")) {
				if _, ok := attr(n, "src"); !ok || content(n) != "" {
					t.Error("a script stands inline")
				}
			}
			for _, n := range elements(doc, tag("script", "link", "a")) {
				target, ok := attr(n, "src")
				if !ok {
					target, _ = attr(n, "href")
				}
				if strings.HasPrefix(target, "#") {
					one(t, doc, withAttr("id", target[1:]))
					continue
				}
				if !strings.HasPrefix(target, "/") || strings.HasPrefix(target, "//") {
					t.Errorf("<%s> leads to %q, another origin", n.Data, target)
				} else if got := get(target).Code; got != http.StatusOK {
					t.Errorf("<%s> leads to %q: %d", n.Data, target, got)
				}
			}
		})
	}
}

func TestPages_FilesWithAHashAreKeptForAYear(t *testing.T) {
	t.Parallel()
	doc := parse(t, get("/").Body)
	sheet, _ := attr(one(t, doc, withAttr("rel", "stylesheet")), "href")
	script, _ := attr(one(t, doc, tag("script")), "src")
	for _, path := range []string{sheet, script} {
		if !regexp.MustCompile(`^/assets/[a-z]+\.[0-9a-f]{16}\.(css|js)$`).MatchString(path) {
			t.Errorf("%q has no hash", path)
		}
		if got := get(path).Header().Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
			t.Errorf("%s: %q", path, got)
		}
	}
}

func TestHeaders_PolicyHasNoHole(t *testing.T) {
	t.Parallel()
	directives := map[string]string{}
	for d := range strings.SplitSeq(site.Headers()["Content-Security-Policy"], ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(d), " ")
		directives[name] = value
	}
	for name, want := range map[string]string{
		"default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "connect-src": "'self'", "img-src": "'self'",
		"form-action": "'self'", "base-uri": "'none'", "frame-ancestors": "'none'",
		"require-trusted-types-for": "'script'", "trusted-types": "'none'",
	} {
		if directives[name] != want {
			t.Errorf("%s = %q, want %q", name, directives[name], want)
		}
	}
	if len(directives) != 10 {
		t.Errorf("%d directives, want 10: %v", len(directives), directives)
	}
}

func TestReceipt_ShowsOnlyAReferenceOfTheRightShape(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		ref   string
		shown bool
	}{
		{"NG-7K3M-9Q2X", true},
		{"NG-ZZZZ-2222", true},
		{"", false},
		{"NG-0K3M-9Q2X", false}, // 0, O, 1 and I are in no reference
		{"NG-OK3M-9Q2X", false},
		{"NG-1K3M-9Q2X", false},
		{"NG-IK3M-9Q2X", false},
		{"ng-7k3m-9q2x", false},
		{"NG-7K3M-9Q2", false},
		{"NG-7K3M-9Q2XX", false},
		{"NG-7K3M-9Q2X\n", false},
		{" NG-7K3M-9Q2X", false},
		{"NG7K3M9Q2X", false},
		{"NG-7K3M-9Q2X<script>alert(1)</script>", false},
		{`"><img src=x onerror=alert(1)>`, false},
		{"Ligue para 0800 000 000", false},
		{strings.Repeat("NG-7K3M-9Q2X", 1000), false},
	} {
		doc := parse(t, get("/obrigado/?ref="+url.QueryEscape(c.ref)).Body)
		found := elements(doc, withAttr("id", "reference"))
		if (len(found) == 1) != c.shown {
			t.Errorf("%.40q: shown %t, want %t", c.ref, len(found) == 1, c.shown)
		}
		if c.shown && content(found[0]) != c.ref {
			t.Errorf("shows %q for %q", content(found[0]), c.ref)
		}
		if !c.shown && c.ref != "" && strings.Contains(content(doc), c.ref) {
			t.Errorf("%.40q stands on the page", c.ref)
		}
		if len(elements(doc, withAttr("content", "noindex"))) != 1 {
			t.Errorf("%.40q: page may be indexed", c.ref)
		}
		if !c.shown && len(elements(doc, tag("p"))) < 3 {
			t.Errorf("%.40q: no help on the page", c.ref)
		}
	}
}
