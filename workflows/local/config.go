package local

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

// Where local ARNs are: AWS's default region and an account that nobody has.
const (
	region  = "us-east-1"
	account = "000000000000"
)

// The defaults of Config.
const (
	defaultAddr    = "127.0.0.1:8080"
	defaultSFNAddr = "127.0.0.1:8083"
	defaultDataDir = ".nigredo"
	// defaultDrain leaves a delivery its five seconds, and the database the rest
	// of the ten that a supervisor gives a program to end.
	defaultDrain = 7 * time.Second
	// defaultHistoryDays is as long as AWS keeps a closed execution.
	defaultHistoryDays = 90
)

// maxHistoryDays is a hundred years: time has its limits.
const maxHistoryDays = 36_500

// ErrConfig is returned by Start, Up and Migrate for a configuration that cannot
// work; the text names the variables to change.
var ErrConfig = errors.New("configuration")

// Config says what to run and where. The zero value of a field is its default,
// except RateLimit, where zero turns the limiter off.
type Config struct {
	Addr    string // site, API, login
	SFNAddr string // Step Functions API
	DataDir string
	// DatabaseURL is a PostgreSQL of the operator's own. Empty: a private one.
	DatabaseURL string
	// WebhookURL is where Fibonacci listens. Empty: the built-in receiver.
	WebhookURL string
	// WebhookSecret is "whsec_" and base64; two with a blank between them while one
	// is replaced. Empty: generated once.
	WebhookSecret string
	// RateLimit is how many submissions of one address are accepted in any hour.
	RateLimit int
	// TrustedProxies are addresses or prefixes whose X-Forwarded-For counts.
	TrustedProxies []string
	// OIDCIssuer is an outside issuer of access tokens. Empty: the embedded login
	// with its demo users, on loopback only.
	OIDCIssuer string
	// LambdaEndpoint invokes functions that are not ours. Empty: there are none.
	LambdaEndpoint string
	// LambdaOnly invokes our own functions there too, by their names in AWS, and runs none
	// in process.
	LambdaOnly bool
	// HistoryDays is how many days a closed execution is kept, its history with it.
	HistoryDays int
	// Drain is how long requests and tasks may take to finish at Close.
	Drain time.Duration

	// Cache is where pinned binaries may lie already, see cluster.CacheDir.
	Cache string
	// Output gets the logs and metrics of the program, JSON lines; nil: dropped.
	Output io.Writer
	// Progress gets sentences for the person who waits; nil: dropped.
	Progress func(string)
}

// settled is a Config that was checked, with its defaults and parsed values.
type settled struct {
	Config
	proxies []netip.Prefix
	quota   lead.Quota
	log     *zap.Logger
}

// settle fills the defaults in and refuses what cannot work, each time with the
// name of the variable to change.
func (c Config) settle() (settled, error) {
	if c.Output == nil {
		c.Output = io.Discard
	}
	if c.Progress == nil {
		c.Progress = func(string) {}
	}
	for _, field := range []struct {
		value     *string
		otherwise string
	}{{&c.Addr, defaultAddr}, {&c.SFNAddr, defaultSFNAddr}, {&c.DataDir, defaultDataDir}} {
		if *field.value == "" {
			*field.value = field.otherwise
		}
	}
	if c.Drain == 0 {
		c.Drain = defaultDrain
	}
	if c.HistoryDays == 0 {
		c.HistoryDays = defaultHistoryDays
	}
	c.LambdaEndpoint = strings.TrimSuffix(c.LambdaEndpoint, "/")
	proxies, errProxies := parseProxies(c.TrustedProxies)
	quota, errQuota := parseRateLimit(c.RateLimit)
	err := errors.Join(
		c.checkAddresses(), errProxies, errQuota, checkSecrets(c.WebhookSecret), checkHistoryDays(c.HistoryDays),
		checkURL("FIBONACCI_WEBHOOK_URL", c.WebhookURL),
		checkURL("NIGREDO_OIDC_ISSUER", c.OIDCIssuer),
		checkURL("NIGREDO_LAMBDA_ENDPOINT", c.LambdaEndpoint), c.checkLambdaOnly(),
	)
	if err != nil {
		return settled{}, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	return settled{Config: c, proxies: proxies, quota: quota}, nil
}

func (c Config) checkLambdaOnly() error {
	if c.LambdaOnly && c.LambdaEndpoint == "" {
		return errors.New("NIGREDO_LAMBDA_ONLY needs NIGREDO_LAMBDA_ENDPOINT: there is nothing else to invoke")
	}
	return nil
}

// checkAddresses keeps what anybody on the machine may use on the machine: the
// Step Functions API asks for no credentials, and the login asks the demo users
// for no password.
func (c Config) checkAddresses() error {
	public, err := loopback(c.Addr)
	if err != nil {
		return fmt.Errorf("NIGREDO_ADDR: %w", err)
	}
	if !public && c.OIDCIssuer == "" {
		return fmt.Errorf("NIGREDO_ADDR %s can be reached from other machines, and the embedded login has demo users: name an outside issuer in NIGREDO_OIDC_ISSUER, or use a loopback address", c.Addr)
	}
	private, err := loopback(c.SFNAddr)
	if err != nil {
		return fmt.Errorf("NIGREDO_SFN_ADDR: %w", err)
	}
	if !private {
		return fmt.Errorf("NIGREDO_SFN_ADDR %s can be reached from other machines, and the Step Functions API here asks for no credentials: use a loopback address", c.SFNAddr)
	}
	return nil
}

// loopback tells whether an address to listen on is reached from this machine
// only.
func loopback(address string) (bool, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false, err
	}
	if host == "localhost" {
		return true, nil
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return false, nil //nolint:nilerr // a name, or nothing at all: every address of the machine
	}
	return ip.Unmap().IsLoopback(), nil
}

func parseRateLimit(slots int) (lead.Quota, error) {
	quota, err := lead.NewQuota(slots)
	if err != nil {
		return lead.Quota{}, fmt.Errorf("NIGREDO_RATE_LIMIT: %w", err)
	}
	return quota, nil
}

func checkHistoryDays(days int) error {
	if days < 1 || days > maxHistoryDays {
		return fmt.Errorf("NIGREDO_HISTORY_DAYS is not within 1 and %d", maxHistoryDays)
	}
	return nil
}

func checkSecrets(list string) error {
	secrets := strings.Fields(list)
	if list != "" && len(secrets) != 1 && len(secrets) != 2 {
		return fmt.Errorf("FIBONACCI_WEBHOOK_SECRET holds %d secrets; want one, or two while one is replaced", len(secrets))
	}
	for _, secret := range secrets {
		if err := checkSecret(secret); err != nil {
			return err
		}
	}
	return nil
}

func checkSecret(secret string) error {
	encoded, ok := strings.CutPrefix(secret, "whsec_")
	key, err := base64.StdEncoding.DecodeString(encoded)
	if !ok || err != nil || len(key) < 24 || len(key) > 64 {
		return errors.New("FIBONACCI_WEBHOOK_SECRET is not whsec_ followed by 24 to 64 bytes in base64")
	}
	return nil
}

func checkURL(name, value string) error {
	if value == "" {
		return nil
	}
	u, err := url.Parse(value)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return fmt.Errorf("%s is not an http or https URL", name)
	}
	return nil
}

// parseProxies reads addresses and prefixes.
func parseProxies(list []string) ([]netip.Prefix, error) {
	var prefixes []netip.Prefix
	for _, entry := range list {
		entry = strings.TrimSpace(entry)
		if entry == "" {
			continue
		}
		if ip, err := netip.ParseAddr(entry); err == nil {
			prefixes = append(prefixes, netip.PrefixFrom(ip.Unmap(), ip.Unmap().BitLen()))
			continue
		}
		prefix, err := netip.ParsePrefix(entry)
		if err != nil {
			return nil, fmt.Errorf("NIGREDO_TRUSTED_PROXIES: %q is neither an address nor a prefix", entry)
		}
		prefixes = append(prefixes, prefix.Masked())
	}
	return prefixes, nil
}

// makeDataDir makes the data folder, for this user alone.
func makeDataDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the data folder (NIGREDO_DATA_DIR): %w", err)
	}
	return nil
}
