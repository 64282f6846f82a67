package views

import (
	"cmp"
	"context"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	"github.com/go-json-experiment/json"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/task"
)

const (
	endpoint = "POST /api/views" // the call that this activity serves
	maxBody  = 2 << 10           // bytes
)

// Store counts views. Its error is lead.ErrDatabaseUnavailable or a defect.
type Store interface {
	CountView(ctx context.Context, v lead.PageView) error
}

// beacon is the body.
type beacon struct {
	Page    string `json:"page"`
	Source  string `json:"source"`
	Variant string `json:"variant"`
	UTM     struct {
		Source   string `json:"source"`
		Medium   string `json:"medium"`
		Campaign string `json:"campaign"`
		Term     string `json:"term"`
		Content  string `json:"content"`
	} `json:"utm"`
}

// New makes the activity.
func New(env task.Env, store Store) *task.Handler {
	env = env.For("views", endpoint)
	return task.Proxy(env, task.Public, func(ctx context.Context, _ task.Caller, request events.APIGatewayProxyRequest) (task.Answer, error) {
		b, readable := read(request.Body)
		switch {
		case !takes(task.Header(request, "Content-Type")):
			return task.NewProblem(http.StatusUnsupportedMediaType, "Send text/plain or application/json in UTF-8.").Answer(nil), nil
		case len(request.Body) > maxBody:
			return task.NewProblem(http.StatusRequestEntityTooLarge, "The body has more than 2 KiB.").Answer(nil), nil
		case !readable:
			return task.NewProblem(http.StatusBadRequest, "The body is not one JSON object of page, source, variant and utm, with a page.").Answer(nil), nil
		}
		if task.Header(request, "DNT") == "1" || task.Header(request, "Sec-GPC") == "1" {
			return task.NoContent(), nil
		}
		if err := store.CountView(ctx, b.view()); err != nil {
			return task.Answer{}, err
		}
		env.Metrics.PageView(endpoint)
		return task.NoContent(), nil
	})
}

// read reads one object of the members above, each once, with a page; not more than
// maxBody of it.
func read(body string) (b beacon, ok bool) {
	if len(body) > maxBody {
		return beacon{}, false
	}
	err := json.Unmarshal([]byte(body), &b, json.RejectUnknownMembers(true))
	return b, err == nil && b.Page != ""
}

// takes tells whether a body of this type may be JSON in UTF-8.
func takes(contentType string) bool {
	media, parameters, err := mime.ParseMediaType(contentType)
	charset, hasCharset := parameters["charset"]
	return err == nil && (media == "text/plain" || media == "application/json") && (!hasCharset || strings.EqualFold(charset, "utf-8"))
}

// view makes names of ours of what was sent.
func (b beacon) view() lead.PageView {
	v := lead.PageView{
		Page: b.Page, Source: lead.Source(b.Source, b.UTM.Source),
		Variant: cmp.Or(b.Variant, b.UTM.Content, lead.NoVariant),
	}
	if !slices.Contains(lead.Pages(), v.Page) {
		v.Page = lead.Other
	}
	if !lead.IsWord(v.Source) {
		v.Source = lead.Other
	}
	if !lead.IsWord(v.Variant) {
		v.Variant = lead.Other
	}
	return v
}
