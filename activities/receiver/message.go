package receiver

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// bodySize is the largest event that a receiver must take: Standard Webhooks
// asks senders to stay below it.
const bodySize = 20 << 10

// message is one request: what is sent, and what is wrong with it.
type message struct {
	what   string
	id     string
	data   any
	skew   time.Duration               // of the timestamp, from now
	alter  func(h http.Header, s sent) // of the headers
	spread bool                        // see spread
	fix    string                      // in place of the check's
}

// sent is what the headers of a message were made from.
type sent struct {
	id   string
	at   time.Time
	body []byte
}

// data is what a test event holds: members of lead.created, nobody's.
type data struct {
	Name    string `json:"name"`
	Message string `json:"message"`
}

var plain = data{Name: "Webhook Test", Message: "A test event of nigredo receiver check. It is about nobody and asks for nothing."}

var marked = data{Name: "Webhook & Test", Message: "<" + plain.Message + ">"}

// extended has a member that no receiver knows.
type extended struct {
	data
	AddedLater map[string]any `json:"addedLater"`
}

// names are of no person. They hold an apostrophe, Han, an emoji of several code
// points, combining accents, and letters that are written from right to left.
const names = "O'Brien, \u5f20\u4f1f, \U0001f469\U0001f3fd\u200d\U0001f52c, Zoe\u0308 Nun\u0303ez, \u0646\u0648\u0631, \u05e0\u05d5\u05e2\u05d4"

// newID gives an id that has the form of every delivery's.
func newID() string { return "msg_" + uuid.Must(uuid.NewV7()).String() }

// bodyOf is an event of type nigredo.test (states/schemas).
func bodyOf(content any, at time.Time) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(struct {
		Type      string `json:"type"`
		Timestamp string `json:"timestamp"`
		Data      any    `json:"data"`
	}{"nigredo.test", at.UTC().Format("2006-01-02T15:04:05.000Z07:00"), content})
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// spread is the event in other bytes, which nobody who writes it anew gets: with
// white space, and escapes where none need be.
func spread(body []byte) ([]byte, error) {
	var spaced, escaped bytes.Buffer
	err := json.Indent(&spaced, body, "", " ")
	json.HTMLEscape(&escaped, spaced.Bytes())
	return escaped.Bytes(), err
}

// large is data that makes a body of bodySize bytes.
func large(at time.Time) (data, error) {
	d := plain
	body, err := bodyOf(d, at)
	d.Message += strings.Repeat(".", max(bodySize-len(body), 0))
	return d, err
}

// signer signs as the sender does: an entry for each secret.
type signer []*standardwebhooks.Webhook

func newSigner(secrets []string) (signer, error) {
	if n := len(secrets); n < 1 || n > 2 {
		return nil, fmt.Errorf("%d secrets; want one, or two while one is replaced", n)
	}
	var s signer
	for _, secret := range secrets {
		encoded, ok := strings.CutPrefix(secret, "whsec_")
		key, err := base64.StdEncoding.DecodeString(encoded)
		if !ok || err != nil || len(key) < 24 || len(key) > 64 {
			return nil, errors.New("the secret is not whsec_ followed by 24 to 64 bytes in base64")
		}
		one, err := standardwebhooks.NewWebhookRaw(key)
		if err != nil {
			return nil, err
		}
		s = append(s, one)
	}
	return s, nil
}

// stranger signs with a secret that nobody knows.
func stranger() (signer, error) {
	one, err := standardwebhooks.NewWebhookRaw(random(32))
	return signer{one}, err
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails, see crypto/rand
	return b
}

func (s signer) sign(m sent) string {
	entries := make([]string, len(s))
	for i, one := range s {
		entries[i], _ = one.Sign(m.id, m.at, m.body) // the library's Sign has no failure
	}
	return strings.Join(entries, " ")
}

func headers(s signer, m sent) http.Header {
	h := http.Header{}
	h.Set("Content-Type", "application/json")
	h.Set("User-Agent", "Nigredo/1 (receiver check)")
	h.Set(standardwebhooks.HeaderWebhookID, m.id)
	h.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(m.at.Unix(), 10))
	h.Set(standardwebhooks.HeaderWebhookSignature, s.sign(m))
	return h
}
