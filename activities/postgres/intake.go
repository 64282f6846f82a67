package postgres

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/postgres/db"
)

// Reserve claims the key of a submission for owner, an execution, and with it
// one slot of the address. The same owner may ask again and holds the same slot.
// A reservation is void after 30 seconds. Only the outcome reserved writes.
// Lead.Invalid: the address or the key is none.
func (s *Store) Reserve(ctx context.Context, submission lead.Submission, owner string) (lead.Reservation, error) {
	bucket, err := lead.Bucket(submission.Address)
	if err != nil {
		return lead.Reservation{}, fmt.Errorf("reserve slot: %w", err)
	}
	key, err := digest(submission.Key.Hash)
	if err != nil {
		return lead.Reservation{}, fmt.Errorf("reserve slot: key: %w", err)
	}
	fingerprint, err := digest(submission.Key.Fingerprint)
	if err != nil {
		return lead.Reservation{}, fmt.Errorf("reserve slot: fingerprint: %w", err)
	}
	var row db.ReserveRow
	err = s.run(ctx, "reserve slot", func(q *db.Queries) (err error) {
		row, err = q.Reserve(ctx, db.ReserveParams{
			Key: key, Fingerprint: fingerprint, Owner: owner,
			Bucket: bucket, Slots: int32(s.quota.Slots), Span: s.quota.Window,
		})
		return err
	})
	if err != nil {
		return lead.Reservation{}, err
	}
	reservation := lead.Reservation{
		Outcome:    lead.Outcome(row.Outcome),
		Owner:      row.Owner,
		RetryAfter: row.RetryAfter,
	}
	if reservation.Outcome == lead.OutcomeReplay {
		reservation.EventID = row.EventID
		reservation.Deliver = row.Deliver
		reservation.Receipt = lead.Receipt{
			ID: row.LeadID, Reference: row.Reference, Status: lead.StatusAccepted, CreatedAt: row.CreatedAt.UTC(),
		}
	}
	return reservation, nil
}

// Accept makes the lead, if a.Execution still holds the reservation of its key,
// and gives the time of acceptance, which is the database's. Not held: nothing was
// written; the reservation is void, was given back, or is completed already.
// a.Receipt.CreatedAt is not read. Spam is written as quarantined and its
// delivery as held.
func (s *Store) Accept(ctx context.Context, a lead.Accepted) (at time.Time, held bool, err error) {
	submission := a.Submission
	address, err := netip.ParseAddr(submission.Address)
	if err != nil {
		return time.Time{}, false, fmt.Errorf("accept lead: %w: the caller's address is no IP address", lead.ErrInvalid)
	}
	address = address.Unmap().WithZone("")
	key, err := digest(submission.Key.Hash)
	if err != nil {
		return time.Time{}, false, fmt.Errorf("accept lead: key: %w", err)
	}
	signals, err := json.Marshal(append([]lead.Signal{}, submission.Signals...))
	if err != nil {
		return time.Time{}, false, fmt.Errorf("accept lead: signals: %w", err)
	}
	status, deliver := lead.StatusAccepted, true
	if submission.Verdict == lead.VerdictSpam {
		status, deliver = lead.StatusQuarantined, false
	}
	params := db.AcceptParams{
		Key: key, Owner: a.Execution, Keep: submission.Key.Keep,
		Slots: int32(s.quota.Slots), Span: s.quota.Window,
		LeadID: a.Receipt.ID, EventID: a.EventID, EntryID: newID(),
		Reference: a.Receipt.Reference, Status: string(status), Deliver: deliver,
		Name: submission.Name, Email: submission.Email, EmailNorm: submission.EmailNorm,
		Company: submission.Company, Phone: submission.Phone, Message: submission.Message,
		Source: submission.Source, Locale: submission.Locale, Verdict: string(submission.Verdict), Signals: signals,
		UtmSource: submission.UTM["source"], UtmMedium: submission.UTM["medium"], UtmCampaign: submission.UTM["campaign"],
		UtmTerm: submission.UTM["term"], UtmContent: submission.UTM["content"], Variant: submission.Variant,
		Address: netip.PrefixFrom(address, address.BitLen()), UserAgentHash: submission.UserAgentHash,
		Form: submission.Form, RequestID: submission.RequestID, ReceivedAt: a.StartedAt,
		Marketing: submission.Consent.Marketing, TextID: submission.Consent.TextID,
		TextVersion: submission.Consent.TextVersion, TextHash: submission.Consent.TextHash, Recognised: submission.Consent.Recognised,
		MarketingTextHash: submission.Consent.MarketingTextHash, MarketingRecognised: submission.Consent.MarketingRecognised,
	}
	err = s.run(ctx, "accept lead", func(q *db.Queries) error {
		var err error
		at, err = q.Accept(ctx, params)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		held = err == nil
		return err
	})
	return at.UTC(), held, err
}

// Release gives the reservation of owner back at once. What it does not hold, or
// has completed, stays.
func (s *Store) Release(ctx context.Context, key lead.Key, owner string) error {
	hash, err := digest(key.Hash)
	if err != nil {
		return fmt.Errorf("release slot: key: %w", err)
	}
	return s.run(ctx, "release slot", func(q *db.Queries) error {
		return q.Release(ctx, db.ReleaseParams{Key: hash, Owner: owner})
	})
}

// digest reads a SHA-256 in hex.
func digest(text string) ([]byte, error) {
	sum, err := hex.DecodeString(text)
	if err != nil || len(sum) != 32 {
		return nil, fmt.Errorf("%w: no SHA-256 in hex", lead.ErrInvalid)
	}
	return sum, nil
}
