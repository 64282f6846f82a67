package stack

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

//go:embed cdn/request.js cdn/response.js
var cdn embed.FS

// pages is what the build of the site says of itself, as far as CloudFront needs it.
type pages struct {
	Headers    map[string]string
	Experiment string
	Variants   []variant
	Paths      map[string]struct{ Landing string }

	routes routes
}

type variant struct {
	Name   string `json:"name"`
	Weight int    `json:"weight"`
}

// routes is what request.js knows: addresses that are pages, and files.
type routes struct {
	Experiment string    `json:"experiment"`
	Variants   []variant `json:"variants"`
	Landings   []string  `json:"landings"`
	Pages      []string  `json:"pages"`
	Files      []string  `json:"files"`
}

// readPages reads the built site in a folder.
func readPages(folder string) (*pages, error) {
	raw, err := os.ReadFile(filepath.Join(folder, "site.json"))
	if err != nil {
		return nil, fmt.Errorf("read the built site (run make site): %w", err)
	}
	p := pages{}
	if err := json.Unmarshal(raw, &p); err != nil {
		return nil, fmt.Errorf("read site.json: %w", err)
	}
	p.routes = routes{Experiment: p.Experiment, Variants: p.Variants, Landings: []string{}, Pages: []string{}, Files: []string{}}
	for _, at := range p.Paths {
		p.routes.Landings = append(p.routes.Landings, at.Landing)
	}
	slices.Sort(p.routes.Landings)
	err = fs.WalkDir(os.DirFS(filepath.Join(folder, "public")), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil || entry.IsDir():
			return err
		case path.Base(name) == "index.html":
			p.routes.Pages = append(p.routes.Pages, "/"+strings.TrimSuffix(name, "index.html"))
		case !slices.Contains([]string{".html", ".br", ".gz"}, path.Ext(name)):
			p.routes.Files = append(p.routes.Files, "/"+name)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the built site (run make site): %w", err)
	}
	return &p, nil
}

// requestCode is the function before CloudFront's cache.
func (p *pages) requestCode() (string, error) {
	code, err := cdn.ReadFile("cdn/request.js")
	if err != nil {
		return "", fmt.Errorf("read request.js: %w", err)
	}
	known, err := json.Marshal(p.routes)
	if err != nil {
		return "", fmt.Errorf("write the routes of the site: %w", err)
	}
	return strings.Replace(string(code), "const site = SITE;", "const site = "+string(known)+";", 1), nil
}

// responseCode is the function before CloudFront's answer.
func responseCode() (string, error) {
	code, err := cdn.ReadFile("cdn/response.js")
	if err != nil {
		return "", fmt.Errorf("read response.js: %w", err)
	}
	return string(code), nil
}

func sorted(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
