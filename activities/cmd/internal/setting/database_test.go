package setting

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alquimista-ai/nigredo/activities/postgres"
	"github.com/alquimista-ai/nigredo/tests/testdb"
)

func TestRDSAuthorities_AreThoseOfOurRegions(t *testing.T) {
	t.Parallel()
	found := map[string]bool{}
	for rest := rdsAuthorities; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			if len(bytes.TrimSpace(rest)) != 0 {
				t.Errorf("after the last certificate: %.60q", rest)
			}
			break
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		name := certificate.Subject.CommonName
		if name == "" {
			name = certificate.Subject.String()
		}
		if !certificate.IsCA || !certificate.BasicConstraintsValid {
			t.Errorf("%s is no authority", name)
		}
		// A year of warning: this test is red before connections are.
		if time.Until(certificate.NotAfter) < 365*24*time.Hour {
			t.Errorf("%s ends on %s", name, certificate.NotAfter)
		}
		if err := certificate.CheckSignature(certificate.SignatureAlgorithm, certificate.RawTBSCertificate, certificate.Signature); err != nil {
			t.Errorf("%s is not of its own hand: %v", name, err)
		}
		found[name] = true
	}
	for _, region := range []string{"us-east-1", "sa-east-1"} {
		for _, algorithm := range []string{"RSA2048", "RSA4096", "ECC384"} {
			if name := "Amazon RDS " + region + " Root CA " + algorithm + " G1"; !found[name] {
				t.Errorf("no %s", name)
			}
		}
	}
	for _, name := range []string{"Amazon Root CA 1", "Amazon Root CA 2", "Amazon Root CA 3", "Amazon Root CA 4"} {
		if !found[name] {
			t.Errorf("no %s, of which RDS Proxy's certificates are", name)
		}
	}
}

func TestAccess_SignsEachConnectionInWithAToken(t *testing.T) {
	t.Setenv("NIGREDO_DATABASE_AUTH", "iam")
	t.Setenv("AWS_REGION", "sa-east-1")
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "s3cret")
	t.Setenv("AWS_SESSION_TOKEN", "session")
	var options postgres.Options
	if err := access(&options); err != nil {
		t.Fatal(err)
	}
	token, err := options.Token(t.Context(), "db.example:5432", "nigredo_persist")
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse("https://" + token)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if u.Host != "db.example:5432" || q.Get("Action") != "connect" || q.Get("DBUser") != "nigredo_persist" || q.Get("X-Amz-Expires") != "900" ||
		q.Get("X-Amz-Security-Token") != "session" || len(q.Get("X-Amz-Signature")) != 64 ||
		!strings.HasSuffix(q.Get("X-Amz-Credential"), "/sa-east-1/rds-db/aws4_request") {
		t.Errorf("token %s", token)
	}
}

func TestStore_IAMNeedsAServerThatProvesItself(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, []byte("s3cret"), 0o600); err != nil {
		t.Fatal(err)
	}
	const good = "postgres://nigredo_persist@db.example:5432/nigredo?sslmode=verify-full"
	tests := []struct{ name, url, auth, ca, region, want string }{
		{"as in production", good, "iam", "rds", "sa-east-1", ""},
		{"certificates of the system", good, "iam", "", "sa-east-1", ""},
		{"without a region", good, "iam", "rds", "", "NIGREDO_DATABASE_AUTH: AWS_REGION: not set"},
		{"unknown", good, "s3cret", "rds", "sa-east-1", "NIGREDO_DATABASE_AUTH: want iam"},
		{"a password beside", strings.Replace(good, "@", ":s3cret@", 1), "iam", "rds", "sa-east-1", "NIGREDO_DATABASE_URL: "},
		{"name not checked", strings.Replace(good, "verify-full", "verify-ca", 1), "iam", "rds", "sa-east-1", "NIGREDO_DATABASE_URL: "},
		{"nothing checked", strings.Replace(good, "verify-full", "require", 1), "iam", "rds", "sa-east-1", "NIGREDO_DATABASE_URL: "},
		{"in the clear if need be", strings.Replace(good, "verify-full", "prefer", 1), "iam", "", "sa-east-1", "NIGREDO_DATABASE_URL: "},
		{"in the clear", strings.Replace(good, "verify-full", "disable", 1), "iam", "", "sa-east-1", "NIGREDO_DATABASE_URL: "},
		{"authorities without a check", strings.Replace(good, "verify-full", "require", 1), "", "rds", "sa-east-1", "NIGREDO_DATABASE_URL: "},
		{"no such file", good, "iam", file + "x", "sa-east-1", "NIGREDO_DATABASE_CA: want rds or a file"},
		{"no certificate", good, "iam", file, "sa-east-1", "NIGREDO_DATABASE_CA: the file has no certificate"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("NIGREDO_DATABASE_URL", tt.url)
			t.Setenv("NIGREDO_DATABASE_AUTH", tt.auth)
			t.Setenv("NIGREDO_DATABASE_CA", tt.ca)
			t.Setenv("AWS_REGION", tt.region)
			t.Setenv("AWS_DEFAULT_REGION", "")
			_, err := Store(t.Context(), "persist")
			switch {
			case tt.want == "" && err != nil:
				t.Error(err)
			case tt.want != "" && (err == nil || !strings.HasPrefix(err.Error(), tt.want) || strings.Contains(err.Error(), "s3cret")):
				t.Errorf("error %v, want %s", err, tt.want)
			}
		})
	}
}

func TestOwner_SignsInWithTheSecret(t *testing.T) {
	parsed, err := url.Parse(testdb.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	password, _ := parsed.User.Password()
	user := parsed.User.Username()
	parsed.User = nil
	t.Setenv("NIGREDO_DATABASE_URL", parsed.String())
	t.Setenv("NIGREDO_DATABASE_SECRET_ARN", secretARN)
	v := newVault(t, `{"username":"`+user+`","password":"`+password+`","engine":"postgres"}`)
	db, err := Owner(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // nothing is pending
	var got string
	if err := db.QueryRowContext(t.Context(), "select current_user").Scan(&got); err != nil || got != user {
		t.Errorf("signed in as %q, %v", got, err)
	}
	v.set(`{"username":"s3cret"`)
	if _, err := Owner(context.Background()); err == nil || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("error %v", err)
	}
	t.Setenv("NIGREDO_DATABASE_AUTH", "iam")
	if _, err := Owner(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "NIGREDO_DATABASE_SECRET_ARN: not with") {
		t.Errorf("error %v", err)
	}
}

func BenchmarkAccess_RDSAuthorities(b *testing.B) {
	b.Setenv("NIGREDO_DATABASE_CA", "rds")
	for b.Loop() {
		if err := access(&postgres.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
