package lead_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

const signs = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

func drawReference(t *rapid.T) string {
	var id uuid.UUID
	copy(id[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
	return lead.NewReference(id)
}

func TestNewReference_IsStableAndReadable(t *testing.T) {
	t.Parallel()
	id := uuid.MustParse("01930000-0000-7000-8000-0123456789ab")
	if got, want := lead.NewReference(id), "NG-DF4H-Q4F9"; got != want {
		t.Errorf("reference = %s, want %s: references in prospects' mail must not change", got, want)
	}
	rapid.Check(t, func(t *rapid.T) {
		ref := drawReference(t)
		if strings.ContainsAny(ref[3:], "01IO") || len(ref) != len("NG-7K3M-9Q2X") {
			t.Fatalf("reference %s", ref)
		}
	})
}

func TestParseReference_TakesWhatPeopleType(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		ref := drawReference(t)
		for _, typed := range []string{ref, strings.ToLower(ref), ref[3:], strings.ReplaceAll(ref, "-", ""), " " + strings.ReplaceAll(ref, "-", " ") + " "} {
			got, err := lead.ParseReference(typed)
			if err != nil || got != ref {
				t.Fatalf("ParseReference(%q) = %q, %v", typed, got, err)
			}
		}
	})
}

func TestParseReference_RefusesOneWrongSign(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		ref := []byte(drawReference(t)[3:])
		at := rapid.SampledFrom([]int{0, 1, 2, 3, 5, 6, 7, 8}).Draw(t, "at")
		wrong := signs[rapid.IntRange(0, 31).Draw(t, "sign")]
		if ref[at] == wrong {
			t.Skip("not wrong")
		}
		ref[at] = wrong
		if got, err := lead.ParseReference(string(ref)); err == nil {
			t.Fatalf("took %q as %q", ref, got)
		}
	})
}

func TestParseReference_RefusesTwoSignsSwapped(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		ref := bytes.ReplaceAll([]byte(drawReference(t)[3:]), []byte("-"), nil)
		i, j := rapid.IntRange(0, 7).Draw(t, "i"), rapid.IntRange(0, 7).Draw(t, "j")
		if ref[i] == ref[j] {
			t.Skip("no change")
		}
		ref[i], ref[j] = ref[j], ref[i]
		if got, err := lead.ParseReference(string(ref)); err == nil {
			t.Fatalf("took %q as %q", ref, got)
		}
	})
}

func TestParseReference_RefusesWhatIsNone(t *testing.T) {
	t.Parallel()
	for _, typed := range []string{"", "NG-", "NG-2222", "NG-DF4H-Q4F92", "NG-OF4H-Q4F9", "XX-DF4H-Q4F9", "NG-DF4H-Q4ß", "\x00\x00\x00\x00\x00\x00\x00\x00"} {
		if got, err := lead.ParseReference(typed); err == nil {
			t.Errorf("ParseReference(%q) = %q, want a refusal", typed, got)
		}
	}
}
