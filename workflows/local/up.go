package local

import (
	"context"
	"fmt"
)

// Up runs Nigredo until ctx ends, which is no error, or it fails.
func Up(ctx context.Context, cfg Config) error {
	i, err := Start(ctx, cfg)
	if err != nil {
		return err
	}
	if cfg.Progress != nil {
		cfg.Progress(i.banner(cfg))
	}
	select {
	case <-ctx.Done():
		if cfg.Progress != nil {
			cfg.Progress("Stopping…")
		}
		return i.Close()
	case err := <-i.Failed():
		_ = i.Close() // what made it fail is the error to show
		return err
	}
}

// banner tells a person where things are and what to do next.
func (i *Instance) banner(cfg Config) string {
	receiver := "the built-in one"
	if cfg.WebhookURL != "" {
		receiver = "yours (FIBONACCI_WEBHOOK_URL)"
	}
	return fmt.Sprintf(`Nigredo is ready.
  Site                http://%s/
  API                 http://%s/api/leads
  Step Functions API  http://%s
  Webhook receiver    %s
Next: fill in the form, then see what became of it:
  nigredo leads list
  nigredo executions list
  psql "$(nigredo db-url)"
Stop with Ctrl-C.`, i.addr, i.addr, i.sfnAddr, receiver)
}
