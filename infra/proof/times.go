package proof

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/alquimista-ai/nigredo/states"
)

const (
	gatewaySeconds = 29.0  // after which API Gateway gives a request up
	gatewayMargin  = 4.0   // the way there and back, mapping templates included
	expressSeconds = 300.0 // the longest run of an Express machine
)

// awaited are the functions that a request waits for by itself.
var awaited = []string{
	"list", "get", "balance", "failures", "stats", "redrives", "release", "rights", "views", "health", "stamp",
}

// checkTimes holds the deployed timeouts against those who wait. That every path
// through lead_intake and delivery_sweep ends within its machine's TimeoutSeconds is
// computed from the files in tests/contract; checkDefinition says that they are
// deployed as they are.
func checkTimes(t *Templates) error {
	var errs []error
	limits := map[string]float64{"lead_intake": gatewaySeconds - gatewayMargin, "delivery_sweep": expressSeconds}
	for _, m := range states.Machines() {
		r := machineOf(t, m.Name)
		var definition struct{ TimeoutSeconds float64 }
		if err := json.Unmarshal([]byte(Plain(r.Get("DefinitionString"))), &definition); err != nil {
			errs = append(errs, fmt.Errorf("%s: read definition: %w", m.Name, err))
			continue
		}
		if limit := limits[m.Name]; limit > 0 && (definition.TimeoutSeconds <= 0 || definition.TimeoutSeconds > limit) {
			errs = append(errs, fmt.Errorf("%s: may take %v s, want at most %v", m.Name, definition.TimeoutSeconds, limit))
		}
		errs = append(errs, eachState(r, func(name string, s map[string]any) {
			function, _ := Get(s, "Arguments.FunctionName").(string)
			if function == "" {
				return
			}
			alias := byID(t, pointee(r.Get("DefinitionSubstitutions."+strings.Trim(function, "${}"))))
			timeout, _ := byID(t, pointee(alias.Get("FunctionName"))).Get("Timeout").(float64)
			if state, _ := s["TimeoutSeconds"].(float64); state <= 0 || timeout <= state {
				errs = append(errs, fmt.Errorf("%s: %s waits %v s for a function that ends after %v", m.Name, name, state, timeout))
			}
		}))
	}
	for _, activity := range awaited {
		if timeout, _ := functionOf(t, activity).Get("Timeout").(float64); timeout <= 0 || timeout >= gatewaySeconds {
			errs = append(errs, fmt.Errorf("%s: may take %v s, API Gateway gives up after %v", activity, timeout, gatewaySeconds))
		}
	}
	return errors.Join(errs...)
}
