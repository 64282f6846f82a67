package deploy

import (
	"context"
	"fmt"
	"maps"
	"path"
	"slices"

	"github.com/alquimista-ai/nigredo/migrations"
)

// Plan is what a rollback would move, in words.
type Plan struct {
	From  string   `json:"from"`
	To    string   `json:"to"`
	Moves []string `json:"moves"`
	// Stays is what it leaves as it is.
	Stays []string `json:"stays"`

	from, to *Release
}

// PlanRollback says what Rollback would do, or why it is refused. It changes nothing.
func (s *Session) PlanRollback(ctx context.Context) (*Plan, error) {
	from, err := s.live(ctx)
	if err != nil {
		return nil, err
	}
	if from == nil {
		return nil, refuse("no release is recorded in %s", s.Config.Environment)
	}
	var j journal
	found, err := s.get(ctx, "deployment", &j)
	if err != nil {
		return nil, err
	}
	if found && !j.Finished && j.Release != from.Name {
		return nil, refuse("the deployment of %s stopped before it moved anything: %s is still live, and there is nothing to take back", j.Release, from.Name)
	}
	if from.Before == "" {
		return nil, refuse("%s is the first release: there is none before it", from.Name)
	}
	to, err := s.release(ctx, from.Before)
	if err != nil {
		return nil, err
	}
	if from.Schema > s.newest() {
		return nil, refuse("the schema is at %d, and this program knows migrations up to %d: run the program of the release that is live", from.Schema, s.newest())
	}
	if breaking := migrations.Incompatible(s.Migrations, to.Schema, from.Schema); len(breaking) > 0 {
		return nil, refuse("%s cannot live with the schema after %s (%s): mend forward, or restore the snapshot %s beside the cluster",
			to.Name, breaking[0].File, breaking[0].Reason, from.Backup)
	}
	p := &Plan{From: from.Name, To: to.Name, from: from, to: to, Stays: []string{
		fmt.Sprintf("the schema, at migration %03d", from.Schema),
		"templates: API document, rules of the firewall, routes of the site, alarms. To take them back too: check out the earlier commit and deploy it",
	}}
	for _, kind := range []struct {
		name     string
		from, to map[string]string
	}{{"state machine", from.Machines, to.Machines}, {"function", from.Functions, to.Functions}} {
		for _, name := range slices.Sorted(maps.Keys(kind.from)) {
			switch version, ok := kind.to[name]; {
			case !ok:
				p.Stays = append(p.Stays, kind.name+" "+name+", which the earlier release did not have")
			case version != kind.from[name]:
				p.Moves = append(p.Moves, fmt.Sprintf("%s %s from version %s to %s", kind.name, name, kind.from[name], version))
			}
		}
	}
	if to.Sitemap != from.Sitemap && to.Sitemap != "" {
		p.Moves = append(p.Moves, "the site from "+from.Sitemap+" to "+to.Sitemap)
		if err := s.planPages(ctx, p); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// planPages says which pages stay although the earlier release did not have them.
func (s *Session) planPages(ctx context.Context, p *Plan) error {
	out, err := s.outputs(ctx, s.Config.FrontendStack(), "SiteBucket")
	if err != nil {
		return err
	}
	older, err := s.readManifest(ctx, out["SiteBucket"], p.to.Sitemap)
	if err != nil {
		return err
	}
	newer, err := s.readManifest(ctx, out["SiteBucket"], p.from.Sitemap)
	if err != nil {
		return err
	}
	for _, key := range slices.Sorted(maps.Keys(newer)) {
		if _, had := older[key]; !had && path.Ext(key) == ".html" {
			p.Stays = append(p.Stays, "the page "+key+", which the earlier release did not have and the routes of the site lead to")
		}
	}
	return nil
}

// Rollback moves aliases and site back to the release before. It destroys nothing and
// leaves the schema. Done again after a failure it goes on: what stands right already
// is not moved.
func (s *Session) Rollback(ctx context.Context) error {
	p, err := s.PlanRollback(ctx)
	if err != nil {
		return err
	}
	again := "run nigredo rollback --env " + s.Config.Environment + " again: what is back already stays"
	steps := []step{
		{"aliases", func(ctx context.Context) error {
			return s.move(ctx, both(p.to.Functions, p.from.Functions), both(p.to.Machines, p.from.Machines), true)
		}, again},
		{"site", func(ctx context.Context) error {
			if p.to.Sitemap == p.from.Sitemap || p.to.Sitemap == "" {
				return nil
			}
			return s.restoreSite(ctx, p.to.Sitemap)
		}, again},
		{"record", func(ctx context.Context) error {
			if err := s.put(ctx, "deployment", journal{Release: p.from.Name, Finished: true, Updated: s.Now().UTC(), Done: []string{}}); err != nil {
				return err
			}
			return s.put(ctx, "live", p.to.Name)
		}, again},
		{"health", s.health, "stop traffic with nigredo stop-traffic --env " + s.Config.Environment + " and look at the runbooks"},
	}
	for i, st := range steps {
		s.tell("%d/%d %s", i+1, len(steps), st.name)
		if err := st.do(ctx); err != nil {
			return st.failed(err)
		}
	}
	s.tell("%s is live again. Next: nigredo verify --env %s, and look at the dashboards for 30 minutes", p.to.Name, s.Config.Environment)
	return nil
}

// both gives the entries of one map whose key the other has too.
func both(of, with map[string]string) map[string]string {
	out := map[string]string{}
	for key, value := range of {
		if _, ok := with[key]; ok {
			out[key] = value
		}
	}
	return out
}
