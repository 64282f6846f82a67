package stack_test

import (
	"crypto/rand"
	"encoding/base64"
	"math/big"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/infra/proof"
)

// generate does what Secrets Manager does with the properties of a secret: a text of
// that length in letters and digits.
func generate(t *testing.T, secret proof.Resource) string {
	t.Helper()
	length, ok := secret.Get("GenerateSecretString.PasswordLength").(float64)
	if !ok || !proof.Equal(secret.Get("GenerateSecretString.ExcludePunctuation"), true) {
		t.Fatalf("%s is not generated of letters and digits", secret.ID)
	}
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	var out strings.Builder
	for range int(length) {
		i, err := rand.Int(rand.Reader, big.NewInt(int64(len(letters))))
		if err != nil {
			t.Fatal(err)
		}
		out.WriteByte(letters[i.Int64()])
	}
	return out.String()
}

func TestSecrets_GeneratedValuesAreTakenByTheCodeThatReadsThem(t *testing.T) {
	d := deployments["prod"]
	secret := func(name string) proof.Resource {
		found := proof.Where(d.templates.Core.Resources("AWS::SecretsManager::Secret"), "Name", d.config.SecretName(name))
		if len(found) != 1 {
			t.Fatalf("%d secrets %s", len(found), name)
		}
		return found[0]
	}
	for range 200 { // every value must do, not a lucky one
		stamps, err := lead.NewStamper(generate(t, secret("StampKey")))
		if err != nil {
			t.Fatal(err)
		}
		now := time.Now()
		if _, ok := stamps.Age(stamps.Issue(now), now); !ok {
			t.Fatal("a stamp of ours is not taken")
		}
		generated := generate(t, secret("WebhookSeed"))
		if _, err := standardwebhooks.NewWebhook("whsec_" + generated); err != nil {
			t.Fatal(err)
		}
		if key, err := base64.StdEncoding.DecodeString(generated); err != nil || len(key) < 24 || len(key) > 64 {
			t.Fatalf("a webhook secret has %d bytes: %v", len(key), err)
		}
	}
	if text := proof.Text(secret("WebhookSecret").Get("SecretString")); !strings.Contains(text, "whsec_{{resolve:secretsmanager:") ||
		!strings.Contains(text, secret("WebhookSeed").ID) {
		t.Errorf("the webhook secret is made of %s", text)
	}
}
