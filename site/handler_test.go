package site_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/alquimista-ai/nigredo/site"
)

var handler = sync.OnceValues(site.Handler)

// ask sends a request to the site; a header is given as "Name: value".
func ask(t *testing.T, method, target string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	pages, err := handler()
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(method, target, nil)
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Add(name, value)
	}
	w := httptest.NewRecorder()
	pages.ServeHTTP(w, r)
	return w
}

func get(t *testing.T, target string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	return ask(t, http.MethodGet, target, headers...)
}

func TestHandler_ServesPagesAndFiles(t *testing.T) {
	t.Parallel()
	headers, err := site.Headers()
	if err != nil {
		t.Fatal(err)
	}
	const page = "text/html; charset=utf-8"
	for _, c := range []struct {
		path        string
		status      int
		contentType string
		cache       string
	}{
		{"/", 200, page, "no-cache"},
		{"/?utm_source=x", 200, page, "no-cache"},
		{"/en/", 200, page, "no-cache"},
		{"/obrigado/", 200, page, "no-store"},
		{"/obrigado/?ref=NG-7K3M-9Q2X", 200, page, "no-store"},
		{"/en/thank-you/", 200, page, "no-store"},
		{"/privacidade/solicitacao/recebida/", 200, page, "no-store"},
		{"/en/privacy/request/received/?protocol=RQ-7K3M-9Q2X", 200, page, "no-store"},
		{"/privacidade/", 200, page, "no-cache"},
		{"/en/privacy/request/", 200, page, "no-cache"},
		{"/robots.txt", 200, "text/plain; charset=utf-8", "no-cache"},
		{"/.well-known/security.txt", 200, "text/plain; charset=utf-8", "no-cache"},
		{"/sitemap.xml", 200, "application/xml", "no-cache"},
		{"/favicon.svg", 200, "image/svg+xml", "no-cache"},
		{script(t), 200, "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"},
		{"/nothing", 404, page, "no-store"},
		{"/en/nothing", 404, page, "no-store"},
		{"/en/nothing/", 404, page, "no-store"},
		{"//", 404, page, "no-store"},
		{"/assets/", 404, page, "no-store"},
		{"/assets/site.0000000000000000.js", 404, page, "no-store"},
		{"/.well-known/", 404, page, "no-store"},
		{"/robots.txt/", 404, page, "no-store"},
		{"/obrigado/x", 404, page, "no-store"},
	} {
		t.Run(c.path, func(t *testing.T) {
			t.Parallel()
			got := get(t, c.path)
			if got.Code != c.status || got.Header().Get("Content-Type") != c.contentType || got.Header().Get("Cache-Control") != c.cache {
				t.Errorf("got %d, %q, %q; want %d, %q, %q", got.Code, got.Header().Get("Content-Type"), got.Header().Get("Cache-Control"),
					c.status, c.contentType, c.cache)
			}
			if got.Body.Len() == 0 {
				t.Error("no body")
			}
			for name, want := range headers {
				if got.Header().Get(name) != want {
					t.Errorf("%s = %q, want %q", name, got.Header().Get(name), want)
				}
			}
			if got.Header().Get("Set-Cookie") != "" {
				t.Error("the page sets a cookie")
			}
		})
	}
}

// The build has more than what is served: templates, the manifest, variants and problem
// pages, and the compressed twin of every file.
func TestHandler_ServesNothingElseOfTheBuild(t *testing.T) {
	t.Parallel()
	hidden := 0
	for _, name := range buildFiles(t) {
		public, isPublic := strings.CutPrefix(name, "public/")
		if isPublic && !strings.HasSuffix(name, ".html") && !strings.HasSuffix(name, ".br") && !strings.HasSuffix(name, ".gz") {
			continue
		}
		hidden++
		for _, prefix := range []string{"/", "/dist/", "/../", "/%2e%2e/", "/assets/../../", "/en/..%2f..%2f", "//", "/./", "/assets/..%5c..%5c"} {
			for _, path := range []string{prefix + name, prefix + public} {
				if got := get(t, path); got.Code != http.StatusNotFound {
					t.Errorf("%s: %d", path, got.Code)
				}
			}
		}
	}
	if hidden < 20 {
		t.Errorf("%d files were tried: the build has more", hidden)
	}
}

func TestHandler_PageTypedWithoutItsLastSlashIsFound(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"/en":                            "/en/",
		"/obrigado":                      "/obrigado/",
		"/en/thank-you?ref=NG-7K3M-9Q2X": "/en/thank-you/?ref=NG-7K3M-9Q2X",
		"/privacidade/solicitacao/recebida?protocol=RQ-7K3M-9Q2X&x=%2F": "/privacidade/solicitacao/recebida/?protocol=RQ-7K3M-9Q2X&x=%2F",
		"/en?utm_source=a%26b": "/en/?utm_source=a%26b",
	} {
		if w := get(t, given); w.Code != http.StatusMovedPermanently || w.Header().Get("Location") != want {
			t.Errorf("%s: %d to %q, want %q", given, w.Code, w.Header().Get("Location"), want)
		}
	}
}

// A redirect to what a stranger wrote would lend them our address.
func TestHandler_RedirectsToNoOtherHost(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"//example.com", "//example.com/en", `/\example.com`, "/%5cexample.com/en", "/en//example.com", "//en", "/.//en"} {
		if w := get(t, path); w.Code != http.StatusNotFound || w.Header().Get("Location") != "" {
			t.Errorf("%s: %d to %q", path, w.Code, w.Header().Get("Location"))
		}
	}
}

func TestHandler_RefusesToBeWrittenTo(t *testing.T) {
	t.Parallel()
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions, http.MethodTrace, "PROPFIND", "get"} {
		for path, want := range map[string]string{"/": "Método não aceito", "/obrigado/": "Método não aceito", "/nothing": "Método não aceito", "/en/": "Method not allowed"} {
			w := ask(t, method, path)
			if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" || w.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("%s %s: %d, Allow %q, %q", method, path, w.Code, w.Header().Get("Allow"), w.Header().Get("Cache-Control"))
			}
			if got := content(one(t, parse(t, w.Body), tag("h1"))); got != want {
				t.Errorf("%s %s: %q, want %q", method, path, got, want)
			}
		}
	}
}

func TestHandler_ProblemSpeaksTheLanguageOfThePath(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/x": "Página não encontrada", "/english": "Página não encontrada", "/x/en/": "Página não encontrada", "/en/x": "Page not found", "/en/x/y/": "Page not found",
	} {
		if got := content(one(t, parse(t, get(t, path).Body), tag("h1"))); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}

func TestHandler_HeadIsGetWithoutTheBody(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/?variant=a", "/en/?variant=b", "/obrigado/?ref=NG-7K3M-9Q2X", "/nothing", "/robots.txt", script(t), "/en"} {
		for _, encoding := range []string{"", "br", "gzip"} {
			full := get(t, path, "Accept-Encoding: "+encoding)
			head := ask(t, http.MethodHead, path, "Accept-Encoding: "+encoding)
			if head.Body.Len() != 0 {
				t.Errorf("%s: %d bytes", path, head.Body.Len())
			}
			if head.Code != full.Code {
				t.Errorf("%s: %d, and %d for GET", path, head.Code, full.Code)
			}
			for _, name := range []string{"Content-Type", "Content-Length", "Content-Encoding", "ETag", "Cache-Control", "Vary", "Location"} {
				if name == "Content-Type" && full.Code == http.StatusMovedPermanently {
					continue // net/http gives the type of the note that only GET has
				}
				if got, want := head.Header().Get(name), full.Header().Get(name); got != want {
					t.Errorf("%s: %s = %q, and %q for GET", path, name, got, want)
				}
			}
		}
	}
}

func TestHandler_UnchangedPageIsNotSentAgain(t *testing.T) {
	t.Parallel()
	etag := get(t, "/?variant=a").Header().Get("ETag")
	if other := get(t, "/?variant=b").Header().Get("ETag"); other == etag || len(etag) < 10 {
		t.Errorf("two variants have the ETags %s and %s", etag, other)
	}
	for given, want := range map[string]int{
		etag: 304, `"other"`: 200, "": 200, `"other", W/` + etag: 304, strings.Trim(etag, `"`): 200, etag[:8] + `"`: 200,
	} {
		w := get(t, "/?variant=a", "If-None-Match: "+given)
		if w.Code != want || (want == 304) != (w.Body.Len() == 0) {
			t.Errorf("If-None-Match %q: %d with %d bytes, want %d", given, w.Code, w.Body.Len(), want)
		}
		// A cache takes these from a 304 in place of those it keeps (RFC 9110, 15.4.5).
		if w.Header().Get("ETag") != etag || w.Header().Get("Vary") != "Accept-Encoding" || w.Header().Get("Cache-Control") != "no-cache" {
			t.Errorf("If-None-Match %q: %v", given, w.Header())
		}
	}
}

func TestHandler_SendsTheBestEncodingThatIsUnderstood(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/?variant=a", "/robots.txt", "/favicon.svg", script(t)} {
		plain := get(t, path).Body.String()
		for _, c := range []struct{ accepts, want string }{
			{"", ""},
			{"br", "br"},
			{"gzip", "gzip"},
			{"gzip, deflate, br, zstd", "br"},
			{"gzip,br", "br"},
			{"br;q=0.1, gzip;q=1", "br"}, // it is the smaller one, and was not refused
			{"BR", "br"},
			{"  br  ;  q=1.0  ", "br"},
			{"br;q=0, gzip", "gzip"},
			{"br;q=0.000, gzip;q=0.001", "gzip"},
			{"br;q=0, gzip;q=0", ""},
			{"br; q = 0", ""},
			{"br;q=, gzip;q=x", ""},
			{"identity", ""},
			{"*", ""},
			{"brotli, x-gzip, deflate", ""},
			{"xbr, brx", ""},
			{", ,", ""},
		} {
			w := get(t, path, "Accept-Encoding: "+c.accepts)
			if got := w.Header().Get("Content-Encoding"); got != c.want {
				t.Errorf("%s, Accept-Encoding %q: got %q, want %q", path, c.accepts, got, c.want)
			}
			if got := w.Header().Get("Content-Length"); got != strconv.Itoa(w.Body.Len()) {
				t.Errorf("%s, Accept-Encoding %q: Content-Length %s of %d bytes", path, c.accepts, got, w.Body.Len())
			}
			if got := w.Header().Get("Vary"); got != "Accept-Encoding" {
				t.Errorf("%s, Accept-Encoding %q: Vary = %q", path, c.accepts, got)
			}
			switch c.want {
			case "":
				if w.Body.String() != plain {
					t.Errorf("%s, Accept-Encoding %q: the body is not the file", path, c.accepts)
				}
			case "gzip":
				if unzipped(t, w.Body) != plain {
					t.Errorf("%s: the gzip is of another file", path)
				}
			case "br":
				if w.Body.Len() >= len(plain) {
					t.Errorf("%s: %d bytes of br for %d", path, w.Body.Len(), len(plain))
				}
			}
		}
	}
}

func unzipped(t *testing.T, r io.Reader) string {
	t.Helper()
	z, err := gzip.NewReader(r)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Fields of one name are one list (RFC 9110, 5.3): a proxy may add its own.
func TestHandler_ListsMayComeInSeveralFields(t *testing.T) {
	t.Parallel()
	w := get(t, "/robots.txt", "Accept-Encoding: gzip", "Accept-Encoding: br")
	if got := w.Header().Get("Content-Encoding"); got != "br" {
		t.Errorf("Accept-Encoding gzip and br: got %q, want br", got)
	}
	if w := get(t, "/robots.txt", `If-None-Match: "other"`, "If-None-Match: "+get(t, "/robots.txt").Header().Get("ETag")); w.Code != http.StatusNotModified {
		t.Errorf("If-None-Match other and this one: %d, want 304", w.Code)
	}
}

// What is kept in one encoding must not be confirmed for another.
func TestHandler_EachEncodingHasItsOwnETag(t *testing.T) {
	t.Parallel()
	encodings := []string{"identity", "gzip", "br"}
	etags := map[string]string{}
	for _, e := range encodings {
		etags[e] = get(t, "/robots.txt", "Accept-Encoding: "+e).Header().Get("ETag")
	}
	for _, kept := range encodings {
		for _, asked := range encodings {
			want := http.StatusOK
			if kept == asked {
				want = http.StatusNotModified
			}
			w := get(t, "/robots.txt", "Accept-Encoding: "+asked, "If-None-Match: "+etags[kept])
			if w.Code != want || want == http.StatusNotModified && w.Header().Get("Content-Encoding") != "" {
				t.Errorf("%s is kept, %s asked for: %d with encoding %q, want %d", kept, asked, w.Code, w.Header().Get("Content-Encoding"), want)
			}
		}
	}
}

func variantOf(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	v, _ := attr(one(t, parse(t, w.Body), tag("html")), "data-variant")
	return v
}

func TestLanding_VariantCanBeNamed(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/", "/en/"} {
		dealt := variantOf(t, get(t, path))
		for query, want := range map[string]string{
			"?variant=a": "a", "?variant=b": "b", "?utm_source=x&variant=b": "b",
			"": dealt, "?variant=": dealt, "?variant=c": dealt, "?variant=A": dealt, "?variant=404": dealt, "?variant=a.html": dealt,
			"?variant=..%2Fen%2Fb": dealt, "?variant=%00": dealt, "?Variant=" + dealt + "x": dealt,
		} {
			w := get(t, path+query)
			if w.Code != http.StatusOK {
				t.Errorf("%s%s: %d", path, query, w.Code)
			} else if got := variantOf(t, w); got != want {
				t.Errorf("%s%s: %q, want %q", path, query, got, want)
			}
		}
	}
}

func TestLanding_EveryVariantIsDealtAndVisitorsKeepTheirs(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	for n := range 50 {
		agent := "User-Agent: made up " + strconv.Itoa(n)
		first := variantOf(t, get(t, "/", agent))
		seen[first]++
		for _, path := range []string{"/", "/en/", "/?utm_source=x"} { // the language link changes the words only
			if again := variantOf(t, get(t, path, agent)); again != first {
				t.Errorf("visitor %d saw %s, and %s at %s", n, first, again, path)
			}
		}
	}
	if len(seen) != 2 || seen["a"] == 0 || seen["b"] == 0 {
		t.Errorf("50 visitors saw %v, want a and b", seen)
	}
}

func TestSecure_CoversWhatOthersServe(t *testing.T) {
	t.Parallel()
	headers, err := site.Headers()
	if err != nil {
		t.Fatal(err)
	}
	secured, err := site.Secure(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Of-The-Page", "kept")
		w.WriteHeader(http.StatusUnprocessableEntity)
	}))
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	secured.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/api/leads", nil))
	if w.Code != http.StatusUnprocessableEntity || w.Header().Get("X-Of-The-Page") != "kept" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	for name, want := range headers {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	for _, name := range []string{"Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy", "Permissions-Policy"} {
		if headers[name] == "" {
			t.Errorf("no %s", name)
		}
	}
}

func TestHeaders_AreACopy(t *testing.T) {
	t.Parallel()
	first, err := site.Headers()
	if err != nil {
		t.Fatal(err)
	}
	first["Content-Security-Policy"] = "default-src *"
	second, err := site.Headers()
	if err != nil {
		t.Fatal(err)
	}
	if second["Content-Security-Policy"] == "default-src *" {
		t.Error("a caller changed the policy of all pages")
	}
}

func TestHeaders_PolicyHasNoHole(t *testing.T) {
	t.Parallel()
	headers, err := site.Headers()
	if err != nil {
		t.Fatal(err)
	}
	directives := map[string]string{}
	for d := range strings.SplitSeq(headers["Content-Security-Policy"], ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(d), " ")
		directives[name] = value
	}
	if !regexp.MustCompile(`^'sha256-[0-9A-Za-z+/]{43}='$`).MatchString(directives["style-src"]) {
		t.Errorf("style-src = %q, want the hash of one stylesheet", directives["style-src"])
	}
	for name, want := range map[string]string{
		"default-src": "'none'", "script-src": "'self'", "connect-src": "'self'", "img-src": "'self'",
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

// receipts are the pages that show what a form was answered with.
var receipts = []struct{ path, parameter, prefix, onward string }{
	{"/obrigado/", "ref", "NG", "/privacidade/solicitacao/?reference="},
	{"/en/thank-you/", "ref", "NG", "/en/privacy/request/?reference="},
	{"/privacidade/solicitacao/recebida/", "protocol", "RQ", ""},
	{"/en/privacy/request/received/", "protocol", "RQ", ""},
}

func TestReceipt_ShowsOnlyAReferenceOfTheRightShape(t *testing.T) {
	t.Parallel()
	for _, page := range receipts {
		other := map[string]string{"NG": "RQ", "RQ": "NG"}[page.prefix]
		for _, c := range []struct {
			ref   string
			shown bool
		}{
			{page.prefix + "-7K3M-9Q2X", true},
			{page.prefix + "-ZZZZ-2222", true},
			{other + "-7K3M-9Q2X", false},
			{"", false},
			{page.prefix + "-0K3M-9Q2X", false}, // 0, O, 1 and I are in no reference
			{page.prefix + "-OK3M-9Q2X", false},
			{page.prefix + "-1K3M-9Q2X", false},
			{page.prefix + "-IK3M-9Q2X", false},
			{strings.ToLower(page.prefix) + "-7k3m-9q2x", false},
			{page.prefix + "-7K3M-9Q2", false},
			{page.prefix + "-7K3M-9Q2XX", false},
			{page.prefix + "-7K3M-9Q2X\n", false},
			{" " + page.prefix + "-7K3M-9Q2X", false},
			{page.prefix + "7K3M9Q2X", false},
			{page.prefix + "-7K3M-9Q2X<script>alert(1)</script>", false},
			{`"><img src=x onerror=alert(1)>`, false},
			{"Ligue para 0800 000 000", false},
			{strings.Repeat(page.prefix+"-7K3M-9Q2X", 1000), false},
		} {
			w := get(t, page.path+"?"+page.parameter+"="+url.QueryEscape(c.ref))
			body := w.Body.String()
			doc := parse(t, strings.NewReader(body))
			_, hidden := attr(one(t, doc, withAttr("id", "received")), "hidden")
			_, nothing := attr(one(t, doc, withAttr("id", "nothing")), "hidden")
			if hidden == c.shown || nothing != c.shown {
				t.Errorf("%s %.40q: receipt hidden %t and help hidden %t, want shown %t", page.path, c.ref, hidden, nothing, c.shown)
			}
			want := ""
			if c.shown {
				want = c.ref
			}
			if got := content(one(t, doc, withAttr("id", "reference"))); got != want {
				t.Errorf("%s shows %q for %.40q", page.path, got, c.ref)
			}
			if !c.shown && c.ref != "" && (strings.Contains(body, c.ref) || strings.Contains(content(doc), c.ref)) {
				t.Errorf("%s: %.40q stands on the page", page.path, c.ref)
			}
			if len(elements(doc, withAttr("content", "noindex"))) != 1 || w.Header().Get("X-Robots-Tag") != "noindex" {
				t.Errorf("%s %.40q: page may be indexed", page.path, c.ref)
			}
			if w.Code != http.StatusOK || w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("ETag") != "" {
				t.Errorf("%s %.40q: %d, %q: a shared computer would keep it", page.path, c.ref, w.Code, w.Header().Get("Cache-Control"))
			}
			if n := len(elements(one(t, doc, withAttr("id", "nothing")), tag("p"))); n < 3 {
				t.Errorf("%s: %d lines of help on the page", page.path, n)
			}
		}
	}
}

func TestReceipt_LinksCarryTheReferenceOn(t *testing.T) {
	t.Parallel()
	for i, page := range receipts {
		ref, there := page.prefix+"-7K3M-9Q2X", receipts[i^1].path // the same page in the other language
		doc := parse(t, get(t, page.path+"?"+page.parameter+"="+ref+"&x=1").Body)
		if got, _ := attr(one(t, doc, withAttr("id", "language")), "href"); got != there+"?"+page.parameter+"="+ref {
			t.Errorf("%s: the other language is at %q", page.path, got)
		}
		if got, _ := attr(one(t, doc, withAttr("id", "onward")), "href"); page.onward != "" && got != page.onward+ref {
			t.Errorf("%s leads on to %q, want %q", page.path, got, page.onward+ref)
		}
		if _, ok := attr(one(t, one(t, doc, withAttr("id", "received")), tag("h1")), "autofocus"); !ok {
			t.Errorf("%s: the heading does not take focus", page.path)
		}
		empty := parse(t, get(t, page.path).Body)
		if got, _ := attr(one(t, empty, withAttr("id", "language")), "href"); got != there {
			t.Errorf("%s without a reference: the other language is at %q", page.path, got)
		}
	}
}

// script is the path of the one script.
func script(t *testing.T) string {
	t.Helper()
	src, _ := attr(one(t, parse(t, bytes.NewReader(get(t, "/").Body.Bytes())), tag("script")), "src")
	if !regexp.MustCompile(`^/assets/[a-z]+\.[0-9a-f]{16}\.js$`).MatchString(src) {
		t.Errorf("%q has no hash in its name", src)
	}
	return src
}
