package site

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
)

const html = "text/html; charset=utf-8"

// robots keeps crawlers off what is not a public page. The receipts are left to
// them: who may not fetch a page cannot see that it says noindex.
const robots = "User-agent: *\nDisallow: /api/\nDisallow: /console/\n"

// Handler serves the static pages and their files: /, /en/, the two receipts,
// /assets/…, /favicon.svg, /robots.txt; a page typed without its last slash is
// redirected. Everything else is the 404 page, any method but GET and HEAD the
// 405 page. Every answer carries [Headers]. Pages are revalidated by ETag, files
// with a hash in their name are kept for a year.
func Handler() http.Handler {
	mux := http.NewServeMux()
	for _, l := range []locale{in(PortugueseBrazil), in(English)} {
		mux.Handle(l.Home+"{$}", landing(l))
		mux.Handle(l.Receipt+"{$}", receiptHandler(l))
		for _, path := range []string{l.Home, l.Receipt} {
			if typed := strings.TrimSuffix(path, "/"); typed != "" {
				mux.Handle(typed, http.RedirectHandler(path, http.StatusMovedPermanently))
			}
		}
	}
	for _, a := range assets {
		mux.Handle(a.path, a)
	}
	mux.Handle("/favicon.svg", revalidated(assets["favicon.svg"].contentType, assets["favicon.svg"].content))
	mux.Handle("/robots.txt", revalidated("text/plain; charset=utf-8", []byte(robots)))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		writeProblem(w, r, http.StatusNotFound)
	})
	return Secure(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			writeProblem(w, r, http.StatusMethodNotAllowed)
			return
		}
		mux.ServeHTTP(w, r)
	}))
}

// landing serves the empty form, rendered once.
func landing(l locale) http.Handler {
	var b bytes.Buffer
	if err := render(&b, "form.html", newForm(l, nil, nil)); err != nil {
		panic(err) // embedded template and embedded words: a defect of the build
	}
	return revalidated(html, b.Bytes())
}

// receiptHandler shows the reference of the query parameter ref. The answer is
// not stored: a shared computer should not keep who wrote to us.
func receiptHandler(l locale) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var b bytes.Buffer
		if err := render(&b, "receipt.html", newReceipt(l, r.URL.Query().Get("ref"))); err != nil {
			writeProblem(w, r, http.StatusInternalServerError)
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Robots-Tag", "noindex")
		write(w, r, http.StatusOK, html, b.Bytes())
	})
}

func writeProblem(w http.ResponseWriter, r *http.Request, status int) {
	l := in(PortugueseBrazil)
	if strings.HasPrefix(r.URL.Path, "/en/") {
		l = in(English)
	}
	var b bytes.Buffer
	if err := renderProblem(&b, l, status); err != nil {
		http.Error(w, http.StatusText(status), status)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	write(w, r, status, html, b.Bytes())
}

// revalidated serves content that a browser may keep but must ask for again.
func revalidated(contentType string, content []byte) http.Handler {
	sum := sha256.Sum256(content)
	etag := `"` + hex.EncodeToString(sum[:16]) + `"`
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-cache")
		w.Header().Set("ETag", etag)
		if strings.Contains(r.Header.Get("If-None-Match"), etag) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		write(w, r, http.StatusOK, contentType, content)
	})
}

func write(w http.ResponseWriter, r *http.Request, status int, contentType string, content []byte) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	if r.Method == http.MethodHead {
		return
	}
	// The client may be gone: there is nobody left to tell.
	_, _ = w.Write(content)
}
