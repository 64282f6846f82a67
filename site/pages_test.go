package site_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"io/fs"
	"net/http"
	"net/mail"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/alquimista-ai/nigredo/site"
)

// buildFiles lists the files of the build.
func buildFiles(t *testing.T) []string {
	t.Helper()
	var names []string
	err := fs.WalkDir(os.DirFS("dist"), ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// everyPage gives each page as a file, each template as text, and each kind of page as it
// is filled in and served.
func everyPage(t *testing.T) map[string]string {
	t.Helper()
	pages := map[string]string{}
	for _, name := range buildFiles(t) {
		if !strings.HasSuffix(name, ".html") {
			continue
		}
		page, err := os.ReadFile("dist/" + name)
		if err != nil {
			t.Fatal(err)
		}
		pages[name] = string(page)
	}
	for _, f := range forms {
		for _, locale := range locales {
			pages["empty "+f.name+" "+locale] = f.write(t, site.FormPage{Locale: locale})
			pages["refused "+f.name+" "+locale] = f.write(t, site.FormPage{Locale: locale, Status: 422, Errors: []site.FieldError{{Field: f.texts[0], Message: "x"}}})
		}
	}
	for _, path := range []string{
		"/", "/en/", "/obrigado/", "/obrigado/?ref=NG-7K3M-9Q2X", "/en/thank-you/", "/nothing", "/en/nothing",
		"/privacidade/", "/en/privacy/", "/privacidade/solicitacao/", "/en/privacy/request/",
		"/privacidade/solicitacao/recebida/?protocol=RQ-7K3M-9Q2X", "/en/privacy/request/received/",
	} {
		pages[path] = get(t, path).Body.String()
	}
	return pages
}

// TestPages_UseOnlyWhatThePolicyAllows: what the policy forbids would be dead or blocked
// in a browser.
func TestPages_UseOnlyWhatThePolicyAllows(t *testing.T) {
	t.Parallel()
	headers, err := site.Headers()
	if err != nil {
		t.Fatal(err)
	}
	for name, page := range everyPage(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := parse(t, strings.NewReader(page))
			if n := len(elements(doc, tag("iframe", "object", "embed", "base", "frame", "applet", "video", "audio"))); n != 0 {
				t.Errorf("%d elements that the policy forbids", n)
			}
			sheet := one(t, doc, tag("style"))
			sum := sha256.Sum256([]byte(raw(sheet)))
			if want := "style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "';"; !strings.Contains(headers["Content-Security-Policy"], want) {
				t.Errorf("the style of the page is %s, the policy is %s", want, headers["Content-Security-Policy"])
			}
			for _, n := range elements(doc, func(*html.Node) bool { return true }) {
				for _, a := range n.Attr {
					if a.Key == "style" || strings.HasPrefix(a.Key, "on") || strings.HasPrefix(strings.TrimSpace(strings.ToLower(a.Val)), "javascript:") {
						t.Errorf("<%s %s=%q> is inline code or style", n.Data, a.Key, a.Val)
					}
				}
			}
			for _, n := range elements(doc, tag("script")) {
				if _, ok := attr(n, "src"); !ok || content(n) != "" {
					t.Error("a script stands inline")
				}
			}
			if n := len(elements(doc, func(n *html.Node) bool { v, _ := attr(n, "rel"); return n.Data == "link" && v == "stylesheet" })); n != 0 {
				t.Errorf("%d stylesheets of their own: the policy knows one by its hash", n)
			}
		})
	}
}

// raw is the text of an element as it stands in the page.
func raw(n *html.Node) string {
	if n.FirstChild == nil {
		return ""
	}
	return n.FirstChild.Data
}

// TestPages_EveryLinkLeadsSomewhere follows every link and every file that a page asks
// for, and the addresses it gives others.
func TestPages_EveryLinkLeadsSomewhere(t *testing.T) {
	t.Parallel()
	origin := origin(t)
	for name, page := range everyPage(t) {
		if strings.HasPrefix(name, "templates/") { // followed as they are filled in
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := parse(t, strings.NewReader(page))
			followed := 0
			for _, n := range elements(doc, func(*html.Node) bool { return true }) {
				for _, key := range []string{"href", "src", "action", "data-receipt", "content"} {
					target, ok := attr(n, key)
					if !ok || key == "content" && !strings.HasPrefix(target, origin) {
						continue
					}
					followed++
					follow(t, doc, strings.TrimPrefix(target, origin))
				}
			}
			if followed < 5 {
				t.Errorf("%d addresses on the page", followed)
			}
		})
	}
}

func follow(t *testing.T, from *html.Node, target string) {
	t.Helper()
	path, fragment, _ := strings.Cut(target, "#")
	switch {
	case path == "":
		one(t, from, withAttr("id", fragment))
		return
	case strings.HasPrefix(path, "mailto:"):
		if address, err := mail.ParseAddress(strings.TrimPrefix(path, "mailto:")); err != nil || address.Name != "" {
			t.Errorf("%q is no address: %v", target, err)
		}
		return
	case !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//"):
		t.Errorf("%q is of another origin", target)
		return
	case strings.HasPrefix(path, "/api/"): // served by the API
		return
	}
	w := get(t, path)
	if w.Code != http.StatusOK {
		t.Errorf("%q: %d", target, w.Code)
		return
	}
	if fragment != "" {
		one(t, parse(t, w.Body), withAttr("id", fragment))
	}
}

// origin is the address that the site was built for.
func origin(t *testing.T) string {
	t.Helper()
	canonical, _ := attr(one(t, parse(t, get(t, "/").Body), withAttr("rel", "canonical")), "href")
	origin, ok := strings.CutSuffix(canonical, "/")
	if !ok || !regexp.MustCompile(`^https?://[^/]+$`).MatchString(origin) {
		t.Fatalf("canonical address %q", canonical)
	}
	return origin
}

func TestSitemap_ListsEveryPageThatMayBeIndexedInBothLanguages(t *testing.T) {
	t.Parallel()
	origin := origin(t)
	type link struct {
		Rel      string `xml:"rel,attr"`
		Language string `xml:"hreflang,attr"`
		Address  string `xml:"href,attr"`
	}
	var listed struct {
		XMLName xml.Name `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
		URLs    []struct {
			Location string `xml:"loc"`
			Links    []link `xml:"http://www.w3.org/1999/xhtml link"`
		} `xml:"url"`
	}
	if err := xml.Unmarshal(get(t, "/sitemap.xml").Body.Bytes(), &listed); err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, u := range listed.URLs {
		path, ours := strings.CutPrefix(u.Location, origin)
		if !ours || len(u.Links) != 3 {
			t.Errorf("%s has the links %v", u.Location, u.Links)
			continue
		}
		paths = append(paths, path)
		for _, l := range u.Links {
			english := strings.HasPrefix(strings.TrimPrefix(l.Address, origin), "/en/")
			if of := map[bool][]string{true: {"en"}, false: {"pt-BR", "x-default"}}[english]; l.Rel != "alternate" || !slices.Contains(of, l.Language) {
				t.Errorf("%s: link %v", u.Location, l)
			}
		}
		if !slices.ContainsFunc(u.Links, func(l link) bool { return l.Address == u.Location }) {
			t.Errorf("%s is not among its own languages", u.Location)
		}
		w := get(t, path)
		doc := parse(t, w.Body)
		if w.Code != http.StatusOK || w.Header().Get("X-Robots-Tag") != "" || len(elements(doc, withAttr("name", "robots"))) != 0 {
			t.Errorf("%s: %d, and it may not be indexed", path, w.Code)
		}
		if got, _ := attr(one(t, doc, withAttr("rel", "canonical")), "href"); got != u.Location {
			t.Errorf("%s calls itself %s", u.Location, got)
		}
		for _, l := range u.Links {
			alternate := one(t, doc, func(n *html.Node) bool { v, _ := attr(n, "hreflang"); return n.Data == "link" && v == l.Language })
			if got, _ := attr(alternate, "href"); got != l.Address {
				t.Errorf("%s: %s is at %s in the page, at %s in the sitemap", path, l.Language, got, l.Address)
			}
		}
	}
	slices.Sort(paths)
	want := []string{"/", "/en/", "/en/privacy/", "/en/privacy/request/", "/privacidade/", "/privacidade/solicitacao/"}
	if !slices.Equal(paths, want) {
		t.Errorf("listed %q, want %q", paths, want)
	}
}

// TestSecurityTxt_IsValid holds the file to RFC 9116.
func TestSecurityTxt_IsValid(t *testing.T) {
	t.Parallel()
	text := get(t, "/.well-known/security.txt").Body.String()
	fields := map[string][]string{}
	for line := range strings.Lines(text) {
		name, value, ok := strings.Cut(strings.TrimRight(line, "\r\n"), ": ")
		if !ok || !strings.HasSuffix(line, "\n") || value == "" {
			t.Errorf("line %q is no field", line)
		}
		fields[name] = append(fields[name], value)
	}
	for _, contact := range fields["Contact"] {
		if !strings.HasPrefix(contact, "mailto:") && !strings.HasPrefix(contact, "https://") {
			t.Errorf("Contact %q is no address (2.5.3)", contact)
		}
	}
	if len(fields["Contact"]) == 0 {
		t.Error("no Contact (2.5.3)")
	}
	if len(fields["Expires"]) != 1 || len(fields["Preferred-Languages"]) > 1 {
		t.Errorf("Expires %q, Preferred-Languages %q: once, and at most once (2.5.5, 2.5.8)", fields["Expires"], fields["Preferred-Languages"])
	} else if expires, err := time.Parse(time.RFC3339, fields["Expires"][0]); err != nil {
		t.Errorf("Expires: %v", err)
	} else if left := expires.Sub(built(t)); left < 300*24*time.Hour || left >= 365*24*time.Hour {
		t.Errorf("expires %s after the build: not for long, or for more than a year (2.5.5)", left)
	}
	if want := []string{origin(t) + "/.well-known/security.txt"}; !slices.Equal(fields["Canonical"], want) {
		t.Errorf("Canonical = %q, want %q", fields["Canonical"], want)
	}
	for name := range fields {
		if !slices.Contains([]string{"Contact", "Expires", "Preferred-Languages", "Canonical"}, name) {
			t.Errorf("unknown field %q", name)
		}
	}
}

// built is the day of the build.
func built(t *testing.T) time.Time {
	t.Helper()
	content, err := os.ReadFile("dist/site.json")
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct{ Built string }
	if err := json.Unmarshal(content, &manifest); err != nil {
		t.Fatal(err)
	}
	day, err := time.Parse(time.DateOnly, manifest.Built)
	if err != nil {
		t.Fatal(err)
	}
	return day
}

func TestRobots_KeepsCrawlersFromWhatIsNoPage(t *testing.T) {
	t.Parallel()
	var lines []string
	for line := range strings.Lines(get(t, "/robots.txt").Body.String()) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	want := []string{"User-agent: *", "Disallow: /api/", "Disallow: /console/", "Sitemap: " + origin(t) + "/sitemap.xml"}
	if !slices.Equal(lines, want) {
		t.Errorf("got %q, want %q", lines, want)
	}
}
