package deploy

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/xray"
)

func (r release) health(ctx context.Context) error     { return r.Session.health(ctx) }
func (r release) monitoring(ctx context.Context) error { return r.Session.monitoring(ctx) }

// address gives where the deployment is reached: the site's address, or the API's
// while there is no site.
func (s *Session) address(ctx context.Context) (base string, site bool, err error) {
	frontend, err := s.describe(ctx, s.Config.FrontendStack())
	if err != nil {
		return "", false, err
	}
	stack, key := s.Config.CoreStack(), "ApiUrl"
	if frontend != nil {
		stack, key = s.Config.FrontendStack(), "SiteUrl"
	}
	out, err := s.outputs(ctx, stack, key)
	return strings.TrimSuffix(out[key], "/"), frontend != nil, err
}

// health waits until the deployment says that it can work, its database included.
func (s *Session) health(ctx context.Context) error {
	base, site, err := s.address(ctx)
	if err != nil {
		return err
	}
	paths := []string{"/health/ready"}
	if site {
		paths = append(paths, "/")
	}
	for _, path := range paths {
		said := "nothing"
		if err := s.await(ctx, 6*time.Second, 10, "a 200 of "+base+path, func(ctx context.Context) (bool, error) {
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, base+path, nil)
			if err != nil {
				return false, err
			}
			answer, err := s.HTTP.Do(request)
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

// monitoring sees to it that what the template of the monitoring stack promises is
// there: dashboards, alarms that may act and do not ring, the X-Ray group.
func (s *Session) monitoring(ctx context.Context) error {
	a, err := s.readAssembly()
	if err != nil {
		return err
	}
	alarms := map[string]types.StateValue{}
	silent := map[string]bool{}
	pages := cloudwatch.NewDescribeAlarmsPaginator(s.Backend.CloudWatch, &cloudwatch.DescribeAlarmsInput{
		AlarmNamePrefix: aws.String(s.Config.Alarm("")), AlarmTypes: []types.AlarmType{types.AlarmTypeMetricAlarm, types.AlarmTypeCompositeAlarm},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("list alarms: %w", err)
		}
		for _, alarm := range page.MetricAlarms {
			alarms[aws.ToString(alarm.AlarmName)] = alarm.StateValue
			silent[aws.ToString(alarm.AlarmName)] = !aws.ToBool(alarm.ActionsEnabled)
		}
		for _, alarm := range page.CompositeAlarms {
			alarms[aws.ToString(alarm.AlarmName)] = alarm.StateValue
		}
	}
	var faults []string
	for _, r := range a.templates[s.Config.MonitoringStack()].Resources {
		name := func(property string) string { text, _ := r.Properties[property].(string); return text }
		switch r.Type {
		case "AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm":
			switch state, ok := alarms[name("AlarmName")]; {
			case !ok:
				faults = append(faults, "the alarm "+name("AlarmName")+" is not there")
			case silent[name("AlarmName")]:
				faults = append(faults, "the actions of the alarm "+name("AlarmName")+" are turned off")
			case state == types.StateValueAlarm:
				faults = append(faults, "the alarm "+name("AlarmName")+" rings: see infra/runbooks")
			}
		case "AWS::CloudWatch::Dashboard":
			if _, err := s.Backend.CloudWatch.GetDashboard(ctx, &cloudwatch.GetDashboardInput{DashboardName: aws.String(name("DashboardName"))}); err != nil {
				faults = append(faults, fmt.Sprintf("the dashboard %s: %v", name("DashboardName"), err))
			}
		case "AWS::XRay::Group":
			if found, err := s.tracingGroup(ctx, name("GroupName")); err != nil || !found {
				faults = append(faults, fmt.Sprintf("the X-Ray group %s is not there (%v)", name("GroupName"), err))
			}
		}
	}
	slices.Sort(faults)
	return all(faults)
}

func (s *Session) tracingGroup(ctx context.Context, name string) (bool, error) {
	pages := xray.NewGetGroupsPaginator(s.Backend.XRay, &xray.GetGroupsInput{})
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
