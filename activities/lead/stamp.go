package lead

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
	"time"
)

// The times of a stamp.
const (
	StampFast   = 2 * time.Second // a form sent back earlier was not filled in by a person
	StampKeep   = 24 * time.Hour  // a form sent back later lay open too long to tell
	stampFuture = time.Minute     // what two clocks of ours may differ
)

// Sizes of a stamp's parts, in bytes.
const (
	stampNonce  = 9
	minStampKey = 32
	maxStampKey = 64
)

const stampVersion = "v1"

// Stamper issues and reads stamps. A stamp says when a form was handed out, and
// that we said so; it names nobody and is kept nowhere:
//
//	v1.<milliseconds since 1970>.<nonce>.<HMAC-SHA256 of all before this dot>
//
// in base64url without padding. The nonce keeps two stamps of one millisecond
// apart. Another key makes every stamp before it a forged one, which is as none.
type Stamper struct{ key []byte }

// NewStamper takes a key of 32 to 64 bytes in base64, see NewStampKey. Its error
// does not quote the key.
func NewStamper(key string) (Stamper, error) {
	b, err := base64.StdEncoding.DecodeString(key)
	if err != nil || len(b) < minStampKey || len(b) > maxStampKey {
		return Stamper{}, errors.New("the key of the stamps is not 32 to 64 bytes in base64")
	}
	return Stamper{key: b}, nil
}

// NewStampKey makes a key.
func NewStampKey() string {
	key := make([]byte, minStampKey)
	_, _ = rand.Read(key) // never fails, see crypto/rand
	return base64.StdEncoding.EncodeToString(key)
}

// Issue makes a stamp of the time at.
func (s Stamper) Issue(at time.Time) string {
	nonce := make([]byte, stampNonce)
	_, _ = rand.Read(nonce)
	signed := strings.Join([]string{stampVersion, strconv.FormatInt(at.UnixMilli(), 10), base64.RawURLEncoding.EncodeToString(nonce)}, ".")
	return signed + "." + base64.RawURLEncoding.EncodeToString(s.sign(signed))
}

func (s Stamper) sign(text string) []byte {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

// Age tells how old a stamp is at now. Not ok: it is none of ours.
func (s Stamper) Age(stamp string, now time.Time) (age time.Duration, ok bool) {
	end := strings.LastIndexByte(stamp, '.')
	if end < 0 {
		return 0, false
	}
	signature, err := base64.RawURLEncoding.DecodeString(stamp[end+1:])
	if err != nil || !hmac.Equal(signature, s.sign(stamp[:end])) {
		return 0, false
	}
	// We signed it, so that it has the form in which we write.
	parts := strings.Split(stamp, ".")
	if len(parts) != 4 || parts[0] != stampVersion {
		return 0, false
	}
	issued, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil {
		return 0, false
	}
	age = now.Sub(time.UnixMilli(issued))
	return max(age, 0), age > -stampFuture
}
