package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// StaticKeys is the key set of an issuer in this program.
type StaticKeys jose.JSONWebKeySet

// Key implements KeySource.
func (s StaticKeys) Key(_ context.Context, id string) (*jose.JSONWebKey, error) {
	return keyOf(jose.JSONWebKeySet(s), id)
}

func keyOf(set jose.JSONWebKeySet, id string) (*jose.JSONWebKey, error) {
	for _, k := range set.Key(id) {
		if k.Valid() && k.IsPublic() && (k.Use == "" || k.Use == "sig") {
			return &k, nil
		}
	}
	return nil, refused("unknown key")
}

// How often an unknown kid may make RemoteKeys ask the issuer again: a stream of
// forged tokens must not become a stream of requests. An issuer that could not be
// reached is asked again sooner.
const (
	refreshEvery = 5 * time.Minute
	retryEvery   = 5 * time.Second
)

// maxKeySet bounds what is read of a discovery document or a key set.
const maxKeySet = 1 << 20

// RemoteKeys fetches an issuer's keys by OpenID discovery, at the first token,
// keeps them, and asks again for an unknown kid at most every 5 minutes.
type RemoteKeys struct {
	issuer string
	client *http.Client
	now    func() time.Time

	mu    sync.Mutex
	set   jose.JSONWebKeySet
	again time.Time // when the issuer may be asked again
}

// NewRemoteKeys returns the keys of an issuer. Nothing is fetched yet.
func NewRemoteKeys(issuer string, client *http.Client, now func() time.Time) *RemoteKeys {
	return &RemoteKeys{issuer: strings.TrimSuffix(issuer, "/"), client: client, now: now}
}

// Key implements KeySource.
func (k *RemoteKeys) Key(ctx context.Context, id string) (*jose.JSONWebKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	key, err := keyOf(k.set, id)
	if err == nil {
		return key, nil
	}
	if k.now().Before(k.again) {
		return nil, err
	}
	set, err := k.fetch(ctx)
	if err != nil {
		k.again = k.now().Add(retryEvery)
		return nil, fmt.Errorf("fetch keys of %s: %w", k.issuer, err)
	}
	k.set, k.again = set, k.now().Add(refreshEvery)
	return keyOf(k.set, id)
}

func (k *RemoteKeys) fetch(ctx context.Context) (jose.JSONWebKeySet, error) {
	var discovery struct {
		Issuer  string `json:"issuer"`
		JWKSURI string `json:"jwks_uri"`
	}
	if err := k.get(ctx, k.issuer+"/.well-known/openid-configuration", &discovery); err != nil {
		return jose.JSONWebKeySet{}, err
	}
	if discovery.Issuer != k.issuer {
		return jose.JSONWebKeySet{}, fmt.Errorf("discovery names another issuer, %q", discovery.Issuer)
	}
	var set jose.JSONWebKeySet
	err := k.get(ctx, discovery.JWKSURI, &set)
	return set, err
}

func (k *RemoteKeys) get(ctx context.Context, url string, v any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil) //nolint:gosec // the issuer of the configuration, or the address it names
	if err != nil {
		return err
	}
	res, err := k.client.Do(req) //nolint:gosec // as above
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("get %s: status %d", url, res.StatusCode)
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, maxKeySet)).Decode(v); err != nil {
		return fmt.Errorf("get %s: %w", url, err)
	}
	return nil
}
