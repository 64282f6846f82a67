package proof

import (
	"fmt"
	"strings"
)

const (
	clusterType  = "AWS::RDS::DBCluster"
	instanceType = "AWS::RDS::DBInstance"
)

func databaseItems() []Item {
	items := []Item{
		demand{typ: clusterType, unless: importsDatabase, wants: []must{
			{path: "Engine", value: "aurora-postgresql", worse: "aurora-mysql"},
			{path: "EngineVersion", holds: func(_ *Templates, v any) bool { return strings.HasPrefix(fmt.Sprint(v), "16.") }, worse: "11.9"},
			{path: "DatabaseName", holds: func(t *Templates, v any) bool { return v == t.Config.Database.Name }, worse: "postgres"},
			{path: "DBClusterIdentifier", holds: func(t *Templates, v any) bool { return v == t.Config.Cluster() }, worse: "other"},
		}}.item("the cluster is Aurora PostgreSQL 16 with the configured database", "S1.75", "S1.62"),
		demand{typ: clusterType, unless: importsDatabase, wants: []must{
			{path: "ServerlessV2ScalingConfiguration.MinCapacity", holds: func(t *Templates, v any) bool { return numberOf(v) == t.Config.Database.MinCapacity }, worse: 8},
			{path: "ServerlessV2ScalingConfiguration.MaxCapacity", holds: func(t *Templates, v any) bool { return numberOf(v) == t.Config.Database.MaxCapacity }, worse: 256},
		}}.item("the cluster is sized by what it does, between the configured bounds", "S2.78d"),
		demand{typ: instanceType, unless: importsDatabase, wants: []must{
			{path: "DBInstanceClass", value: "db.serverless", worse: "db.r6g.4xlarge"},
			{path: "PubliclyAccessible", value: false, worse: true},
			{path: "AutoMinorVersionUpgrade", value: true, worse: false},
		}}.item("each instance is serverless, patched and without a public address", "S2.78d", "S1.83"),
		demand{typ: clusterType, unless: importsDatabase, wants: []must{
			{path: "StorageEncrypted", value: true, worse: false}, {path: "KmsKeyId", holds: customerKey, worse: "alias/aws/rds"},
		}}.item("the cluster and its snapshots are encrypted with a customer key", "S1.81", "S2.62"),
		demand{typ: instanceType, unless: importsDatabase, wants: []must{
			{path: "PerformanceInsightsKMSKeyId", holds: customerKey, worse: "alias/aws/rds"},
		}}.item("the database's insights are encrypted with a customer key", "S1.81"),
	}
	return append(items,
		parameters("the database takes TLS 1.2 or later and nothing else", map[string][2]string{
			"rds.force_ssl": {"1", "0"}, "ssl_min_protocol_version": {"TLSv1.2", "TLSv1"},
		}, "S1.82", "S2.63"),
		parameters("the database's log quotes no row and no parameter of a statement", map[string][2]string{
			"log_parameter_max_length": {"0", "-1"}, "log_error_verbosity": {"terse", "default"},
		}, "D.no-personal-data-in-logs"),
		parameters("a session that forgot its transaction is ended within a minute", map[string][2]string{
			"idle_in_transaction_session_timeout": {"60000", "0"},
		}, "D.budget"),
		demand{typ: clusterType, unless: importsDatabase, wants: []must{
			{path: "EnableCloudwatchLogsExports", value: []string{"postgresql", "iam-db-auth-error"}, worse: []any{"postgresql"}},
		}}.item("what the database says, and why it refused a token, is in CloudWatch", "S2.64b"),
		demand{typ: clusterType, unless: importsDatabase, wants: []must{
			{path: "EnableIAMDatabaseAuthentication", value: true, worse: false},
			{path: "ManageMasterUserPassword", value: true, worse: false},
			{path: "MasterUserSecret.KmsKeyId", holds: customerKey, worse: "alias/aws/secretsmanager"},
		}}.item("functions sign in by IAM; the owner's password is made and rotated by RDS", "S1.78", "S2.62", "S2.12"),
		demand{typ: clusterType, unless: importsDatabase, wants: []must{
			{path: "BackupRetentionPeriod", holds: func(t *Templates, v any) bool { return numberOf(v) >= 7 || !t.Config.Production() && numberOf(v) >= 1 }, worse: 1},
			{path: "PreferredBackupWindow", value: "05:00-06:00"},
			{path: "CopyTagsToSnapshot", value: true, worse: false},
		}}.item("snapshots each day, kept 7 days, with recovery to any point in between", "S2.79", "S2.64d", "S2.81", "S2.82"),
		survives(),
		demand{typ: clusterType, unless: importsDatabase, wants: []must{
			{path: "PreferredMaintenanceWindow", value: "sun:02:00-sun:04:00", worse: "mon:15:00-mon:16:00"},
		}}.item("the cluster is maintained on Sundays between 02:00 and 04:00 UTC (RDS knows weekly windows only)", "S2.59"),
		demand{typ: instanceType, unless: importsDatabase, wants: []must{
			{path: "PreferredMaintenanceWindow", value: "sun:02:00-sun:04:00", worse: "mon:15:00-mon:16:00"},
		}}.item("so is each instance", "S2.59"),
		pooling(),
		proxied(),
	)
}

// parameters demands settings of the cluster's parameter group. Their names hold
// dots, so that paths cannot name them.
func parameters(property string, wants map[string][2]string, ids ...string) Item {
	const typ = "AWS::RDS::DBClusterParameterGroup"
	of := func(t *Templates) map[string]any {
		for _, group := range t.Core.Resources(typ) {
			settings, _ := group.Get("Parameters").(map[string]any)
			return settings
		}
		return nil
	}
	item := Item{IDs: ids, Property: property, Check: func(t *Templates) error {
		if importsDatabase(t) {
			return nil
		}
		for _, cluster := range t.Core.Resources(clusterType) {
			if group := referred(cluster.Get("DBClusterParameterGroupName")); len(Where(t.Core.Resources(typ))) != 1 || group != t.Core.Resources(typ)[0].ID {
				return fmt.Errorf("%s has parameter group %q", cluster.ID, group)
			}
		}
		for name, value := range wants {
			if got := of(t)[name]; got != value[0] {
				return fmt.Errorf("%s is %v, want %s", name, got, value[0])
			}
		}
		return nil
	}}
	for name, value := range wants {
		item.Mutations = append(item.Mutations,
			Mutation{What: name + " is left out", Do: func(t *Templates) { delete(of(t), name) }},
			Mutation{What: name + " is " + value[1], Do: func(t *Templates) { of(t)[name] = value[1] }})
	}
	item.Mutations = append(item.Mutations, Mutation{What: "the cluster has the default parameters", Do: func(t *Templates) {
		last(t.Core.Resources(clusterType)).Set("DBClusterParameterGroupName", nil)
	}})
	return item
}

// survives holds what protects the data from whoever deletes a stack.
func survives() Item {
	return Item{
		IDs: []string{"S2.82", "D.deletion-protection"}, Property: "in prod the cluster is protected from deletion, leaves a snapshot, and its key stays",
		Check: func(t *Templates) error {
			if importsDatabase(t) || !t.Config.Production() {
				return nil
			}
			for _, cluster := range t.Core.Resources(clusterType) {
				if !Equal(cluster.Get("DeletionProtection"), true) || cluster.Body["DeletionPolicy"] != "Snapshot" || cluster.Body["UpdateReplacePolicy"] != "Snapshot" {
					return fmt.Errorf("%s can be deleted without a snapshot", cluster.ID)
				}
			}
			for _, key := range t.Core.Resources("AWS::KMS::Key") {
				if err := outlives(key); err != nil {
					return err
				}
			}
			return nil
		},
		Mutations: []Mutation{
			{"the cluster has no protection", func(t *Templates) { last(t.Core.Resources(clusterType)).Set("DeletionProtection", false) }},
			{"the cluster is deleted without a snapshot", func(t *Templates) { last(t.Core.Resources(clusterType)).Body["DeletionPolicy"] = "Delete" }},
			{"the cluster is replaced without a snapshot", func(t *Templates) { delete(last(t.Core.Resources(clusterType)).Body, "UpdateReplacePolicy") }},
			{"a key is deleted with the stack", func(t *Templates) { last(t.Core.Resources("AWS::KMS::Key")).Body["DeletionPolicy"] = "Delete" }},
		},
	}
}

// pooling is the budget of connections: one for each instance of a function.
func pooling() Item {
	const typ = "AWS::Lambda::Function"
	inside := func(t *Templates) []Resource {
		var out []Resource
		for _, f := range t.Core.Resources(typ) {
			if f.Get("VpcConfig") != nil {
				out = append(out, f)
			}
		}
		return out
	}
	return Item{
		IDs: []string{"S2.74a", "S2.76c", "S2.78a"}, Property: "every function that reaches the database has a reserved concurrency, and together they take at most four fifths of the connections",
		Check: func(t *Templates) error {
			total, functions := 0.0, inside(t)
			if len(functions) == 0 {
				return fmt.Errorf("no function is in the network")
			}
			for _, f := range functions {
				n := numberOf(f.Get("ReservedConcurrentExecutions"))
				if n < 1 {
					return fmt.Errorf("%s may take any number of connections", f.ID)
				}
				total += n
			}
			if limit := 0.8 * float64(t.Config.Database.Connections); total > limit {
				return fmt.Errorf("functions may take %g connections of %g", total, limit)
			}
			return nil
		},
		Mutations: []Mutation{
			{"a function has no reserved concurrency", func(t *Templates) { last(inside(t)).Set("ReservedConcurrentExecutions", nil) }},
			{"a function may take more than is left", func(t *Templates) { last(inside(t)).Set("ReservedConcurrentExecutions", 50) }},
		},
	}
}

// proxied holds the proxy to the configuration: there when it is asked for, with IAM
// and TLS, and not there otherwise, because it costs more than the database.
func proxied() Item {
	const typ = "AWS::RDS::DBProxy"
	return Item{
		IDs: []string{"S2.74a", "S2.77c"}, Property: "a proxy stands before the database when the configuration says so, and only then; it takes IAM and TLS alone",
		Check: func(t *Templates) error {
			proxies := t.Core.Resources(typ)
			if want := t.Config.Database.Proxy; (len(proxies) > 0) != want {
				return fmt.Errorf("%d proxies, and the configuration says %v", len(proxies), want)
			}
			for _, proxy := range proxies {
				if !Equal(proxy.Get("RequireTLS"), true) || proxy.Get("DefaultAuthScheme") != "IAM_AUTH" {
					return fmt.Errorf("%s takes a password, or no TLS", proxy.ID)
				}
			}
			return nil
		},
		Mutations: []Mutation{
			{"the configuration's answer is the other one", func(t *Templates) {
				changed := *t.Config
				changed.Database.Proxy = !changed.Database.Proxy
				t.Config = &changed
			}},
		},
	}
}
