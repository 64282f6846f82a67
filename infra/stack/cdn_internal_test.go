package stack

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/dop251/goja"
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/parser"

	"github.com/alquimista-ai/nigredo/site"
)

const built = "../../site/dist"

// edge runs the functions as CloudFront does, with the one module they use.
type edge struct {
	request, response goja.Callable
	vm                *goja.Runtime
}

func newEdge(t *testing.T) *edge {
	t.Helper()
	p, err := readPages(built)
	if err != nil {
		t.Fatal(err)
	}
	request, err := p.requestCode()
	if err != nil {
		t.Fatal(err)
	}
	response, err := responseCode()
	if err != nil {
		t.Fatal(err)
	}
	vm := goja.New()
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	must(vm.Set("require", func(module string) map[string]any {
		if module != "crypto" {
			t.Errorf("asks for %s", module)
		}
		return map[string]any{"createHash": func(algorithm string) map[string]any {
			if algorithm != "sha256" {
				t.Errorf("asks for %s", algorithm)
			}
			hash := sha256.New()
			return map[string]any{
				"update": func(s string) { hash.Write([]byte(s)) },
				"digest": func(encoding string) string {
					if encoding != "hex" {
						t.Errorf("asks for %s", encoding)
					}
					return hex.EncodeToString(hash.Sum(nil))
				},
			}
		}}
	}))
	e := &edge{vm: vm}
	for code, into := range map[string]*goja.Callable{request: &e.request, response: &e.response} {
		v, err := vm.RunString("(function() {" + code + "\nreturn handler; })()")
		must(err)
		f, ok := goja.AssertFunction(v)
		if !ok {
			t.Fatal("no handler")
		}
		*into = f
	}
	return e
}

// ask gives what becomes of a request: the file, or the address of a redirect.
func (e *edge) ask(t *testing.T, r *http.Request) (file, location string) {
	t.Helper()
	query := map[string]any{}
	for name, values := range r.URL.Query() {
		multi := []any{}
		for _, v := range values {
			multi = append(multi, map[string]any{"value": url.QueryEscape(v)})
		}
		query[name] = map[string]any{"value": multi[0].(map[string]any)["value"], "multiValue": multi}
	}
	ip := r.RemoteAddr[:strings.LastIndexByte(r.RemoteAddr, ':')]
	event := e.vm.ToValue(map[string]any{
		"viewer": map[string]any{"ip": strings.Trim(ip, "[]")},
		"request": map[string]any{
			"method": r.Method, "uri": r.URL.EscapedPath(), "querystring": query,
			"headers": map[string]any{"user-agent": map[string]any{"value": r.UserAgent()}},
		},
	})
	out, err := e.request(goja.Undefined(), event)
	if err != nil {
		t.Fatal(err)
	}
	answer := out.Export().(map[string]any)
	if answer["statusCode"] != nil {
		return "", answer["headers"].(map[string]any)["location"].(map[string]any)["value"].(string)
	}
	return answer["uri"].(string), ""
}

// serve answers as CloudFront and the bucket do together.
func (e *edge) serve(t *testing.T, r *http.Request) (status int, robots, content, location string) {
	t.Helper()
	file, location := e.ask(t, r)
	if location != "" {
		return http.StatusMovedPermanently, "", "", location
	}
	raw, err := os.ReadFile(filepath.Join(built, "public", filepath.FromSlash(file)))
	if err != nil {
		t.Fatalf("%s: the bucket has no %s", r.URL, file)
	}
	object, err := site.ObjectOf(strings.TrimPrefix(file, "/"))
	if err != nil {
		t.Fatal(err)
	}
	headers := map[string]any{"cache-control": map[string]any{"value": object.CacheControl}}
	for name, value := range object.Metadata {
		headers["x-amz-meta-"+name] = map[string]any{"value": value}
	}
	out, err := e.response(goja.Undefined(), e.vm.ToValue(map[string]any{"response": map[string]any{"statusCode": 200, "headers": headers}}))
	if err != nil {
		t.Fatal(err)
	}
	answer := out.Export().(map[string]any)
	for name, header := range answer["headers"].(map[string]any) {
		if strings.HasPrefix(name, "x-amz-") {
			t.Errorf("%s: %s goes out", r.URL, name)
		}
		if name == "x-robots-tag" {
			robots = header.(map[string]any)["value"].(string)
		}
	}
	return int(e.vm.ToValue(answer["statusCode"]).ToInteger()), robots, string(raw), ""
}

func visitor(n int, path string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.RemoteAddr = fmt.Sprintf("10.%d.%d.%d:4000", n>>16&255, n>>8&255, n&255)
	if n%3 == 0 {
		r.RemoteAddr = fmt.Sprintf("[2001:db8::%x]:4000", n+1)
	}
	r.Header.Set("User-Agent", fmt.Sprintf("Mozilla/5.0 (made up %d)", n%7))
	return r
}

func local(t *testing.T) http.Handler {
	t.Helper()
	h, err := site.Handler()
	if err != nil {
		t.Skip(err)
	}
	return h
}

func TestCDN_EveryVisitorSeesTheVariantOfTheServer(t *testing.T) {
	t.Parallel()
	e, server := newEdge(t), local(t)
	for n := range 4000 {
		for _, path := range []string{"/", "/en/"} {
			w := httptest.NewRecorder()
			server.ServeHTTP(w, visitor(n, path))
			_, _, content, _ := e.serve(t, visitor(n, path))
			if content != w.Body.String() {
				t.Fatalf("visitor %d sees another page at %s", n, path)
			}
		}
	}
}

func TestCDN_AnswersAsTheServer(t *testing.T) {
	t.Parallel()
	e, server := newEdge(t), local(t)
	for _, path := range []string{
		"/?variant=a", "/?variant=b", "/en/?variant=b", "/?variant=none", "/?variant=%61&variant=b", "/?utm_source=x&variant=b",
		"/obrigado/", "/obrigado", "/obrigado?ref=NG-7K3M-9Q2X", "/en", "/en?utm_source=x", "/en/thank-you/", "/privacidade", "/privacidade/", "/en/privacy/request/",
		"/en/privacy/request/received", "/%6fbrigado/", "/favicon.svg", "/robots.txt", "/sitemap.xml", "/.well-known/security.txt", "/og-en.png",
		"/a.html", "/en/b.html", "/404.html", "/index.html", "/en/index.html", "/obrigado/index.html", "/nothing", "/en/nothing", "/en/nothing/", "/enx", "//", "/..%2f", "/.releases/1.json",
	} {
		w := httptest.NewRecorder()
		server.ServeHTTP(w, visitor(1, path))
		status, robots, content, location := e.serve(t, visitor(1, path))
		if status != w.Code || robots != w.Header().Get("X-Robots-Tag") || location != w.Header().Get("Location") {
			t.Errorf("%s: %d %q %q, the server says %d %q %q", path, status, robots, location, w.Code, w.Header().Get("X-Robots-Tag"), w.Header().Get("Location"))
		}
		// A receipt is filled in by the server, and by the page's script here.
		if receipt := robots != ""; !receipt && status != http.StatusMovedPermanently && content != w.Body.String() {
			t.Errorf("%s: another page than the server's", path)
		}
	}
}

func TestCDN_ObjectsHaveTheServersHeaders(t *testing.T) {
	t.Parallel()
	server := local(t)
	p, err := readPages(built)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(p.routes.Files, "/obrigado/index.html", "/privacidade/index.html", "/en/thank-you/index.html") {
		o, err := site.ObjectOf(file[1:])
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		server.ServeHTTP(w, visitor(1, strings.TrimSuffix(file, "index.html")))
		if o.ContentType != w.Header().Get("Content-Type") || o.CacheControl != w.Header().Get("Cache-Control") {
			t.Errorf("%s: %q %q, the server says %q %q", file, o.ContentType, o.CacheControl, w.Header().Get("Content-Type"), w.Header().Get("Cache-Control"))
		}
	}
	if _, err := site.ObjectOf("a.html.br"); err == nil {
		t.Error("what the build compressed is put into the bucket too")
	}
}

func TestCDN_FunctionsFit(t *testing.T) {
	t.Parallel()
	p, err := readPages(built)
	if err != nil {
		t.Fatal(err)
	}
	code, err := p.requestCode()
	if err != nil {
		t.Fatal(err)
	}
	if len(code) > 10<<10 {
		t.Errorf("%d bytes, CloudFront takes 10 KB", len(code))
	}
}

// beyond lists what a script uses that CloudFront's runtime 2.0 does not know, which
// is ES 5.1 and what its documentation names beside ("JavaScript runtime 2.0 features"):
// const, let, async, await, template literals, arrow functions, rest parameters. CloudFront
// refuses a function that does not parse. Goja parses more, so that running is no proof.
func beyond(t *testing.T, code string) []string {
	t.Helper()
	program, err := parser.ParseFile(nil, "", code, 0)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Interface, reflect.Pointer:
			if v.IsNil() {
				return
			}
			switch node := v.Interface().(type) {
			case *ast.ForOfStatement, *ast.ClassLiteral, *ast.ArrayPattern, *ast.ObjectPattern, *ast.SpreadElement, *ast.OptionalChain, *ast.Optional, *ast.YieldExpression, *ast.PropertyShort:
				found = append(found, strings.TrimPrefix(fmt.Sprintf("%T", node), "*ast."))
			case *ast.ParameterList:
				if slices.ContainsFunc(node.List, func(b *ast.Binding) bool { return b.Initializer != nil }) {
					found = append(found, "default of a parameter")
				}
			case *ast.CatchStatement:
				if node.Parameter == nil {
					found = append(found, "catch without a name")
				}
			}
			if v.Kind() == reflect.Pointer && v.Elem().Type().PkgPath() != "github.com/dop251/goja/ast" {
				return // a file's positions
			}
			walk(v.Elem())
		case reflect.Struct:
			for _, field := range v.Fields() {
				walk(field)
			}
		case reflect.Slice:
			for i := range v.Len() {
				walk(v.Index(i))
			}
		}
	}
	walk(reflect.ValueOf(program.Body))
	slices.Sort(found)
	return slices.Compact(found)
}

func TestCDN_FunctionsSpeakCloudFrontsJavaScript(t *testing.T) {
	t.Parallel()
	p, err := readPages(built)
	if err != nil {
		t.Fatal(err)
	}
	request, err := p.requestCode()
	if err != nil {
		t.Fatal(err)
	}
	response, err := responseCode()
	if err != nil {
		t.Fatal(err)
	}
	for name, code := range map[string]string{"request.js": request, "response.js": response} {
		if found := beyond(t, code); len(found) > 0 {
			t.Errorf("%s uses what CloudFront's runtime does not know: %v", name, found)
		}
	}
	for _, code := range []string{
		"for (const v of []) { v; }", "function f() { for (const v of []) { v; } }", "class A {}", "const {a} = {};", "let [a] = [];", "f(...[]);", "a?.b;", "function f(a = 1) {}",
		"(() => { for (const v of []) { v; } })();", "function* f() { yield 1; }", "try { f(); } catch { f(); }", "const a = 1, b = {a};",
	} {
		if len(beyond(t, code)) == 0 {
			t.Errorf("%s is not found", code)
		}
	}
}

// A thousand visits of a day at one edge location: a landing page with its files, with
// campaign parameters that differ each time, some privacy pages, some that do not
// exist. The key of the cache is the file that the function chose.
func TestCDN_MoreThanFourOfFiveRequestsAreHits(t *testing.T) {
	t.Parallel()
	e := newEdge(t)
	p, err := readPages(built)
	if err != nil {
		t.Fatal(err)
	}
	seen, hits, all := map[string]bool{}, 0, 0
	for n := range 1000 {
		visit := []string{fmt.Sprintf("/?utm_source=s%d&gclid=%d", n%9, n)}
		if n%5 == 0 {
			visit[0] = fmt.Sprintf("/en/?utm_campaign=%d", n)
		}
		visit = append(visit, p.routes.Files...)
		if n%10 == 0 {
			visit = append(visit, "/privacidade/", fmt.Sprintf("/obrigado/?ref=%d", n))
		}
		if n%50 == 0 {
			visit = append(visit, fmt.Sprintf("/wp-login-%d.php", n))
		}
		for _, path := range visit {
			key, _ := e.ask(t, visitor(n, path))
			if seen[key] {
				hits++
			}
			seen[key] = true
			all++
		}
	}
	if ratio := float64(hits) / float64(all); ratio <= 0.8 {
		t.Errorf("%.3f of the requests are hits", ratio)
	} else {
		t.Logf("%.4f of %d requests are hits", ratio, all)
	}
}
