package deploy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/wafv2"
	"github.com/aws/aws-sdk-go-v2/service/wafv2/types"
)

// everybody is every address, by version. WAF takes no range of /0, and a set holds
// one version only.
var everybody = map[types.IPAddressVersion][]string{
	types.IPAddressVersionIpv4: {"0.0.0.0/1", "128.0.0.0/1"},
	types.IPAddressVersionIpv6: {"::/1", "8000::/1"},
}

// gate is an address set before the API or the site.
type gate struct {
	waf   *wafv2.Client
	scope types.Scope
	id    string
	name  string
}

// gates finds the address sets that stop traffic, two before the API and two before the
// site (config.StoppedSet, config.StoppedSet6). A stack that is not deployed has none;
// what one lacks that is, and a region that does not answer, is among the faults.
func (s *Session) gates(ctx context.Context) (found []gate, faults []error) {
	for _, place := range []struct {
		stack string
		scope types.Scope
	}{{s.Config.CoreStack(), types.ScopeRegional}, {s.Config.FrontendStack(), types.ScopeCloudfront}} {
		ids, err := addressSets(ctx, s.home(place.stack).WAF, place.scope)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		var lacks []string
		for _, name := range []string{s.Config.StoppedSet(place.stack), s.Config.StoppedSet6(place.stack)} {
			if id := ids[name]; id != "" {
				found = append(found, gate{s.home(place.stack).WAF, place.scope, id, name})
			} else {
				lacks = append(lacks, name)
			}
		}
		if len(lacks) == 0 {
			continue
		}
		// Only now is CloudFormation asked: traffic is stopped without it.
		if deployed, err := s.describe(ctx, place.stack); err != nil || deployed != nil {
			faults = append(faults, fmt.Errorf("there is no address set %s: deploy %s again", strings.Join(lacks, ", "), place.stack))
		}
	}
	return found, faults
}

// addressSets gives the ids of a region's address sets, by name.
func addressSets(ctx context.Context, waf *wafv2.Client, scope types.Scope) (map[string]string, error) {
	ids := map[string]string{}
	for marker := (*string)(nil); ; {
		out, err := waf.ListIPSets(ctx, &wafv2.ListIPSetsInput{Scope: scope, NextMarker: marker, Limit: aws.Int32(100)})
		if err != nil {
			return nil, fmt.Errorf("list address sets of %s: %w", scope, err)
		}
		for _, set := range out.IPSets {
			ids[aws.ToString(set.Name)] = aws.ToString(set.Id)
		}
		if marker = out.NextMarker; marker == nil || len(out.IPSets) == 0 {
			return ids, nil
		}
	}
}

// StopTraffic answers everybody with 503, before the API and before the site.
func (s *Session) StopTraffic(ctx context.Context) error { return s.setGates(ctx, true) }

// ResumeTraffic lets everybody through again.
func (s *Session) ResumeTraffic(ctx context.Context) error { return s.setGates(ctx, false) }

// setGates changes every set that it can change: what goes wrong with one keeps no
// other open.
func (s *Session) setGates(ctx context.Context, stop bool) error {
	gates, faults := s.gates(ctx)
	for _, g := range gates {
		err := s.setGate(ctx, g, stop)
		var raced *types.WAFOptimisticLockException
		if errors.As(err, &raced) { // somebody changed it between reading and writing
			err = s.setGate(ctx, g, stop)
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("address set %s: %w", g.name, err))
		}
	}
	command := map[bool]string{true: "stop-traffic", false: "resume-traffic"}[stop]
	if err := errors.Join(faults...); err != nil {
		return &Failure{Step: command, Err: err, Next: "run nigredo " + command + " --env " + s.Config.Environment + " again: what is right already stays"}
	}
	if len(gates) == 0 {
		return refuse("nothing is deployed in %s that traffic could reach", s.Config.Environment)
	}
	s.tell(map[bool]string{
		true:  "Traffic is stopped, within a minute everywhere. Next, once it may flow again: nigredo resume-traffic --env %s",
		false: "Traffic flows, within a minute everywhere. Next: nigredo verify --env %s",
	}[stop], s.Config.Environment)
	return nil
}

func (s *Session) setGate(ctx context.Context, g gate, stop bool) error {
	out, err := g.waf.GetIPSet(ctx, &wafv2.GetIPSetInput{Scope: g.scope, Id: aws.String(g.id), Name: aws.String(g.name)})
	if err != nil {
		return err
	}
	want := []string{}
	if stop {
		want = everybody[out.IPSet.IPAddressVersion]
	}
	if same(out.IPSet.Addresses, want) {
		s.tell("%s: as it should be", g.name)
		return nil
	}
	if _, err := g.waf.UpdateIPSet(ctx, &wafv2.UpdateIPSetInput{
		Scope: g.scope, Id: aws.String(g.id), Name: aws.String(g.name), Addresses: want, LockToken: out.LockToken,
	}); err != nil {
		return err
	}
	s.tell("%s: %s", g.name, map[bool]string{true: "answers everybody with 503", false: "lets everybody through"}[stop])
	return nil
}

func same(a, b []string) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

// stopped tells whether all traffic is stopped.
func (s *Session) stopped(ctx context.Context) (bool, error) {
	gates, faults := s.gates(ctx)
	if len(faults) > 0 || len(gates) == 0 {
		return false, errors.Join(faults...)
	}
	for _, g := range gates {
		out, err := g.waf.GetIPSet(ctx, &wafv2.GetIPSetInput{Scope: g.scope, Id: aws.String(g.id), Name: aws.String(g.name)})
		if err != nil {
			return false, fmt.Errorf("address set %s: %w", g.name, err)
		}
		if !same(out.IPSet.Addresses, everybody[out.IPSet.IPAddressVersion]) {
			return false, nil
		}
	}
	return true, nil
}
