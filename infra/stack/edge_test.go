package stack_test

import (
	"strings"
	"testing"

	"github.com/alquimista-ai/nigredo/infra/proof"
)

// The backend's region is not CloudFront's: the API's id comes by an export of another
// region, the origin secret from its replica.
func TestEdge_SiteFindsABackendInAnotherRegion(t *testing.T) {
	t.Parallel()
	distribution := deployments["brazil"].templates.Frontend.Resources("AWS::CloudFront::Distribution")[0]
	api := proof.Text(distribution.Get("DistributionConfig.Origins.1"))
	for _, want := range []string{"ExportsReader", ".execute-api.sa-east-1.amazonaws.com", "{{resolve:secretsmanager:nigredo/prod/OriginSecret:SecretString:::22222222-"} {
		if !strings.Contains(api, want) {
			t.Errorf("no %s in %s", want, api)
		}
	}
	if strings.Contains(api, "Fn::ImportValue") {
		t.Error("an export of the same region cannot be read")
	}
}
