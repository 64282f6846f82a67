package deploy

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/xray"

	"github.com/alquimista-ai/nigredo/infra/config"
)

func (r release) health(ctx context.Context) error { return r.Session.health(ctx) }

func (r release) monitoring(ctx context.Context) error {
	if err := r.Session.monitoring(ctx); err != nil {
		return err
	}
	// Nobody can confirm before the topic is there: told, and no failure.
	asked, err := r.unconfirmed(ctx)
	if err != nil {
		return err
	}
	for _, address := range asked {
		r.tell("  nobody confirmed yet: %s", address)
	}
	return nil
}

// place is where the deployment is reached.
type place struct {
	base string // address without a slash at its end
	// target is the host that the address must lead to, and does once its record is
	// set; empty: the address is AWS's own.
	target string
	site   bool // the site's address; else the API's, while there is no site
}

func (s *Session) place(ctx context.Context) (place, error) {
	frontend, err := s.describe(ctx, s.Config.FrontendStack())
	if err != nil {
		return place{}, err
	}
	stack, key, target := s.Config.CoreStack(), "ApiUrl", "ApiDomainTarget"
	if frontend != nil {
		stack, key, target = s.Config.FrontendStack(), "SiteUrl", "SiteDomainTarget"
	}
	out, err := s.outputs(ctx, stack, key)
	return place{strings.TrimSuffix(out[key], "/"), out[target], frontend != nil}, err
}

// client calls the deployment although its name may not lead there yet: it connects
// to the target, and asks for the name.
func (p place) client(like *http.Client) *http.Client {
	transport, ok := like.Transport.(*http.Transport)
	if like.Transport == nil {
		transport, ok = http.DefaultTransport.(*http.Transport)
	}
	named, err := url.Parse(p.base)
	if p.target == "" || !ok || err != nil {
		return like
	}
	transport = transport.Clone()
	dial := transport.DialContext
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		host, port, err := net.SplitHostPort(address)
		if err == nil && host == named.Hostname() { // and not a proxy
			address = net.JoinHostPort(p.target, port)
		}
		return dial(ctx, network, address)
	}
	client := *like
	client.Transport = transport
	return &client
}

// health waits until the deployment says that it can work, its database included.
func (s *Session) health(ctx context.Context) error {
	at, err := s.place(ctx)
	if err != nil {
		return err
	}
	base, client := at.base, at.client(s.HTTP)
	paths := []string{"/health/ready"}
	if at.site {
		paths = append(paths, "/")
	}
	for _, path := range paths {
		said := "nothing"
		if err := s.await(ctx, 6*time.Second, 10, "a 200 of "+base+path, func(ctx context.Context) (bool, error) {
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, base+path, nil)
			if err != nil {
				return false, err
			}
			answer, err := client.Do(request)
			if err != nil {
				said = err.Error()
				return false, ctx.Err()
			}
			_ = answer.Body.Close() // the status is all
			said = answer.Status
			if answer.StatusCode == http.StatusServiceUnavailable {
				if stopped, err := s.stopped(ctx); err == nil && stopped {
					s.tell("  traffic is stopped: let it through, and run nigredo verify --env %s", s.Config.Environment)
					return true, nil
				}
			}
			return answer.StatusCode == http.StatusOK, nil
		}); err != nil {
			return fmt.Errorf("%w; the last answer: %s", err, said)
		}
	}
	return nil
}

// monitoring sees to it that what the templates promise is there: dashboards, alarms
// that may act and do not ring, the X-Ray group. The site's alarms are in its region.
func (s *Session) monitoring(ctx context.Context) error {
	a, err := s.readAssembly()
	if err != nil {
		return err
	}
	stacks := []string{s.Config.MonitoringStack()}
	if deployed, err := s.describe(ctx, s.Config.FrontendStack()); err != nil {
		return err
	} else if deployed != nil {
		stacks = append(stacks, s.Config.FrontendStack())
	}
	var faults []string
	for _, stack := range stacks {
		home := s.home(stack)
		alarms, err := s.alarms(ctx, home)
		if err != nil {
			return err
		}
		for _, r := range a.templates[stack].Resources {
			if fault := s.watched(ctx, home, r, alarms); fault != "" {
				faults = append(faults, fault)
			}
		}
	}
	slices.Sort(faults)
	return all(faults)
}

// alarm is one of ours as CloudWatch has it.
type alarm struct {
	state  types.StateValue
	silent bool // its actions are turned off
}

func (s *Session) alarms(ctx context.Context, home *Services) (map[string]alarm, error) {
	found := map[string]alarm{}
	pages := cloudwatch.NewDescribeAlarmsPaginator(home.CloudWatch, &cloudwatch.DescribeAlarmsInput{
		AlarmNamePrefix: aws.String(s.Config.Alarm("")), AlarmTypes: []types.AlarmType{types.AlarmTypeMetricAlarm, types.AlarmTypeCompositeAlarm},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list alarms of %s: %w", home.Region, err)
		}
		for _, one := range page.MetricAlarms {
			found[aws.ToString(one.AlarmName)] = alarm{one.StateValue, !aws.ToBool(one.ActionsEnabled)}
		}
		for _, one := range page.CompositeAlarms {
			found[aws.ToString(one.AlarmName)] = alarm{state: one.StateValue}
		}
	}
	return found, nil
}

// watched says what is wrong with one thing that watches; empty: nothing, or the
// resource is no such thing.
func (s *Session) watched(ctx context.Context, home *Services, r resource, alarms map[string]alarm) string {
	switch r.Type {
	case "AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm":
		name := r.text("AlarmName")
		switch one, ok := alarms[name]; {
		case !ok:
			return "the alarm " + name + " is not there"
		case one.silent:
			return "the actions of the alarm " + name + " are turned off"
		case one.state == types.StateValueAlarm:
			return "the alarm " + name + " rings: see infra/runbooks"
		}
	case "AWS::CloudWatch::Dashboard":
		if _, err := home.CloudWatch.GetDashboard(ctx, &cloudwatch.GetDashboardInput{DashboardName: aws.String(r.text("DashboardName"))}); err != nil {
			return fmt.Sprintf("the dashboard %s: %v", r.text("DashboardName"), err)
		}
	case "AWS::XRay::Group":
		if found, err := tracingGroup(ctx, home, r.text("GroupName")); err != nil {
			return fmt.Sprintf("the X-Ray group %s: %v", r.text("GroupName"), err)
		} else if !found {
			return "the X-Ray group " + r.text("GroupName") + " is not there"
		}
	}
	return ""
}

// unconfirmed gives whom an alarm does not reach, with the topic: SNS asks each address
// by e-mail, and sends nothing before the answer. SNS forgets an address that has not
// answered for two days, so that it is on no list any more.
func (s *Session) unconfirmed(ctx context.Context) ([]string, error) {
	var found []string
	for _, audience := range []struct {
		topic     string
		addresses []string
	}{{config.OnCall, s.Config.Monitoring.OnCall}, {config.Team, s.Config.Monitoring.Team}} {
		confirmed := map[string]bool{}
		pages := sns.NewListSubscriptionsByTopicPaginator(s.Backend.SNS, &sns.ListSubscriptionsByTopicInput{TopicArn: aws.String(s.Config.TopicARN(audience.topic))})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, fmt.Errorf("list who reads %s: %w", s.Config.Topic(audience.topic), err)
			}
			for _, one := range page.Subscriptions {
				confirmed[aws.ToString(one.Endpoint)] = strings.HasPrefix(aws.ToString(one.SubscriptionArn), "arn:")
			}
		}
		for _, address := range audience.addresses {
			if !confirmed[address] {
				found = append(found, address+" for "+s.Config.Topic(audience.topic))
			}
		}
	}
	return found, nil
}

func tracingGroup(ctx context.Context, home *Services, name string) (bool, error) {
	pages := xray.NewGetGroupsPaginator(home.XRay, &xray.GetGroupsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return false, err
		}
		for _, group := range page.Groups {
			if aws.ToString(group.GroupName) == name {
				return true, nil
			}
		}
	}
	return false, nil
}
