package lead

import (
	"errors"
	"strings"

	"github.com/google/uuid"
)

// alphabet has the 32 signs that survive a phone call and a scribbled note:
// digits and capitals without 0, O, 1 and I. A sign's place is its value.
const alphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

const (
	referencePrefix = "NG-"
	protocolPrefix  = "RQ-"
	referenceSigns  = 8 // seven carry 35 bits, the last one checks them
)

// errReference is what ParseReference returns for anything that NewReference
// cannot have made. No machine matches it: it answers a person's search.
var errReference = errors.New("reference: not one of ours")

// NewReference makes the reference that a prospect reads out, "NG-7K3M-9Q29",
// from the last 35 random bits of the lead's id: the same id gives the same
// reference. It is not a secret and opens nothing. Among a million leads the
// chance that a new one meets a taken reference is 1 in 34,000; the database
// refuses it then, and the repeated task makes another id.
func NewReference(id ID) string { return referencePrefix + signsOf(id) }

// NewProtocol makes the number of a rights request, "RQ-7K3M-9Q2X", from its id, as
// NewReference does for a lead. It says nothing of any lead.
func NewProtocol(id uuid.UUID) string { return protocolPrefix + signsOf(id) }

func signsOf(id uuid.UUID) string {
	var bits uint64
	for _, b := range id[11:] {
		bits = bits<<8 | uint64(b)
	}
	var signs [referenceSigns]byte
	for i := range referenceSigns - 1 {
		signs[i] = byte(bits >> (5 * i) & 31)
	}
	signs[referenceSigns-1] = check(signs[:referenceSigns-1])
	for i, v := range signs {
		signs[i] = alphabet[v]
	}
	return string(signs[:4]) + "-" + string(signs[4:])
}

// ParseReference gives the canonical form of a reference as a person may type
// it: in small letters, without prefix, with blanks for hyphens. It refuses every
// reference with one wrong sign and every one with two signs swapped.
func ParseReference(typed string) (string, error) {
	signs := strings.NewReplacer("-", "", " ", "").Replace(strings.ToUpper(typed))
	if len(signs) == referenceSigns+2 {
		signs = strings.TrimPrefix(signs, "NG")
	}
	if len(signs) != referenceSigns {
		return "", errReference
	}
	var values [referenceSigns]byte
	for i := range referenceSigns {
		v := strings.IndexByte(alphabet, signs[i])
		if v < 0 {
			return "", errReference
		}
		values[i] = byte(v)
	}
	if check(values[:referenceSigns-1]) != values[referenceSigns-1] {
		return "", errReference
	}
	return referencePrefix + signs[:4] + "-" + signs[4:], nil
}

// check is a Reed-Solomon parity sign: the values weighted by rising powers of x
// in the field of 32 elements modulo x^5+x^2+1. All weights differ and none is
// zero or that of the check sign itself, hence what ParseReference promises.
func check(values []byte) byte {
	var sum byte
	for _, v := range values {
		sum ^= v
		sum <<= 1
		if sum&32 != 0 {
			sum ^= 37
		}
	}
	return sum
}
