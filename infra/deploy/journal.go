package deploy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// journal is the deployment under way, or the last one.
type journal struct {
	// Release names the content: the version, and eight digits of its digest.
	Release string    `json:"release"`
	Part    Part      `json:"part"`
	By      string    `json:"by"`
	Started time.Time `json:"started"`
	Updated time.Time `json:"updated"`
	// First: there was no backend before.
	First    bool     `json:"first,omitempty"`
	Done     []string `json:"done"`
	Finished bool     `json:"finished,omitempty"`
}

// Release is what was live at one time. It is what a rollback goes back to.
type Release struct {
	Name    string    `json:"name"`
	At      time.Time `json:"at"`
	Backup  string    `json:"backup,omitempty"`   // snapshot made before it
	Before  string    `json:"previous,omitempty"` // release that was live before
	Schema  int64     `json:"schema"`             // number of the newest migration
	Sitemap string    `json:"site,omitempty"`     // release whose manifest of the site is live

	// Functions and Machines give the version behind the alias, by name in AWS.
	Functions map[string]string `json:"functions,omitempty"`
	Machines  map[string]string `json:"machines,omitempty"`
}

// abandoned is how long a deployment that stopped keeps others from beginning.
const abandoned = time.Hour

// get reads a parameter into a value; false when there is none.
func (s *Session) get(ctx context.Context, name string, into any) (bool, error) {
	out, err := s.Backend.SSM.GetParameter(ctx, &ssm.GetParameterInput{Name: aws.String(s.Config.Parameter(name))})
	var missing *types.ParameterNotFound
	if errors.As(err, &missing) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read parameter %s: %w", name, err)
	}
	if err := json.Unmarshal([]byte(aws.ToString(out.Parameter.Value)), into); err != nil {
		return false, fmt.Errorf("read parameter %s: %w", name, err)
	}
	return true, nil
}

func (s *Session) put(ctx context.Context, name string, value any) error {
	encoded, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if _, err := s.Backend.SSM.PutParameter(ctx, &ssm.PutParameterInput{
		Name: aws.String(s.Config.Parameter(name)), Value: aws.String(string(encoded)),
		Type: types.ParameterTypeString, Overwrite: aws.Bool(true), Tier: types.ParameterTierIntelligentTiering,
	}); err != nil {
		return fmt.Errorf("write parameter %s: %w", name, err)
	}
	return nil
}

func (s *Session) saveJournal(ctx context.Context, j *journal) error {
	j.Updated = s.Now().UTC()
	return s.put(ctx, "deployment", j)
}

// live gives the release that is live; nil when none is recorded.
func (s *Session) live(ctx context.Context) (*Release, error) {
	var name string
	found, err := s.get(ctx, "live", &name)
	if err != nil || !found {
		return nil, err
	}
	return s.release(ctx, name)
}

// release reads a recorded release.
func (s *Session) release(ctx context.Context, name string) (*Release, error) {
	var r Release
	found, err := s.get(ctx, "releases/"+name, &r)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, refuse("there is no record of a release %q", name)
	}
	return &r, nil
}

// makeLive records a release and says that it is the live one.
func (s *Session) makeLive(ctx context.Context, r *Release) error {
	if err := s.put(ctx, "releases/"+r.Name, r); err != nil {
		return err
	}
	return s.put(ctx, "live", r.Name)
}

// begin finds the journal to go on with, or begins one.
func (s *Session) begin(ctx context.Context, a *assembly, part Part, takeOver bool, by string) (*journal, error) {
	release := s.releaseName(a, part)
	var j journal
	found, err := s.get(ctx, "deployment", &j)
	if err != nil {
		return nil, err
	}
	switch {
	case found && !j.Finished && j.Release == release && j.Part == part:
		s.tell("going on with %s, begun %s", release, j.Started.Format(time.RFC3339))
		return &j, nil
	case found && !j.Finished && !takeOver && s.Now().Sub(j.Updated) < abandoned:
		return nil, refuse("a deployment of %s by %s was under way at %s: wait for it, finish it with its content, or add --take-over",
			j.Release, j.By, j.Updated.Format(time.RFC3339))
	}
	there, err := s.standing(ctx, s.Config.CoreStack())
	if err != nil {
		return nil, err
	}
	j = journal{Release: release, Part: part, By: by, Started: s.Now().UTC(), First: !there, Done: []string{}}
	return &j, s.saveJournal(ctx, &j)
}

// releaseName names what is to be deployed. Content that differs has another name.
func (s *Session) releaseName(a *assembly, part Part) string {
	name := s.Version + "-" + a.digest[:8]
	if part != Everything {
		name += "-" + string(part)
	}
	return name
}
