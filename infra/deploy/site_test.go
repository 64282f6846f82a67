package deploy_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// uploads gives the keys that went up, and "stack" where the stack was deployed.
func (b *bundle) uploads() []string {
	var keys []string
	for _, call := range b.aws.Calls() {
		switch key, _ := call.Input["Key"].(string); {
		case call.Name() == "s3.PutObject" && !strings.HasPrefix(key, ".releases/"):
			keys = append(keys, key)
		case call.Name() == frontend:
			keys = append(keys, "stack")
		}
	}
	return keys
}

// CloudFront's function gives an answer the status and the robots of its file's
// metadata: without them a page that is not there is answered with 200.
func TestSite_FilesCarryWhatCloudFrontNeeds(t *testing.T) {
	t.Parallel()
	b := setup(t, "staging")
	b.site["404.html"] = &fstest.MapFile{Data: []byte("nothing here")}
	b.deploy(t)
	b.site["index.html"].Data = []byte("two")
	b.deploy(t)
	check := func(when string) {
		t.Helper()
		for name, want := range map[string]struct{ kind, cache, status string }{
			"404.html":      {"text/html; charset=utf-8", "no-store", "404"},
			"index.html":    {"text/html; charset=utf-8", "no-cache", ""},
			"assets/a-1.js": {"text/javascript; charset=utf-8", "public, max-age=31536000, immutable", ""},
			"robots.txt":    {"text/plain; charset=utf-8", "no-cache", ""},
		} {
			versions := b.aws.Objects["site/"+name]
			o := versions[len(versions)-1]
			if status, _ := o.Metadata["status"].(string); o.Type != want.kind || o.Cache != want.cache || status != want.status {
				t.Errorf("%s: %s has %q, %q, %v", when, name, o.Type, o.Cache, o.Metadata)
			}
		}
	}
	check("deployed")
	if err := b.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	check("rolled back")
}

// The routes are in the stack: a page that is new is there before them, and one that
// was there is replaced after them.
func TestSite_NewPagesGoUpBeforeTheirRoutes(t *testing.T) {
	t.Parallel()
	b := setup(t, "staging")
	b.deploy(t)
	b.aws.Forget()
	b.site["b.html"] = &fstest.MapFile{Data: []byte("variant b")}
	b.site["assets/b-2.js"] = &fstest.MapFile{Data: []byte("js")}
	b.deploy(t)
	want := []string{"assets/b-2.js", "b.html", "stack", "assets/a-1.js", "robots.txt", "index.html"}
	if got := b.uploads(); !slices.Equal(got, want) {
		t.Errorf("uploaded %v; want %v", got, want)
	}
	plan, err := b.PlanRollback(t.Context())
	if err != nil || !slices.ContainsFunc(plan.Stays, func(s string) bool {
		return strings.HasPrefix(s, "the page b.html, which the earlier release did not have")
	}) {
		t.Errorf("plan %+v, %v", plan, err)
	}
	// Its route stays, and so does it.
	if err := b.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if versions := b.aws.Objects["site/b.html"]; versions[len(versions)-1].Deleted {
		t.Error("the route of b.html leads nowhere after the rollback")
	}
}

func TestSite_PagesThatAreNoMoreGo(t *testing.T) {
	t.Parallel()
	b := setup(t, "staging")
	b.site["old.html"] = &fstest.MapFile{Data: []byte("old")}
	b.deploy(t)
	delete(b.site, "old.html")
	b.deploy(t)
	if versions := b.aws.Objects["site/old.html"]; !versions[len(versions)-1].Deleted {
		t.Error("old.html is still served")
	}
	if err := b.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if versions := b.aws.Objects["site/old.html"]; string(versions[len(versions)-1].Content) != "old" {
		t.Error("old.html is not back")
	}
}
