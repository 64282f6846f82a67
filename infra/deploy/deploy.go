package deploy

import (
	"context"

	"github.com/alquimista-ai/nigredo/infra/config"
)

// Part is what of a version is deployed.
type Part string

// The parts.
const (
	Everything Part = ""
	Backend    Part = "backend"
	Frontend   Part = "frontend"
)

// Deploy deploys what was synthesised: prerequisites, backup, migrations, backend,
// site and invalidation, health, monitoring, in that order (S1.64). Run again with
// the same content after a failure, it goes on where it stopped. takeOver begins
// although another deployment stopped less than an hour ago.
func (s *Session) Deploy(ctx context.Context, part Part, takeOver bool) error {
	s.tell("prerequisites")
	a, by, err := s.prerequisites(ctx, part)
	if err != nil {
		return &Failure{Step: "prerequisites", Err: err, Next: "put this right and run the same command again; nothing was changed"}
	}
	j, err := s.begin(ctx, a, part, takeOver, by)
	if err != nil {
		return err
	}
	s.tell("release %s", j.Release)
	if err := s.run(ctx, j, s.steps(j, part)); err != nil {
		return err
	}
	j.Finished = true
	if err := s.saveJournal(ctx, j); err != nil {
		return &Failure{Step: "record", Err: err, Next: "everything is deployed; run the same command again to have that written down"}
	}
	return s.next(ctx, j)
}

// next says what is left to do, which after the first deployment is more.
func (s *Session) next(ctx context.Context, j *journal) error {
	verify := "nigredo verify --env " + s.Config.Environment + " --leads"
	if !j.First {
		s.tell("%s is live. Next: %s", j.Release, verify)
		return nil
	}
	for _, name := range []struct{ stack, domain, target string }{
		{s.Config.FrontendStack(), s.Config.Site.Domain, "SiteDomainTarget"}, {s.Config.CoreStack(), s.Config.API.Domain, "ApiDomainTarget"},
	} {
		if name.domain == "" || (name.stack == s.Config.FrontendStack() && j.Part == Backend) {
			continue
		}
		out, err := s.outputs(ctx, name.stack, name.target)
		if err != nil {
			return err
		}
		s.tell("  record: %s CNAME %s", name.domain, out[name.target])
	}
	s.tell("%s is live. Next: set the records above, confirm SNS's e-mails to who gets alarms, then %s", j.Release, verify)
	return nil
}

// steps are those after the prerequisites. A new backend has its migrations after it:
// the function that migrates is a part of it, and nobody knows its address yet
// (ADR 20).
func (s *Session) steps(j *journal, part Part) []step {
	r := release{s, j}
	backup := step{"backup", r.backup, "see the cluster in the RDS console; run the same command again"}
	migrations := step{"migrations", r.migrate, "read the log group " + s.Config.FunctionLog(s.migrator()) +
		"; the schema is at the version before the failed file, and the version that runs can live with it. Mend the file and deploy again: traffic has not moved"}
	backend := step{"backend", r.backend, "read the cause above; CloudFormation has put back what it changed. Mend it and run the same command again"}
	site := step{"site", r.site, "run the same command again; pages that were uploaded are whole, each for itself"}
	health := step{"health", r.health, "look at the runbooks, or take the version back: nigredo rollback --env " + s.Config.Environment}
	monitoring := step{"monitoring", r.monitoring, "mend what is named and run nigredo verify --env " + s.Config.Environment + "; the version is live"}
	switch {
	case part == Frontend:
		return []step{site, health}
	case part == Backend && j.First:
		return []step{backup, backend, migrations, health, monitoring}
	case part == Backend:
		return []step{backup, migrations, backend, health, monitoring}
	case j.First:
		return []step{backup, backend, migrations, site, health, monitoring}
	}
	return []step{backup, migrations, backend, site, health, monitoring}
}

// release is a deployment under way.
type release struct {
	*Session
	j *journal
}

func (s *Session) migrator() config.Function {
	f, _ := config.FunctionOf("migrate")
	return f
}
