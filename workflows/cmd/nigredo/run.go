package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/alecthomas/kong"
	"golang.org/x/term"
)

// app is what a command works with besides its flags.
type app struct {
	ctx    context.Context //nolint:containedctx // one command's life: kong calls Run without arguments of ours
	getenv func(string) string
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer

	isTerminal func(stream any) bool
	pollEvery  time.Duration // between looks at what goes on
}

// cli is the command line; kong reads it from the tags. The tag config names the
// environment variable of a flag.
type cli struct {
	Up         upCmd         `cmd:"" help:"Serve site, API, engine and database on this machine until Ctrl-C."`
	Migrate    migrateCmd    `cmd:"" help:"Bring the database up to date."`
	DBURL      dbURLCmd      `cmd:"" name:"db-url" help:"Print the libpq URL of the database, for psql. It holds the password."`
	Token      tokenCmd      `cmd:"" help:"Print an access token of the embedded login, and nothing else."`
	Leads      leadsCmd      `cmd:"" help:"Read and release leads through the API."`
	Failures   failuresCmd   `cmd:"" help:"Count the deliveries that failed and wait, by cause, with what to do next."`
	Stats      statsCmd      `cmd:"" help:"Count what came in: by status, by day, and by source and variant with views and conversion."`
	Cost       costCmd       `cmd:"" help:"Reckon what a deployment costs a month, and what binds first, from counts and list prices."`
	Privacy    privacyCmd    `cmd:"" help:"Read and close requests of data subjects."`
	Executions executionsCmd `cmd:"" help:"Read executions of the state machines."`
	Receiver   receiverCmd   `cmd:"" help:"Try a webhook receiver out."`
	Fibonacci  fibonacciCmd  `cmd:"" help:"See what the built-in receiver took, and put it out of order."`
	Secret     secretCmd     `cmd:"" help:"Show and rotate the webhook secret."`
	Redrive    redriveCmd    `cmd:"" help:"Go on with a failed execution at its failed state, or plan and run a campaign over many failed leads."`
	Redrives   redrivesCmd   `cmd:"" help:"Read, watch and steer redrive campaigns."`

	Deploy        deployCmd        `cmd:"" help:"Deploy to AWS what make synth wrote; a run that stopped goes on where it stopped."`
	Verify        verifyCmd        `cmd:"" help:"Try a deployment out."`
	Rollback      rollbackCmd      `cmd:"" help:"Move functions, state machines and site of a deployment back to the release before."`
	StopTraffic   stopTrafficCmd   `cmd:"" help:"Answer everybody with 503, before the API and before the site."`
	ResumeTraffic resumeTrafficCmd `cmd:"" help:"Let everybody through again."`
	Destroy       destroyCmd       `cmd:"" help:"Delete the stacks of dev or staging. Never those of prod."`
}

const description = `Nigredo takes leads in, stores them and delivers them by signed webhook.

Exit codes: 0 done; 1 failed; 2 wrong usage; 3 not reachable or not ready; 4 not found; 5 refused as things stand.`

// exited carries the status out of kong, which asks for the program's end after
// --help.
type exited int

// run runs one command line and gives the exit code.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	return (&app{
		ctx: ctx, getenv: getenv, stdin: os.Stdin, stdout: stdout, stderr: stderr, isTerminal: isTerminal, pollEvery: time.Second,
	}).run(args)
}

// isTerminal tells whether a person is at the other end of a stream.
func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

func (a *app) run(args []string) (code int) {
	defer func() {
		if v := recover(); v != nil {
			status, ok := v.(exited)
			if !ok {
				panic(v)
			}
			code = int(status)
		}
	}()
	var commands cli
	parser, err := kong.New(&commands,
		kong.Name("nigredo"),
		kong.Description(description),
		kong.Writers(a.stdout, a.stderr),
		kong.Exit(func(status int) { panic(exited(status)) }),
		kong.Resolvers(environment(a.getenv)),
		kong.ValueFormatter(helpOf),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		return report(a.stderr, err)
	}
	command, err := parser.Parse(args)
	if err != nil {
		return report(a.stderr, usage(err))
	}
	return report(a.stderr, command.Run(a))
}

// environment gives a flag the value of the variable in its config tag. An
// empty variable counts as none.
func environment(getenv func(string) string) kong.Resolver {
	return kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		name := flag.Tag.Get("config")
		if name == "" {
			return nil, nil
		}
		if value := getenv(name); value != "" {
			return value, nil
		}
		return nil, nil
	})
}

// helpOf shows the variable beside the flag.
func helpOf(value *kong.Value) string {
	help := kong.DefaultHelpValueFormatter(value)
	if name := value.Tag.Get("config"); name != "" {
		help = strings.TrimSpace(help + " ($" + name + ")")
	}
	return help
}

// progress tells the person who waits.
func (a *app) progress(sentence string) {
	_, _ = fmt.Fprintln(a.stderr, sentence) // nobody may be looking
}

// println writes a line of the result.
func (a *app) println(line string) error {
	_, err := fmt.Fprintln(a.stdout, line)
	return err
}
