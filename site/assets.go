package site

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"path"
	"strings"
)

//go:embed assets templates
var files embed.FS

// asset is a file that pages refer to by a name with the hash of its content,
// so that it may be cached for ever.
type asset struct {
	path        string // as pages refer to it: "/assets/site.3f2a….css"
	contentType string
	content     []byte
}

// assets by their plain name. The files are embedded: a missing one is a defect
// of the build and stops the program at start.
var assets = map[string]asset{
	"site.css":    mustAsset("site.css", "text/css; charset=utf-8"),
	"form.js":     mustAsset("form.js", "text/javascript; charset=utf-8"),
	"favicon.svg": mustAsset("favicon.svg", "image/svg+xml"),
}

func mustAsset(name, contentType string) asset {
	content, err := files.ReadFile("assets/" + name)
	if err != nil {
		panic(err)
	}
	sum := sha256.Sum256(content)
	ext := path.Ext(name)
	hashed := strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:8]) + ext
	return asset{path: "/assets/" + hashed, contentType: contentType, content: content}
}

// assetPath is the template function that turns a plain name into the hashed path.
func assetPath(name string) string {
	return assets[name].path
}

func (a asset) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	write(w, r, http.StatusOK, a.contentType, a.content)
}
