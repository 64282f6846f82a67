package site_test

import (
	"io"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func parse(t *testing.T, r io.Reader) *html.Node {
	t.Helper()
	doc, err := html.Parse(r)
	if err != nil {
		t.Fatalf("parse page: %v", err)
	}
	return doc
}

// elements lists the elements of a page that match, in document order.
func elements(doc *html.Node, match func(*html.Node) bool) []*html.Node {
	var found []*html.Node
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode && match(n) {
			found = append(found, n)
		}
	}
	return found
}

func withAttr(name, value string) func(*html.Node) bool {
	return func(n *html.Node) bool {
		v, ok := attr(n, name)
		return ok && v == value
	}
}

func tag(names ...string) func(*html.Node) bool {
	return func(n *html.Node) bool {
		for _, name := range names {
			if n.Data == name {
				return true
			}
		}
		return false
	}
}

// one gives the only element that matches.
func one(t *testing.T, doc *html.Node, match func(*html.Node) bool) *html.Node {
	t.Helper()
	found := elements(doc, match)
	if len(found) != 1 {
		t.Fatalf("got %d matching elements, want 1", len(found))
	}
	return found[0]
}

func attr(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

func has(name string) func(*html.Node) bool {
	return func(n *html.Node) bool { _, ok := attr(n, name); return ok }
}

// markup writes a page back as text, so that two pages compare as a browser sees them.
func markup(t *testing.T, doc *html.Node) string {
	t.Helper()
	var b strings.Builder
	if err := html.Render(&b, doc); err != nil {
		t.Fatalf("write page: %v", err)
	}
	return b.String()
}

// content is the text inside a node, white space at its ends cut off.
func content(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.TrimSpace(b.String())
}

// shape is a page without its words: elements with the names of their
// attributes. Input that becomes markup changes it.
func shape(doc *html.Node) string {
	var b strings.Builder
	for n := range doc.Descendants() {
		switch n.Type {
		case html.ElementNode:
			b.WriteString("<" + n.Data)
			for _, a := range n.Attr {
				b.WriteString(" " + a.Key)
			}
			b.WriteString(">\n")
		case html.CommentNode:
			b.WriteString("<!-- -->\n")
		}
	}
	return b.String()
}
