package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	awsconfig "github.com/aws/aws-sdk-go-v2/config"

	"github.com/alquimista-ai/nigredo/infra/config"
	"github.com/alquimista-ai/nigredo/infra/cost"
	"github.com/alquimista-ai/nigredo/infra/deploy"
	"github.com/alquimista-ai/nigredo/migrations"
)

// awsFlags say which deployment is meant.
type awsFlags struct {
	Env string `required:"" enum:"dev,staging,prod" help:"dev, staging or prod."`
}

type deployCmd struct {
	awsFlags
	jsonFlag
	Only     string `enum:"backend,frontend," default:"" help:"Deploy backend or frontend alone."`
	DryRun   bool   `help:"Say what would change, and change nothing."`
	TakeOver bool   `help:"Begin although another deployment stopped less than an hour ago."`
}

// Run deploys what make synth wrote, or says what would change.
func (c *deployCmd) Run(a *app) error {
	s, err := c.session(a)
	if err != nil {
		return err
	}
	if s.Version, s.Dirty, err = commit(a.ctx); err != nil {
		return err
	}
	if !c.DryRun {
		return deployed(s.Deploy(a.ctx, deploy.Part(c.Only), c.TakeOver))
	}
	preview := preview{Warning: cost.Warning(s.Config)}
	if preview.Month, err = cost.Of(s.Config, cost.Load{Leads: cost.CeilingLeads, ViewsPerLead: viewsPerLead}); err != nil {
		return err
	}
	if preview.Changes, err = s.DryRun(a.ctx, deploy.Part(c.Only)); err != nil {
		return deployed(err)
	}
	if c.JSON {
		return printJSON(a.stdout, preview)
	}
	return preview.print(a, c.Env)
}

// viewsPerLead are the page views for each lead that the month is reckoned with, as
// nigredo cost does unless it is told otherwise.
const viewsPerLead = 20

// preview is the document of --dry-run --json.
type preview struct {
	Changes []deploy.Changes `json:"stacks"`
	Month   cost.Estimate    `json:"month"`
	Warning string           `json:"warning,omitempty"`
}

func (p preview) print(a *app, environment string) error {
	for _, stack := range p.Changes {
		heading := stack.Stack
		if stack.New {
			heading += " (new)"
		}
		if err := a.println(heading + "\n  " + strings.Join(stack.Lines, "\n  ")); err != nil {
			return err
		}
	}
	if err := a.println(fmt.Sprintf("A month of %d leads is reckoned at USD %.2f (nigredo cost --env %s)", p.Month.Leads, p.Month.Total, environment)); err != nil {
		return err
	}
	if p.Warning != "" {
		a.progress("Warning: " + p.Warning)
	}
	a.progress("Nothing was changed. Next: nigredo deploy --env " + environment)
	return nil
}

type verifyCmd struct {
	awsFlags
	jsonFlag
	Token string `config:"NIGREDO_TOKEN" placeholder:"JWT" help:"Access token of an operator; without it nothing is read back."`
	Leads bool   `help:"Send test leads, of the source verification; repeats make no new ones."`
}

// Run tries a deployment out and prints a table, or JSON.
func (c *verifyCmd) Run(a *app) error {
	s, err := c.session(a)
	if err != nil {
		return err
	}
	v := deploy.Verification{Token: c.Token, Leads: c.Leads}
	raw, err := os.ReadFile(filepath.Join("site", "dist", "site.json"))
	if err != nil {
		return refused("the site is not built, so that nothing says which headers it must have: run make site")
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		return fmt.Errorf("read site.json: %w", err)
	}
	checks, err := s.Verify(a.ctx, v)
	if err != nil {
		return deployed(err)
	}
	failed := 0
	rows := [][]string{{"ID", "CHECK", "STATUS", "NOTE"}}
	for _, check := range checks {
		rows = append(rows, []string{check.ID, check.Name, check.Status, check.Note})
		if check.Status == "failed" {
			failed++
		}
	}
	if c.JSON {
		err = printJSON(a.stdout, checks)
	} else {
		err = table(a.stdout, rows)
	}
	if err == nil && failed > 0 {
		err = fmt.Errorf("%d of %d checks failed", failed, len(checks))
	}
	return err
}

type rollbackCmd struct {
	awsFlags
	jsonFlag
	Plan bool `help:"Say what would be moved, and move nothing."`
}

// Run moves aliases and site back to the release before.
func (c *rollbackCmd) Run(a *app) error {
	s, err := c.session(a)
	if err != nil {
		return err
	}
	if !c.Plan {
		return deployed(s.Rollback(a.ctx))
	}
	plan, err := s.PlanRollback(a.ctx)
	if err != nil {
		return deployed(err)
	}
	if c.JSON {
		return printJSON(a.stdout, plan)
	}
	return a.println(fmt.Sprintf("From %s to %s\nMoves\n  %s\nStays\n  %s", plan.From, plan.To, strings.Join(plan.Moves, "\n  "), strings.Join(plan.Stays, "\n  ")))
}

type stopTrafficCmd struct{ awsFlags }

// Run answers everybody with 503.
func (c *stopTrafficCmd) Run(a *app) error {
	s, err := c.session(a)
	if err != nil {
		return err
	}
	return deployed(s.StopTraffic(a.ctx))
}

type resumeTrafficCmd struct{ awsFlags }

// Run lets everybody through.
func (c *resumeTrafficCmd) Run(a *app) error {
	s, err := c.session(a)
	if err != nil {
		return err
	}
	return deployed(s.ResumeTraffic(a.ctx))
}

type destroyCmd struct {
	awsFlags
	Yes bool `help:"Do not ask for the environment's name."`
}

// Run deletes the stacks of dev or staging, once its name was typed.
func (c *destroyCmd) Run(a *app) error {
	if c.Env == "prod" {
		return refused("prod is never destroyed: nigredo rollback takes a version back, nigredo stop-traffic stops traffic")
	}
	if !c.Yes {
		if !a.isTerminal(a.stdin) {
			return usage(errors.New("nobody can be asked, since standard input is no terminal: add --yes"))
		}
		a.progress("This deletes every lead and every stack of " + c.Env + ". Type its name:")
		var typed string
		if _, err := fmt.Fscanln(a.stdin, &typed); err != nil || typed != c.Env {
			return refused("nothing was destroyed")
		}
	}
	s, err := c.session(a)
	if err != nil {
		return err
	}
	return deployed(s.Destroy(a.ctx))
}

// deployed gives an error of a deployment its exit code.
func deployed(err error) error {
	if errors.Is(err, deploy.ErrRefused) {
		return &failure{exitRefused, err}
	}
	return err
}

// answerLimit is how long one call of a deployed address, or of the webhook's receiver,
// may take. Calls of AWS have limits of their own.
const answerLimit = 30 * time.Second

// credentialsLimit is how long credentials may be looked for. The last place of the
// SDK's is a machine's own role, which a machine outside EC2 waits for in vain.
const credentialsLimit = 5 * time.Second

// session loads configuration and credentials. Run it at the top of a checkout.
func (f awsFlags) session(a *app) (*deploy.Session, error) {
	c, err := config.Load(f.Env)
	if err != nil {
		return nil, usage(err)
	}
	if _, err := os.Stat(filepath.Join("infra", "config")); err != nil {
		return nil, refused("run this at the top of a checkout of Nigredo: infra/config is not here")
	}
	if c.Account == config.Placeholder {
		return nil, refused("infra/config/%s.json has the placeholder for its account: put the twelve digits of the AWS account there, commit, and build again with make build", f.Env)
	}
	loaded, err := awsconfig.LoadDefaultConfig(a.ctx, awsconfig.WithRegion(c.Region))
	if err != nil {
		return nil, refused("the configuration of AWS's tools on this machine cannot be used: %w", err)
	}
	ctx, cancel := context.WithTimeout(a.ctx, credentialsLimit)
	defer cancel()
	if _, err := loaded.Credentials.Retrieve(ctx); err != nil {
		return nil, refused("there are no credentials of AWS, nothing was changed: sign in with aws sso login and name the profile in AWS_PROFILE, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; then run the same command again (%w)", err)
	}
	known, err := migrations.Nigredo().Versions()
	if err != nil {
		return nil, err
	}
	return &deploy.Session{
		Config: c, Backend: deploy.NewServices(loaded, c.Region), Frontend: deploy.NewServices(loaded, config.SiteRegion),
		Assembly: filepath.Join("infra", "cdk.out"), Lambdas: filepath.Join("bin", "lambda"),
		Site: os.DirFS(filepath.Join("site", "dist", "public")), Migrations: known,
		Tools: deploy.Programs{Folder: filepath.Join("infra", "tools", "cdk"), Env: os.Environ(), Out: a.stderr},
		HTTP:  &http.Client{Timeout: answerLimit, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		Now:   time.Now,
		Pause: pause,
		Tell:  a.progress,
	}, nil
}

// commit names what is deployed, and tells whether the work tree has changes beside it.
func commit(ctx context.Context) (version string, dirty bool, err error) {
	version, err = git(ctx, "rev-parse", "--short=12", "HEAD")
	if err != nil {
		return "", false, refused("a version is named by its commit, and git does not tell it: %w", err)
	}
	changed, err := git(ctx, "status", "--porcelain")
	if err != nil {
		return "", false, refused("git: %w", err)
	}
	return version, changed != "", nil
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func git(ctx context.Context, args ...string) (string, error) {
	out, err := exec.CommandContext(ctx, "git", args...).Output() //nolint:gosec // arguments of ours
	return strings.TrimSpace(string(out)), err
}
