package deploy_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/alquimista-ai/nigredo/infra/deploy"
	"github.com/alquimista-ai/nigredo/infra/deploy/awstest"
)

// What cannot be stopped in one place keeps no other place open.
func TestTraffic_StopsWhatItCan(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		spoil func(*bundle)
		want  string // in the error; empty: there is none
		open  []string
	}{
		"a set is missing": {func(b *bundle) { delete(b.aws.IPSets, "NigredoFrontendStack-staging-stopped-6") }, "there is no address set NigredoFrontendStack-staging-stopped-6", nil},
		"the site is not deployed": {func(b *bundle) {
			delete(b.aws.IPSets, "NigredoFrontendStack-staging-stopped")
			delete(b.aws.IPSets, "NigredoFrontendStack-staging-stopped-6")
			delete(b.aws.Stacks, "NigredoFrontendStack-staging")
		}, "", nil},
		"a region does not answer": {func(b *bundle) {
			for range 3 { // as often as the SDK asks
				b.aws.Fail("wafv2.ListIPSets", awstest.Fault{Code: "WAFInternalErrorException", Message: "no", Status: 500})
			}
		}, "nigredo stop-traffic --env staging again", []string{"NigredoStack-staging-stopped", "NigredoStack-staging-stopped-6"}},
		"the API's set cannot be changed": {func(b *bundle) {
			b.aws.Fail("wafv2.UpdateIPSet", awstest.Fault{Code: "WAFInternalErrorException", Message: "no"})
		}, "nigredo stop-traffic --env staging again", []string{"NigredoStack-staging-stopped"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, "staging")
			b.deploy(t)
			b.aws.Do(func() { delete(b.aws.IPSets, "NigredoStack-staging-stopped-other") })
			test.spoil(b)
			err := b.StopTraffic(t.Context())
			if (err == nil) != (test.want == "") || (err != nil && !strings.Contains(err.Error(), test.want)) {
				t.Errorf("got %v; want %q", err, test.want)
			}
			for name, set := range b.aws.IPSets {
				if open := len(set.Addresses) == 0; open != slices.Contains(test.open, name) {
					t.Errorf("%s holds %v", name, set.Addresses)
				}
			}
		})
	}
	b := setup(t, "staging")
	clear(b.aws.IPSets)
	if err := b.StopTraffic(t.Context()); !errors.Is(err, deploy.ErrRefused) || !strings.Contains(err.Error(), "nothing is deployed") {
		t.Errorf("nothing deployed: %v", err)
	}
}
