package site

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// file is a file of the build as it is served.
type file struct {
	contentType string
	cache       string
	etag        string // of the content, without quotes
	content     []byte
	compressed  []encoding // the best first
}

type encoding struct {
	name    string // of the Content-Encoding
	content []byte
}

var contentTypes = map[string]string{
	".html": "text/html; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
	".png":  "image/png",
	".txt":  "text/plain; charset=utf-8",
	".xml":  "application/xml",
}

// readFiles gives the files of the build by path, each with what the build compressed.
func readFiles(public fs.FS) (map[string]*file, error) {
	files := map[string]*file{}
	err := fs.WalkDir(public, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(name, ".br") || strings.HasSuffix(name, ".gz") {
			return err
		}
		f, err := readFile(public, name)
		files["/"+name] = f
		return err
	})
	return files, err
}

func readFile(public fs.FS, name string) (*file, error) {
	content, err := fs.ReadFile(public, name)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(content)
	f := &file{contentType: contentTypes[path.Ext(name)], cache: "no-cache", etag: hex.EncodeToString(sum[:16]), content: content}
	if f.contentType == "" {
		return nil, fmt.Errorf("%s: no content type is known for this kind of file", name)
	}
	if strings.HasPrefix(name, "assets/") {
		f.cache = "public, max-age=31536000, immutable"
	}
	for _, made := range []struct{ encoding, suffix string }{{"br", ".br"}, {"gzip", ".gz"}} {
		compressed, err := fs.ReadFile(public, name+made.suffix)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		f.compressed = append(f.compressed, encoding{name: made.encoding, content: compressed})
	}
	return f, nil
}

func (f *file) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", f.cache)
	content, etag := f.content, f.etag
	if len(f.compressed) > 0 {
		h.Set("Vary", "Accept-Encoding")
	}
	accepted := list(r, "Accept-Encoding")
	for _, e := range f.compressed {
		if accepts(accepted, e.name) {
			h.Set("Content-Encoding", e.name)
			content, etag = e.content, f.etag+"-"+e.name
			break
		}
	}
	etag = strconv.Quote(etag)
	h.Set("ETag", etag)
	if strings.Contains(list(r, "If-None-Match"), etag) {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", f.contentType)
	h.Set("Content-Length", strconv.Itoa(len(content)))
	if r.Method != http.MethodHead {
		// The client may be gone: there is nobody left to tell.
		_, _ = w.Write(content) //nolint:gosec // G705: a file of the build, whatever was asked
	}
}

// list is a header that may come in several fields (RFC 9110, 5.3).
func list(r *http.Request, name string) string {
	return strings.Join(r.Header.Values(name), ",")
}

// accepts reports whether an Accept-Encoding names an encoding with a quality that is
// not 0 (RFC 9110, 12.5.3). "*" is left out: who means it gets the plain file.
func accepts(header, encoding string) bool {
	for element := range strings.SplitSeq(header, ",") {
		name, parameters, _ := strings.Cut(element, ";")
		if !strings.EqualFold(strings.TrimSpace(name), encoding) {
			continue
		}
		_, quality, weighted := strings.Cut(parameters, "=")
		if !weighted {
			return true
		}
		q, err := strconv.ParseFloat(strings.TrimSpace(quality), 64)
		return err == nil && q > 0
	}
	return false
}
