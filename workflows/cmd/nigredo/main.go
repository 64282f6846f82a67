// Command nigredo runs Nigredo on one machine and looks into what runs.
//
//	nigredo up                          serve everything until Ctrl-C
//	nigredo migrate                     bring the database up to date
//	nigredo db-url                      print a libpq URL, for psql
//	nigredo token --role operator       print an access token
//	nigredo leads list|get              read leads through the API
//	nigredo stats                       what came in, and how well pages convert
//	nigredo cost --leads-per-month N    what a deployment costs, reckoned offline
//	nigredo privacy list|get|close      deal with requests of data subjects
//	nigredo executions list|get|history read executions
//	nigredo redrive EXECUTION           go on with a failed execution
//	nigredo receiver check [URL]        try a webhook receiver out
//	nigredo fibonacci events            list what the built-in receiver took
//	nigredo fibonacci fault             put the built-in receiver out of order
//	nigredo secret show|rotate          see and replace the webhook secret
//	nigredo redrive --error E --plan    what a campaign would deliver again; --reason R runs it
//	nigredo redrives list|get|watch|pause|resume|cancel
//	                                    read and steer campaigns
//	nigredo deploy --env prod           deploy to AWS what make synth wrote
//	nigredo verify --env prod           try a deployment out
//	nigredo rollback --env prod         move it back to the release before
//	nigredo stop-traffic|resume-traffic --env prod
//	                                    answer everybody with 503, and no longer
//	nigredo destroy --env dev           delete the stacks, never those of prod
//
// Every setting is a flag, else an environment variable, else a default; --help
// names all three. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not reachable
// or not ready, 4 not found, 5 refused as things stand.
package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second signal ends the program at once.
	context.AfterFunc(ctx, stop)
	slog.SetDefault(newLibraryLog(os.Stdout)) // "up" logs there, and no other command has a library that logs
	os.Exit(run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}
