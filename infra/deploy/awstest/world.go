package awstest

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// World is as much of an AWS account as deployments look at.
type World struct {
	mu sync.Mutex

	Account    string
	Parameters map[string]string // by region and name: "us-east-1 /a/b"
	Stacks     map[string]*Stack
	Functions  map[string]*Function
	Machines   map[string]*Machine
	Objects    map[string][]Object // by bucket and key: "bucket/key", the newest last
	Clusters   map[string]string   // status by identifier
	Snapshots  map[string]time.Time
	IPSets     map[string]*IPSet // by name
	Alarms     map[string]string // state by name
	Dashboards []string
	Groups     []string
	// Subscriptions tell by ARN of a topic and address whether somebody confirmed it.
	Subscriptions map[string]map[string]bool
	// Invoke answers an invocation; a second value that is not empty is a function error.
	Invoke func(function string, payload []byte) (answer, functionError string)
	// Versioned tells whether buckets keep versions.
	Versioned bool

	count int
}

// Stack is a CloudFormation stack.
type Stack struct {
	Status     string
	Protected  bool // against deletion
	Outputs    map[string]string
	Resources  map[string]string // type by physical id
	ChangeSets map[string]bool
}

// Function is a Lambda function with one alias, live.
type Function struct {
	Live     string
	Versions int
	Code     string // what was uploaded last, unpublished
}

// Machine is a state machine with one alias, live.
type Machine struct {
	Live     string
	Versions int
}

// Object is one version of an object; a deleted one has no content and Deleted.
type Object struct {
	Version, Type, Cache string
	Metadata             map[string]any
	Content              []byte
	Deleted              bool
}

// IPSet is an address set of WAF.
type IPSet struct {
	Scope, Version string // REGIONAL or CLOUDFRONT; IPV4 or IPV6
	Addresses      []string
	Lock           int
}

// Publish gives a function or machine the next version and its alias to it, as a
// deployment by CloudFormation does.
func (w *World) Publish(stack string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.Stacks[stack]
	for id, kind := range maps.Clone(s.Resources) {
		if strings.HasSuffix(kind, "Version") {
			delete(s.Resources, id)
		}
	}
	for name, f := range w.Functions {
		f.Versions++
		f.Live = strconv.Itoa(f.Versions)
		arn := "arn:aws:lambda:us-east-1:" + w.Account + ":function:" + name + ":"
		s.Resources[arn+f.Live] = "AWS::Lambda::Version"
		s.Resources[arn+"live"] = "AWS::Lambda::Alias"
	}
	for name, m := range w.Machines {
		m.Versions++
		m.Live = strconv.Itoa(m.Versions)
		arn := "arn:aws:states:us-east-1:" + w.Account + ":stateMachine:" + name + ":"
		s.Resources[arn+m.Live] = "AWS::StepFunctions::StateMachineVersion"
		s.Resources[arn+"live"] = "AWS::StepFunctions::StateMachineAlias"
	}
}

// Do changes or reads the world while no call is under way.
func (w *World) Do(with func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	with()
}

type play = func(Call) (map[string]any, error)

func (c Call) text(name string) string {
	text, _ := c.Input[name].(string)
	return text
}

// stack and changeSet are names that may be given as their ARNs.
func (c Call) stack() string     { return nameOf(c.text("StackName")) }
func (c Call) changeSet() string { return nameOf(c.text("ChangeSetName")) }

func nameOf(nameOrARN string) string {
	if parts := strings.Split(nameOrARN, "/"); len(parts) == 3 {
		return parts[1]
	}
	return nameOrARN
}

func fault(code, format string, values ...any) *Fault {
	return &Fault{Code: code, Message: fmt.Sprintf(format, values...)}
}

// plays are the operations that World plays, by service.Operation.
func (w *World) plays() map[string]play {
	all := map[string]play{}
	for _, some := range []map[string]play{w.identity(), w.parameters(), w.stacks(), w.objects(), w.database(), w.code(), w.edge(), w.watch()} {
		maps.Copy(all, some)
	}
	return all
}

func (w *World) identity() map[string]play {
	return map[string]play{
		"sts.GetCallerIdentity": func(Call) (map[string]any, error) {
			return map[string]any{"Account": w.Account, "Arn": "arn:aws:iam::" + w.Account + ":user/deployer", "UserId": "AIDATEST"}, nil
		},
		"sts.AssumeRole": func(c Call) (map[string]any, error) {
			return map[string]any{"Credentials": map[string]any{
				"AccessKeyId": "ASIATESTTESTTEST", "SecretAccessKey": "fake", "SessionToken": "fake", "Expiration": time.Now().Add(time.Hour),
			}, "AssumedRoleUser": map[string]any{"AssumedRoleId": "AROATEST:x", "Arn": c.text("RoleArn")}}, nil
		},
	}
}

func (w *World) parameters() map[string]play {
	return map[string]play{
		"ssm.GetParameter": func(c Call) (map[string]any, error) {
			value, ok := w.Parameters[c.Region+" "+c.text("Name")]
			if !ok {
				return nil, fault("ParameterNotFound", "no %s", c.text("Name"))
			}
			return map[string]any{"Parameter": map[string]any{"Name": c.text("Name"), "Value": value, "Type": "String"}}, nil
		},
		"ssm.PutParameter": func(c Call) (map[string]any, error) {
			w.Parameters[c.Region+" "+c.text("Name")] = c.text("Value")
			return map[string]any{"Version": 1}, nil
		},
		"ssm.GetParametersByPath": func(c Call) (map[string]any, error) {
			found := []any{}
			for name, value := range w.Parameters {
				if rest, ok := strings.CutPrefix(name, c.Region+" "+c.text("Path")+"/"); ok {
					found = append(found, map[string]any{"Name": c.text("Path") + "/" + rest, "Value": value})
				}
			}
			return map[string]any{"Parameters": found}, nil
		},
		"ssm.DeleteParameters": func(c Call) (map[string]any, error) {
			names, _ := c.Input["Names"].([]any)
			for _, name := range names {
				delete(w.Parameters, c.Region+" "+fmt.Sprint(name))
			}
			return map[string]any{"DeletedParameters": names}, nil
		},
	}
}

func (w *World) stack(c Call) (*Stack, error) {
	s, ok := w.Stacks[c.stack()]
	if !ok {
		return nil, fault("ValidationError", "Stack with id %s does not exist", c.text("StackName"))
	}
	return s, nil
}

func (w *World) stackARN(c Call) string {
	return "arn:aws:cloudformation:us-east-1:" + w.Account + ":stack/" + c.stack() + "/1"
}

func (w *World) changeSetARN(c Call) string {
	return "arn:aws:cloudformation:us-east-1:" + w.Account + ":changeSet/" + c.changeSet() + "/1"
}

func (w *World) stacks() map[string]play {
	return map[string]play{
		"cloudformation.DescribeStacks": func(c Call) (map[string]any, error) {
			s, err := w.stack(c)
			if err != nil {
				return nil, err
			}
			outputs := []any{}
			for key, value := range s.Outputs {
				outputs = append(outputs, map[string]any{"OutputKey": key, "OutputValue": value})
			}
			return map[string]any{"Stacks": []any{map[string]any{
				"StackId": w.stackARN(c), "StackName": c.stack(), "CreationTime": time.Unix(0, 0), "StackStatus": s.Status, "EnableTerminationProtection": s.Protected, "Outputs": outputs,
			}}}, nil
		},
		"cloudformation.ListStackResources": func(c Call) (map[string]any, error) {
			s, err := w.stack(c)
			if err != nil {
				return nil, err
			}
			found := []any{}
			for _, id := range slices.Sorted(maps.Keys(s.Resources)) {
				found = append(found, map[string]any{
					"LogicalResourceId": "R" + strconv.Itoa(len(found)), "PhysicalResourceId": id, "ResourceType": s.Resources[id],
					"ResourceStatus": "CREATE_COMPLETE", "LastUpdatedTimestamp": time.Unix(0, 0),
				})
			}
			return map[string]any{"StackResourceSummaries": found}, nil
		},
		"cloudformation.CreateChangeSet": func(c Call) (map[string]any, error) {
			s, err := w.stack(c)
			switch isNew := c.text("ChangeSetType") == "CREATE"; {
			case isNew && err != nil:
				s = &Stack{Status: "REVIEW_IN_PROGRESS", Resources: map[string]string{}, ChangeSets: map[string]bool{}}
				w.Stacks[c.stack()] = s
			case isNew && s.Status != "REVIEW_IN_PROGRESS":
				return nil, fault("ValidationError", "Stack %s already exists and cannot be created again with the changeSet", c.stack())
			case err != nil:
				return nil, err
			}
			s.ChangeSets[c.text("ChangeSetName")] = true
			return map[string]any{"Id": w.changeSetARN(c), "StackId": w.stackARN(c)}, nil
		},
		"cloudformation.DescribeChangeSet": func(c Call) (map[string]any, error) {
			if s, err := w.stack(c); err != nil || !s.ChangeSets[c.changeSet()] {
				return nil, &Fault{Code: "ChangeSetNotFound", Message: "no change set " + c.text("ChangeSetName"), Status: 404}
			}
			change := func(action, replacement, id string) map[string]any {
				r := map[string]any{"Action": action, "LogicalResourceId": id, "ResourceType": "AWS::Lambda::Function"}
				if replacement != "" {
					r["Replacement"] = replacement
				}
				return map[string]any{"Type": "Resource", "ResourceChange": r}
			}
			out := map[string]any{
				"ChangeSetName": c.changeSet(), "ChangeSetId": w.changeSetARN(c), "StackName": c.stack(), "StackId": w.stackARN(c),
				"Status": "CREATE_COMPLETE", "CreationTime": time.Unix(0, 0),
			}
			if c.text("NextToken") != "" {
				out["Changes"] = []any{change("Remove", "", "Old")}
				return out, nil
			}
			out["NextToken"] = "more"
			out["Changes"] = []any{change("Modify", "True", "Moved"), change("Modify", "False", "Changed"), change("Add", "", "New")}
			return out, nil
		},
		"cloudformation.ExecuteChangeSet": func(c Call) (map[string]any, error) {
			s, err := w.stack(c)
			if err == nil && !s.ChangeSets[c.changeSet()] {
				err = &Fault{Code: "ChangeSetNotFound", Message: "no change set " + c.text("ChangeSetName"), Status: 404}
			}
			if err == nil {
				s.Status = map[bool]string{true: "CREATE_COMPLETE", false: "UPDATE_COMPLETE"}[s.Status == "REVIEW_IN_PROGRESS"]
				clear(s.ChangeSets)
			}
			return map[string]any{}, err
		},
		"cloudformation.GetTemplate": func(c Call) (map[string]any, error) {
			_, err := w.stack(c)
			return map[string]any{"TemplateBody": "{}"}, err
		},
		"cloudformation.DescribeStackEvents": func(c Call) (map[string]any, error) {
			s, err := w.stack(c)
			if err != nil {
				return nil, err
			}
			return map[string]any{"StackEvents": []any{map[string]any{
				"StackId": w.stackARN(c), "EventId": "1", "StackName": c.stack(), "LogicalResourceId": c.stack(), "PhysicalResourceId": w.stackARN(c),
				"ResourceType": "AWS::CloudFormation::Stack", "ResourceStatus": s.Status, "Timestamp": time.Now(),
			}}}, nil
		},
		"cloudformation.DeleteChangeSet": func(c Call) (map[string]any, error) {
			s, err := w.stack(c)
			if err == nil {
				delete(s.ChangeSets, c.changeSet())
			}
			return map[string]any{}, err
		},
		"cloudformation.UpdateTerminationProtection": func(c Call) (map[string]any, error) {
			s, err := w.stack(c)
			if err == nil {
				s.Protected, _ = c.Input["EnableTerminationProtection"].(bool)
			}
			return map[string]any{"StackId": w.stackARN(c)}, err
		},
		"cloudformation.DeleteStack": func(c Call) (map[string]any, error) {
			if s := w.Stacks[c.stack()]; s != nil && s.Protected {
				return nil, fault("ValidationError", "Stack [%s] cannot be deleted while TerminationProtection is enabled", c.stack())
			}
			delete(w.Stacks, c.stack())
			return nil, nil
		},
	}
}
