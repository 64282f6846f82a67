package site

import (
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strconv"
	"strings"
)

// Handler serves the pages and their files. A page typed without its last slash is
// redirected; everything unknown is the 404 page, any method but GET and HEAD the 405
// page, in the language of the path. Every answer carries [Headers]. Pages are
// revalidated by ETag, what stands below assets/ has a hash in its name and is kept for a
// year, receipts are not stored. What the build compressed is sent so to whom can read it.
func Handler() (http.Handler, error) {
	b, err := load()
	if err != nil {
		return nil, err
	}
	public, err := fs.Sub(served, "dist/public")
	if err != nil {
		return nil, err
	}
	files, err := readFiles(public)
	if err != nil {
		return nil, err
	}
	s := &server{built: b, files: files, routes: map[string]http.Handler{}}
	for name, f := range files {
		switch page, isIndex := strings.CutSuffix(name, "index.html"); {
		case isIndex:
			s.routes[page] = f
		case path.Ext(name) != ".html": // variants and problems have no address of their own
			s.routes[name] = f
		}
	}
	for locale, at := range b.Paths {
		s.routes[at.Landing] = s.landing(at.Landing)
		s.routes[at.Receipt] = s.receipt("receipt."+locale, "ref", "NG")
		s.routes[at.RightsReceived] = s.receipt("rightsReceived."+locale, "protocol", "RQ")
	}
	return Secure(s)
}

type server struct {
	built  *built
	files  map[string]*file
	routes map[string]http.Handler // by exact path
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		s.problem(w, r, http.StatusMethodNotAllowed)
		return
	}
	if page, ok := s.routes[r.URL.Path]; ok {
		page.ServeHTTP(w, r)
		return
	}
	if _, ok := s.routes[r.URL.Path+"/"]; ok {
		to := url.URL{Path: r.URL.Path + "/", RawQuery: r.URL.RawQuery}
		http.Redirect(w, r, to.String(), http.StatusMovedPermanently)
		return
	}
	s.problem(w, r, http.StatusNotFound)
}

// landing serves the variant of a visitor.
func (s *server) landing(at string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := r.URL.Query().Get("variant")
		if !s.built.hasVariant(name) {
			name = s.built.variantFor(r)
		}
		s.files[at+name+".html"].ServeHTTP(w, r)
	})
}

// referenceShape is the shape of a reference after its prefix: letters and digits
// without 0, O, 1 and I. Whether there is such a request is not asked: the page would
// tell strangers.
var referenceShape = regexp.MustCompile(`^-[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}$`)

// receipt shows the reference that a query parameter holds, if it has the right shape.
// The answer is not stored: a shared computer should not keep who wrote to us.
func (s *server) receipt(template, parameter, prefix string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data := map[string]string{"Reference": "", "Query": "", "RightsQuery": ""}
		given := r.URL.Query().Get(parameter)
		if rest, ok := strings.CutPrefix(given, prefix); ok && referenceShape.MatchString(rest) {
			maps.Copy(data, map[string]string{"Reference": given, "Query": "?" + parameter + "=" + given, "RightsQuery": "?reference=" + given})
		}
		html, err := s.built.page(template, data)
		if err != nil {
			s.problem(w, r, http.StatusInternalServerError)
			return
		}
		w.Header().Set("X-Robots-Tag", "noindex")
		write(w, r, http.StatusOK, []byte(html))
	})
}

// problem serves the page for a status in the language of the path.
func (s *server) problem(w http.ResponseWriter, r *http.Request, status int) {
	page := s.files[s.built.Paths[localeAt(r.URL.Path)].Landing+strconv.Itoa(status)+".html"]
	write(w, r, status, page.content)
}

// write sends a page that nobody may keep.
func write(w http.ResponseWriter, r *http.Request, status int, html []byte) {
	w.Header().Set("Content-Type", contentTypes[".html"])
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		// The client may be gone: there is nobody left to tell.
		_, _ = w.Write(html) //nolint:gosec // G705: html/template escaped what was asked
	}
}
