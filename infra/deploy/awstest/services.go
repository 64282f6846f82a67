package awstest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (w *World) objects() map[string]play {
	put := func(c Call, o Object) map[string]any {
		w.count++
		o.Version = "v" + strconv.Itoa(w.count)
		at := c.text("Bucket") + "/" + c.text("Key")
		w.Objects[at] = append(w.Objects[at], o)
		if !w.Versioned {
			return map[string]any{}
		}
		return map[string]any{"VersionId": o.Version}
	}
	return map[string]play{
		"s3.GetBucketLocation": func(Call) (map[string]any, error) {
			return map[string]any{}, nil
		},
		"s3.GetBucketEncryption": func(Call) (map[string]any, error) {
			return map[string]any{"ServerSideEncryptionConfiguration": map[string]any{"Rules": []any{
				map[string]any{"ApplyServerSideEncryptionByDefault": map[string]any{"SSEAlgorithm": "AES256"}},
			}}}, nil
		},
		"s3.PutObject": func(c Call) (map[string]any, error) {
			content, _ := c.Input["Body"].([]byte)
			metadata, _ := c.Input["Metadata"].(map[string]any)
			return put(c, Object{Type: c.text("ContentType"), Cache: c.text("CacheControl"), Metadata: metadata, Content: content}), nil
		},
		"s3.GetObject": func(c Call) (map[string]any, error) {
			versions := w.Objects[c.text("Bucket")+"/"+c.text("Key")]
			if len(versions) == 0 || versions[len(versions)-1].Deleted {
				return nil, fault("NoSuchKey", "no %s", c.text("Key"))
			}
			return map[string]any{"Body": versions[len(versions)-1].Content}, nil
		},
		"s3.CopyObject": func(c Call) (map[string]any, error) {
			source, version, _ := strings.Cut(strings.TrimPrefix(c.text("CopySource"), "/"), "?versionId=")
			for _, o := range w.Objects[source] {
				if o.Version == version {
					put(c, o)
					return map[string]any{"CopyObjectResult": map[string]any{"ETag": "x"}}, nil
				}
			}
			return nil, fault("NoSuchVersion", "no %s", c.text("CopySource"))
		},
		"s3.DeleteObject": func(c Call) (map[string]any, error) {
			put(c, Object{Deleted: true})
			return map[string]any{}, nil
		},
		"s3.ListObjectsV2": func(c Call) (map[string]any, error) {
			found := []any{}
			for at, versions := range w.Objects {
				if key, ok := strings.CutPrefix(at, c.text("Bucket")+"/"); ok && !versions[len(versions)-1].Deleted {
					found = append(found, map[string]any{"Key": key})
				}
			}
			return map[string]any{"Contents": found, "IsTruncated": false}, nil
		},
		"s3.ListObjectVersions": func(c Call) (map[string]any, error) {
			found := []any{}
			for at, versions := range w.Objects {
				if key, ok := strings.CutPrefix(at, c.text("Bucket")+"/"); ok {
					for _, o := range versions {
						found = append(found, map[string]any{"Key": key, "VersionId": o.Version})
					}
				}
			}
			return map[string]any{"Versions": found, "IsTruncated": false}, nil
		},
		"s3.DeleteObjects": func(c Call) (map[string]any, error) {
			wanted, _ := c.Input["Delete"].(map[string]any)
			objects, _ := wanted["Objects"].([]any)
			for _, o := range objects {
				m, _ := o.(map[string]any)
				delete(w.Objects, c.text("Bucket")+"/"+fmt.Sprint(m["Key"]))
			}
			return map[string]any{}, nil
		},
	}
}

func (w *World) database() map[string]play {
	snapshot := func(id string) map[string]any {
		return map[string]any{"DBClusterSnapshotIdentifier": id, "Status": "available", "SnapshotCreateTime": w.Snapshots[id]}
	}
	return map[string]play{
		"rds.DescribeDBClusters": func(c Call) (map[string]any, error) {
			status, ok := w.Clusters[c.text("DBClusterIdentifier")]
			if !ok {
				return nil, &Fault{Code: "DBClusterNotFoundFault", Message: "no cluster", Status: 404}
			}
			return map[string]any{"DBClusters": []any{map[string]any{"DBClusterIdentifier": c.text("DBClusterIdentifier"), "Status": status}}}, nil
		},
		"rds.CreateDBClusterSnapshot": func(c Call) (map[string]any, error) {
			id := c.text("DBClusterSnapshotIdentifier")
			if _, ok := w.Snapshots[id]; ok {
				return nil, fault("DBClusterSnapshotAlreadyExistsFault", "there is %s", id)
			}
			w.count++
			w.Snapshots[id] = time.Unix(int64(2000000000+w.count), 0)
			return map[string]any{"DBClusterSnapshot": snapshot(id)}, nil
		},
		"rds.DescribeDBClusterSnapshots": func(c Call) (map[string]any, error) {
			found := []any{}
			for id := range w.Snapshots {
				if wanted := c.text("DBClusterSnapshotIdentifier"); wanted == "" || wanted == id {
					found = append(found, snapshot(id))
				}
			}
			return map[string]any{"DBClusterSnapshots": found}, nil
		},
		"rds.DeleteDBClusterSnapshot": func(c Call) (map[string]any, error) {
			delete(w.Snapshots, c.text("DBClusterSnapshotIdentifier"))
			return map[string]any{}, nil
		},
		"secretsmanager.DescribeSecret": func(c Call) (map[string]any, error) {
			return map[string]any{"ARN": c.text("SecretId")}, nil
		},
	}
}

func (w *World) code() map[string]play {
	function := func(c Call) (*Function, error) {
		f, ok := w.Functions[c.text("FunctionName")]
		if !ok {
			return nil, &Fault{Code: "ResourceNotFoundException", Message: "no " + c.text("FunctionName"), Status: 404}
		}
		return f, nil
	}
	machine := func(c Call) (*Machine, string, error) {
		arn := strings.TrimSuffix(c.text("stateMachineAliasArn"), ":live")
		m, ok := w.Machines[arn[strings.LastIndexByte(arn, ':')+1:]]
		if !ok {
			return nil, "", fault("ResourceNotFound", "no %s", arn)
		}
		return m, arn, nil
	}
	return map[string]play{
		"lambda.GetAlias": func(c Call) (map[string]any, error) {
			f, err := function(c)
			if err != nil {
				return nil, err
			}
			return map[string]any{"Name": c.text("Name"), "FunctionVersion": f.Live}, nil
		},
		"lambda.UpdateAlias": func(c Call) (map[string]any, error) {
			f, err := function(c)
			if err != nil {
				return nil, err
			}
			if n, err := strconv.Atoi(c.text("FunctionVersion")); err != nil || n < 1 || n > f.Versions {
				return nil, &Fault{Code: "ResourceNotFoundException", Message: "no version " + c.text("FunctionVersion"), Status: 404}
			}
			f.Live = c.text("FunctionVersion")
			return map[string]any{"Name": c.text("Name"), "FunctionVersion": f.Live}, nil
		},
		"lambda.UpdateFunctionCode": func(c Call) (map[string]any, error) {
			f, err := function(c)
			if err != nil {
				return nil, err
			}
			if c.Input["Publish"] == true {
				return nil, fault("ValidationException", "CloudFormation could not publish the same code again")
			}
			content, _ := c.Input["ZipFile"].([]byte)
			f.Code = string(content)
			return map[string]any{"FunctionName": c.text("FunctionName"), "LastUpdateStatus": "InProgress"}, nil
		},
		"lambda.GetFunctionConfiguration": func(c Call) (map[string]any, error) {
			_, err := function(c)
			return map[string]any{"FunctionName": c.text("FunctionName"), "State": "Active", "LastUpdateStatus": "Successful"}, err
		},
		"lambda.Invoke": func(c Call) (map[string]any, error) {
			if _, err := function(c); err != nil {
				return nil, err
			}
			payload, _ := c.Input["Payload"].([]byte)
			answer, functionError := w.Invoke(c.text("FunctionName"), payload)
			out := map[string]any{"Payload": []byte(answer), "StatusCode": 200}
			if functionError != "" {
				out["FunctionError"] = functionError
			}
			return out, nil
		},
		"states.DescribeStateMachineAlias": func(c Call) (map[string]any, error) {
			m, arn, err := machine(c)
			if err != nil {
				return nil, err
			}
			return map[string]any{"name": "live", "routingConfiguration": []any{
				map[string]any{"stateMachineVersionArn": arn + ":" + m.Live, "weight": 100},
			}}, nil
		},
		"states.UpdateStateMachineAlias": func(c Call) (map[string]any, error) {
			m, _, err := machine(c)
			if err != nil {
				return nil, err
			}
			routes, _ := c.Input["routingConfiguration"].([]any)
			route, _ := routes[0].(map[string]any)
			arn := fmt.Sprint(route["stateMachineVersionArn"])
			m.Live = arn[strings.LastIndexByte(arn, ':')+1:]
			return map[string]any{"updateDate": time.Unix(0, 0)}, nil
		},
		"apigateway.GetStage": func(c Call) (map[string]any, error) {
			return map[string]any{"stageName": c.text("stageName"), "deploymentId": "d1", "tracingEnabled": true}, nil
		},
	}
}

func (w *World) edge() map[string]play {
	invalidation := func(id string) map[string]any {
		return map[string]any{
			"Id": id, "Status": "Completed", "CreateTime": time.Unix(0, 0),
			"InvalidationBatch": map[string]any{"CallerReference": "x", "Paths": map[string]any{"Quantity": 1, "Items": []any{"/*"}}},
		}
	}
	return map[string]play{
		"cloudfront.GetDistribution": func(c Call) (map[string]any, error) {
			return map[string]any{"Distribution": map[string]any{"Id": c.text("Id"), "Status": "Deployed"}}, nil
		},
		"cloudfront.CreateInvalidation": func(Call) (map[string]any, error) {
			return map[string]any{"Location": "x", "Invalidation": invalidation("I1")}, nil
		},
		"cloudfront.GetInvalidation": func(c Call) (map[string]any, error) {
			return map[string]any{"Invalidation": invalidation(c.text("Id"))}, nil
		},
		"wafv2.ListIPSets": func(c Call) (map[string]any, error) {
			found := []any{}
			for name, set := range w.IPSets {
				if set.Scope == c.text("Scope") {
					found = append(found, map[string]any{"Name": name, "Id": lock(len(name))})
				}
			}
			return map[string]any{"IPSets": found}, nil
		},
		"wafv2.GetIPSet": func(c Call) (map[string]any, error) {
			set := w.IPSets[c.text("Name")]
			addresses := []any{}
			for _, a := range set.Addresses {
				addresses = append(addresses, a)
			}
			return map[string]any{"LockToken": lock(set.Lock), "IPSet": map[string]any{
				"Name": c.text("Name"), "Id": c.text("Id"), "ARN": "arn:aws:wafv2:us-east-1:" + w.Account + ":x",
				"IPAddressVersion": set.Version, "Addresses": addresses,
			}}, nil
		},
		"wafv2.UpdateIPSet": func(c Call) (map[string]any, error) {
			set := w.IPSets[c.text("Name")]
			if c.text("LockToken") != lock(set.Lock) {
				return nil, fault("WAFOptimisticLockException", "the set was changed")
			}
			set.Lock++
			set.Addresses = nil
			items, _ := c.Input["Addresses"].([]any)
			for _, item := range items {
				if strings.Contains(fmt.Sprint(item), ":") != (set.Version == "IPV6") {
					return nil, fault("WAFInvalidParameterException", "%v is no address of %s", item, set.Version)
				}
				set.Addresses = append(set.Addresses, fmt.Sprint(item))
			}
			return map[string]any{"NextLockToken": lock(set.Lock)}, nil
		},
	}
}

func lock(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }

func (w *World) watch() map[string]play {
	return map[string]play{
		"monitoring.DescribeAlarms": func(c Call) (map[string]any, error) {
			found := []any{}
			for name, state := range w.Alarms {
				if strings.HasPrefix(name, c.text("AlarmNamePrefix")) {
					found = append(found, map[string]any{"AlarmName": name, "StateValue": state, "ActionsEnabled": true})
				}
			}
			return map[string]any{"MetricAlarms": found}, nil
		},
		"monitoring.GetDashboard": func(c Call) (map[string]any, error) {
			if !slices.Contains(w.Dashboards, c.text("DashboardName")) {
				return nil, &Fault{Code: "DashboardNotFoundError", Message: "no " + c.text("DashboardName"), Status: 404}
			}
			return map[string]any{"DashboardName": c.text("DashboardName")}, nil
		},
		"sns.ListSubscriptionsByTopic": func(c Call) (map[string]any, error) {
			found := []any{}
			for address, confirmed := range w.Subscriptions[c.text("TopicArn")] {
				arn := "PendingConfirmation"
				if confirmed {
					arn = c.text("TopicArn") + ":00000000-0000-4000-8000-000000000000"
				}
				found = append(found, map[string]any{"SubscriptionArn": arn, "Protocol": "email", "Endpoint": address, "TopicArn": c.text("TopicArn")})
			}
			return map[string]any{"Subscriptions": found}, nil
		},
		"xray.GetGroups": func(Call) (map[string]any, error) {
			found := []any{}
			for _, name := range w.Groups {
				found = append(found, map[string]any{"GroupName": name})
			}
			return map[string]any{"Groups": found}, nil
		},
	}
}
