package site

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"
)

const manifest = `{"variants": [{"name": "a", "weight": 1}]}`

func TestRead_ProgramWithoutABuildSaysSo(t *testing.T) {
	t.Parallel()
	_, err := read(fstest.MapFS{".gitkeep": &fstest.MapFile{}})
	if !errors.Is(err, ErrNotBuilt) {
		t.Errorf("got %v, want ErrNotBuilt", err)
	}
}

func TestRead_RefusesABuildThatCouldNotBeServed(t *testing.T) {
	t.Parallel()
	const page = "templates/lead.en.a.html"
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"manifest cut off":        {map[string]string{"site.json": manifest[:10], page: "x"}, "read site.json"},
		"variants without weight": {map[string]string{"site.json": `{"variants": [{"name": "a", "weight": 0}]}`, page: "x"}, "no variant has a weight"},
		"negative weight":         {map[string]string{"site.json": `{"variants": [{"name": "a", "weight": -1}]}`, page: "x"}, "read site.json"},
		"no variants":             {map[string]string{"site.json": `{}`, page: "x"}, "no variant has a weight"},
		"no templates":            {map[string]string{"site.json": manifest}, "read the templates"},
		"template cut off":        {map[string]string{"site.json": manifest, page: "{{if .Summary}}"}, "read the templates"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := read(tree(c.files))
			if err == nil || errors.Is(err, ErrNotBuilt) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q in it", err, c.want)
			}
		})
	}
}

func TestReadFiles_RefusesAFileOfAnUnknownKind(t *testing.T) {
	t.Parallel()
	_, err := readFiles(tree(map[string]string{"robots.txt": "x", "og.webp": "x"}))
	if err == nil || !strings.Contains(err.Error(), "og.webp") {
		t.Errorf("got %v, want an error that names og.webp", err)
	}
}

func TestPage_UnknownTemplateIsNamed(t *testing.T) {
	t.Parallel()
	b, err := read(tree(map[string]string{"site.json": manifest, "templates/lead.en.a.html": "x"}))
	if err != nil {
		t.Fatal(err)
	}
	if html, err := b.page("rights.en", nil); err == nil || html != "" || !strings.Contains(err.Error(), "rights.en") {
		t.Errorf("got %q and %v, want an error that names rights.en", html, err)
	}
}

func tree(files map[string]string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, content := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(content)}
	}
	return fsys
}
