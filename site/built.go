package site

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"strings"
	"sync"
)

// ErrNotBuilt is what everything here fails with in a program that was compiled before
// the pages were built.
var ErrNotBuilt = errors.New("the site is not built: run 'make site', then build again")

//go:embed all:dist
var dist embed.FS

// built is what site/build.mjs made.
type built struct {
	Headers    map[string]string
	Experiment string
	Variants   []variant
	Paths      map[string]paths    // by locale
	Refusals   map[string]refusals // by locale

	public    fs.FS
	templates *template.Template
}

type variant struct {
	Name   string
	Weight uint64
}

// paths are the addresses of the pages in one language.
type paths struct {
	Landing, Receipt, Notice, Rights, RightsReceived string
}

// load reads the build once. Its files are embedded: what is wrong with them is wrong
// for ever.
var load = sync.OnceValues(func() (*built, error) {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		return nil, err
	}
	return read(files)
})

func read(files fs.FS) (*built, error) {
	manifest, err := fs.ReadFile(files, "site.json")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotBuilt
	}
	if err != nil {
		return nil, err
	}
	var b built
	if err := json.Unmarshal(manifest, &b); err != nil {
		return nil, fmt.Errorf("read site.json: %w", err)
	}
	if b.weight() == 0 {
		return nil, errors.New("read site.json: no variant has a weight, so that nobody can be shown one")
	}
	if b.public, err = fs.Sub(files, "public"); err != nil {
		return nil, err
	}
	if b.templates, err = template.ParseFS(files, "templates/*.html"); err != nil {
		return nil, fmt.Errorf("read the templates of the site: %w", err)
	}
	return &b, nil
}

// The locales of the site. Any other value means PortugueseBrazil: a page is rendered
// from what a stranger posted.
const (
	PortugueseBrazil = "pt-BR"
	English          = "en"
)

func localeOf(code string) string {
	if code == English {
		return English
	}
	return PortugueseBrazil
}

// localeAt is the language of whoever asked for a path.
func localeAt(path string) string {
	if strings.HasPrefix(path, "/en/") {
		return English
	}
	return PortugueseBrazil
}

// page renders a template whole before anything of it is sent.
func (b *built) page(name string, data any) (string, error) {
	var html strings.Builder
	if err := b.templates.ExecuteTemplate(&html, name+".html", data); err != nil {
		return "", fmt.Errorf("render %s: %w", name, err)
	}
	return html.String(), nil
}
