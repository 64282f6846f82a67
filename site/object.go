package site

import (
	"fmt"
	"path"
	"regexp"
	"strings"
)

// Object is a file of the build as it stands in S3 behind CloudFront, which serves it
// with these headers. CloudFront compresses by itself: what the build compressed is
// not put there.
type Object struct {
	Key          string // below the bucket
	ContentType  string
	CacheControl string // for browsers; CloudFront keeps each file until it is told
	// Metadata is what a CloudFront function makes of it: status is the answer's, robots
	// the value of X-Robots-Tag.
	Metadata map[string]string
}

var problemPage = regexp.MustCompile(`^(en/)?([45]\d\d)\.html$`)

// ObjectOf describes a file by its path below dist/public. It refuses a kind of file
// that it does not know, and what the build compressed.
func ObjectOf(name string) (Object, error) {
	o := Object{Key: name, ContentType: contentTypes[path.Ext(name)], CacheControl: "no-cache"}
	if o.ContentType == "" {
		return Object{}, fmt.Errorf("%s: no content type is known for this kind of file", name)
	}
	b, err := load()
	if err != nil {
		return Object{}, err
	}
	if strings.HasPrefix(name, "assets/") {
		o.CacheControl = "public, max-age=31536000, immutable"
	}
	if m := problemPage.FindStringSubmatch(name); m != nil {
		o.CacheControl, o.Metadata = "no-store", map[string]string{"status": m[2]}
	}
	for _, at := range b.Paths {
		if page := strings.TrimPrefix(at.Receipt, "/") + "index.html"; name == page {
			o.CacheControl, o.Metadata = "no-store", map[string]string{"robots": "noindex"}
		}
		if page := strings.TrimPrefix(at.RightsReceived, "/") + "index.html"; name == page {
			o.CacheControl, o.Metadata = "no-store", map[string]string{"robots": "noindex"}
		}
	}
	return o, nil
}
