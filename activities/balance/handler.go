package balance

import (
	"context"
	"net/http"

	"github.com/aws/aws-lambda-go/events"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/task"
)

// endpoint is the call that this activity serves.
const endpoint = "GET /api/balance"

// shown is how many unaccounted leads an answer names at most.
const shown = 20

// Store keeps the books. Its errors are lead.ErrDatabaseUnavailable or defects.
type Store interface {
	// Balance gives the books.
	Balance(ctx context.Context) (lead.Balance, error)
	// Unaccounted gives leads that nothing explains, oldest first.
	Unaccounted(ctx context.Context, limit int) ([]lead.Unaccounted, error)
}

// sheet is the answer.
type sheet struct {
	lead.Balance
	Leads []entry `json:"leads"` // the oldest unaccounted ones
}

type entry struct {
	ID         string `json:"id"`
	Problem    string `json:"problem"`
	AcceptedAt string `json:"acceptedAt"`
}

// New makes the activity.
func New(env task.Env, store Store) *task.Handler {
	env = env.For("balance", endpoint)
	return task.Proxy(env, task.GetBalance, task.NoQuery(func(ctx context.Context, _ task.Caller, _ events.APIGatewayProxyRequest) (task.Answer, error) {
		books, err := store.Balance(ctx)
		if err != nil {
			return task.Answer{}, err
		}
		out := sheet{Balance: books, Leads: []entry{}}
		if books.Unaccounted > 0 {
			leads, err := store.Unaccounted(ctx, shown)
			if err != nil {
				return task.Answer{}, err
			}
			for _, l := range leads {
				out.Leads = append(out.Leads, entry{l.LeadID.String(), string(l.Problem), task.Time(l.AcceptedAt)})
			}
		}
		return task.JSON(http.StatusOK, out, nil), nil
	}))
}
