package main

import (
	"strings"
	"testing"
)

func TestSecret_RotatedShownAndMasked(t *testing.T) {
	t.Parallel()
	env := folder(t)
	rotated := nigredo(t, env, "secret", "rotate", "--overlap", "1h")
	rotated.want(t, 0, "operator of the receiver must have replaced the old secret")
	secret := strings.TrimSpace(rotated.stdout)
	if !strings.HasPrefix(secret, "whsec_") || strings.ContainsAny(secret, " \n") || strings.Contains(rotated.stderr, secret) {
		t.Fatalf("got %q and %q; want the secret alone, once", rotated.stdout, rotated.stderr)
	}
	nigredo(t, env, "secret", "rotate").want(t, exitRefused, "the next is possible at 20")

	masked := nigredo(t, env, "secret", "show")
	masked.want(t, 0, "")
	if strings.Contains(masked.stdout, secret) || !strings.Contains(masked.stdout, secret[:10]+"…  rotated\n") || strings.Count(masked.stdout, "\n") != 3 {
		t.Errorf("got\n%s\nwant two masked secrets, the new one first", masked.stdout)
	}
	revealed := nigredo(t, env, "secret", "show", "--reveal", "--json")
	shown := validJSON(t, revealed)
	secrets := shown["secrets"].([]any)
	first, second := secrets[0].(map[string]any), secrets[1].(map[string]any)
	if shown["inUse"] != true || first["secret"] != secret || first["until"] != nil || second["until"] == nil {
		t.Errorf("got %v", shown)
	}

	nigredo(t, env, "secret", "rotate", "--force", "--overlap", "0s").want(t, 0, "The secret before has ended")
	if left := validJSON(t, nigredo(t, env, "secret", "show", "--json"))["secrets"].([]any); len(left) != 1 {
		t.Errorf("%d secrets in force, want one", len(left))
	}
}

func TestSecretRotate_Refuses(t *testing.T) {
	t.Parallel()
	env := folder(t)
	for _, overlap := range []string{"-1s", "721h", "x"} {
		nigredo(t, env, "secret", "rotate", "--overlap="+overlap).want(t, exitUsage, "nigredo --help")
	}
	env["FIBONACCI_WEBHOOK_SECRET"] = "set"
	nigredo(t, env, "secret", "rotate", "--force").want(t, exitRefused, "signed with FIBONACCI_WEBHOOK_SECRET")
	shown := nigredo(t, env, "secret", "show", "--json")
	shown.want(t, 0, "not in use")
	if validJSON(t, shown)["inUse"] != false {
		t.Errorf("got %s", shown.stdout)
	}
}
