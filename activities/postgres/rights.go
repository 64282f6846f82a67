package postgres

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/postgres/db"
)

// ReceiveRightsRequest takes a request of a data subject in. The same content from
// the same address within the window of lead.RightsQuota gets the first protocol
// again and writes nothing. An address that is none is an error.
func (s *Store) ReceiveRightsRequest(ctx context.Context, r lead.NewRightsRequest) (lead.RightsReceipt, error) {
	bucket, err := lead.Bucket(r.Address)
	if err != nil {
		return lead.RightsReceipt{}, err
	}
	id, quota := newID(), lead.RightsQuota()
	content := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q", r.Kind, r.EmailNorm, r.Reference, r.Message))
	var row db.ReceiveRightsRequestRow
	err = s.run(ctx, "receive rights request", func(q *db.Queries) (err error) {
		row, err = q.ReceiveRightsRequest(ctx, db.ReceiveRightsRequestParams{
			ID: id, Protocol: lead.NewProtocol(id), Kind: string(r.Kind), Email: r.Email, EmailNorm: r.EmailNorm,
			Reference: r.Reference, Message: r.Message, Locale: r.Locale,
			Bucket: bucket, Fingerprint: content[:], Slots: int32(quota.Slots), Span: quota.Window, EntryIds: entryIDs(),
		})
		return err
	})
	return lead.RightsReceipt{Protocol: row.Protocol, RetryAfter: row.RetryAfter}, err
}

// entryIDs are ids for the ledger entries of all the leads that one request can have.
func entryIDs() []uuid.UUID {
	ids := make([]uuid.UUID, lead.MaxRightsLeads)
	for i := range ids {
		ids[i] = newID()
	}
	return ids
}

// RightsRequests gives requests, what is due first first, at most filter.Limit.
func (s *Store) RightsRequests(ctx context.Context, filter lead.RightsFilter) ([]lead.RightsRequest, error) {
	after := filter.After
	if after.CreatedAt.IsZero() {
		after.CreatedAt = time.Unix(0, 0)
	}
	var requests []lead.RightsRequest
	err := s.run(ctx, "list rights requests", func(q *db.Queries) error {
		rows, err := q.ListRightsRequests(ctx, db.ListRightsRequestsParams{
			AfterDueAt: after.CreatedAt, AfterID: after.ID, Status: string(filter.Status), PageSize: int32(filter.Limit),
		})
		for _, row := range rows {
			requests = append(requests, rightsRequest(row.RightsRequest, row.DaysLeft))
		}
		return err
	})
	return requests, err
}

// RightsDue counts the open requests by when they are due.
func (s *Store) RightsDue(ctx context.Context) (lead.RightsDue, error) {
	var due lead.RightsDue
	err := s.run(ctx, "count rights requests due", func(q *db.Queries) error {
		row, err := q.RightsDue(ctx, db.RightsDueParams{Soon: lead.RightsDueSoon, AtOnce: lead.RightsDueAtOnce})
		due = lead.RightsDue{Open: int(row.Open), Soon: int(row.Soon), AtOnce: int(row.AtOnce), Overdue: int(row.Overdue)}
		return err
	})
	return due, err
}

// ViewRightsRequest gives one request whole and writes the look to the ledger of
// every lead that it belongs to, in one statement. False: there is none.
func (s *Store) ViewRightsRequest(ctx context.Context, id uuid.UUID, actor string) (found lead.RightsRequest, ok bool, err error) {
	err = s.run(ctx, "view rights request", func(q *db.Queries) error {
		row, err := q.ViewRightsRequest(ctx, db.ViewRightsRequestParams{ID: id, Actor: rightsActor(actor), EntryIds: entryIDs()})
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		found, ok = rightsRequest(row.RightsRequest, row.DaysLeft), err == nil
		return err
	})
	return found, ok, err
}

// CloseRightsRequest ends a request. It gives the request and whether this call ended
// it; one that was closed before is as it was, one without an id is none.
func (s *Store) CloseRightsRequest(ctx context.Context, c lead.RightsClosing) (found lead.RightsRequest, closed bool, err error) {
	err = s.begin(ctx, "close rights request", func(q *db.Queries) error {
		n, err := q.CloseRightsRequest(ctx, db.CloseRightsRequestParams{
			ID: c.ID, Outcome: string(c.Outcome), Reason: clean(c.Reason), Actor: rightsActor(c.Actor), EntryIds: entryIDs(),
		})
		if err != nil {
			return err
		}
		row, err := q.GetRightsRequest(ctx, c.ID)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		found, closed = rightsRequest(row.RightsRequest, row.DaysLeft), n == 1
		return err
	})
	return found, closed, err
}

func rightsActor(subject string) string {
	return cutBytes(clean(cmp.Or(subject, "unknown")), maxActor)
}

func rightsRequest(r db.RightsRequest, daysLeft int32) lead.RightsRequest {
	out := lead.RightsRequest{
		ID: r.ID, Protocol: r.Protocol, Kind: lead.RightsKind(r.Kind), Email: r.Email, Reference: text(r.Reference), Message: text(r.Message),
		Locale: r.Locale, Leads: r.LeadIds, Status: lead.RightsStatus(r.Status), ReceivedAt: r.ReceivedAt.UTC(), DueAt: r.DueAt.UTC(),
		DaysLeft: int(daysLeft), Outcome: lead.RightsOutcome(text(r.Outcome)), Reason: text(r.Reason), ClosedBy: text(r.ClosedBy),
	}
	if r.AnsweredAt != nil {
		out.AnsweredAt = r.AnsweredAt.UTC()
	}
	return out
}
