package stack

import (
	"fmt"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsrds"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/jsii-runtime-go"

	"github.com/alquimista-ai/nigredo/infra/config"
)

// engineVersion is Aurora PostgreSQL's when the cluster is made. Minor upgrades come
// by themselves after that, in the window.
const engineVersion = "16.11"

// The windows of the database, UTC. RDS knows weekly windows only, so that the
// promise of the first Sunday of the month, 02:00 to 04:00, is a window on each
// Sunday: what we announce and do ourselves is done in the first. The backup is at
// two in the night in São Paulo and outside that window.
const (
	maintenanceWindow = "sun:02:00-sun:04:00"
	snapshotWindow    = "05:00-06:00"
)

// addDatabase makes or imports the cluster, and puts a proxy before it when asked to.
func (g *ground) addDatabase(stack awscdk.Stack, c *config.Config, n *network) {
	var cluster, resource *string
	if i := c.Database.Import; i != nil {
		cluster, resource = jsii.String(i.Cluster), jsii.String(i.ClusterID)
		g.ownerHost, g.ownerPort = jsii.String(i.Endpoint), jsii.String(strconv.Itoa(i.Port))
		g.ownerSecret = awssecretsmanager.Secret_FromSecretCompleteArn(stack, jsii.String("OwnerSecret"), jsii.String(i.SecretARN))
	} else {
		own := g.newCluster(stack, c, n)
		cluster, resource = own.Ref(), own.AttrDbClusterResourceId()
		g.ownerHost, g.ownerPort = own.AttrEndpointAddress(), own.AttrEndpointPort()
		g.ownerSecret = awssecretsmanager.Secret_FromSecretAttributes(stack, jsii.String("OwnerSecret"), &awssecretsmanager.SecretAttributes{
			SecretCompleteArn: own.AttrMasterUserSecretSecretArn(), EncryptionKey: g.dataKey,
		})
	}
	g.host, g.port, g.clusterResource = g.ownerHost, g.ownerPort, resource
	if c.Database.Proxy {
		g.addProxy(stack, c, n, cluster, resource)
	}
	put(stack, "ClusterId", cluster, "The database cluster's identifier")
	put(stack, "DatabaseEndpoint", g.host, "Where the functions reach the database")
	put(stack, "DatabaseSecretArn", g.ownerSecret.SecretArn(), "The owner's user name and password: for migrations, and for whoever forwards a port")
}

// newCluster makes an own cluster with its writer, and a reader when asked to.
func (g *ground) newCluster(stack awscdk.Stack, c *config.Config, n *network) awsrds.CfnDBCluster {
	d := c.Database
	key := newKey(stack, "DatabaseKey", c, "Nigredo "+c.Environment+": the database, its backups and its insights")
	subnets := awsrds.NewCfnDBSubnetGroup(stack, jsii.String("DatabaseSubnets"), &awsrds.CfnDBSubnetGroupProps{
		DbSubnetGroupDescription: jsii.String("Subnets of the database, without a way out"), SubnetIds: references(n.data),
	})
	parameters := awsrds.NewCfnDBClusterParameterGroup(stack, jsii.String("DatabaseParameters"), &awsrds.CfnDBClusterParameterGroupProps{
		Family: jsii.String("aurora-postgresql16"), Description: jsii.String("TLS only, and no personal data in a log"),
		Parameters: map[string]any{
			"rds.force_ssl":            "1",
			"ssl_min_protocol_version": "TLSv1.2",
			// What a session may hold. How long a statement may take differs by function and
			// is a setting of its role, which migrations write.
			"idle_in_transaction_session_timeout": "60000",
			// Slow statements are logged with their placeholders and not with what stood in
			// them; an error without its detail, which would quote the row.
			"log_min_duration_statement": "1000",
			"log_parameter_max_length":   "0",
			"log_error_verbosity":        "terse",
			"log_lock_waits":             "1",
		},
	})

	cluster := awsrds.NewCfnDBCluster(stack, jsii.String("Database"), &awsrds.CfnDBClusterProps{
		DbClusterIdentifier: jsii.String(c.Cluster()), Engine: jsii.String("aurora-postgresql"), EngineVersion: jsii.String(engineVersion),
		DatabaseName: jsii.String(d.Name), Port: jsii.Number(postgresPort),
		ServerlessV2ScalingConfiguration: &awsrds.CfnDBCluster_ServerlessV2ScalingConfigurationProperty{
			MinCapacity: jsii.Number(d.MinCapacity), MaxCapacity: jsii.Number(d.MaxCapacity),
		},
		DbSubnetGroupName: subnets.Ref(), VpcSecurityGroupIds: references([]*string{n.database.SecurityGroupId()}),
		DbClusterParameterGroupName: parameters.Ref(),
		StorageEncrypted:            jsii.Bool(true), KmsKeyId: key.KeyArn(),
		EnableIamDatabaseAuthentication: jsii.Bool(true),
		// The owner's password is RDS's own to make and to change, every seven days: a
		// rotation of our own would be a function in this network with a way to Secrets
		// Manager, for a password that migrations alone use.
		MasterUsername: jsii.String("nigredo_owner"), ManageMasterUserPassword: jsii.Bool(true),
		MasterUserSecret:            &awsrds.CfnDBCluster_MasterUserSecretProperty{KmsKeyId: g.dataKey.KeyArn()},
		BackupRetentionPeriod:       jsii.Number(float64(d.BackupDays)),
		PreferredBackupWindow:       jsii.String(snapshotWindow),
		PreferredMaintenanceWindow:  jsii.String(maintenanceWindow),
		CopyTagsToSnapshot:          jsii.Bool(true),
		DeletionProtection:          jsii.Bool(c.Production()),
		EnableCloudwatchLogsExports: jsii.Strings(databaseLogs()...),
	})
	// A snapshot outlives the stack in production, should somebody take the protection
	// off; elsewhere there is nothing to keep.
	if c.Production() {
		cluster.ApplyRemovalPolicy(awscdk.RemovalPolicy_SNAPSHOT, nil)
	} else {
		cluster.ApplyRemovalPolicy(awscdk.RemovalPolicy_DESTROY, nil)
		accept(cluster, "AwsSolutions-RDS10", "Outside prod the cluster holds nobody's data and goes with its stack; prod has the protection.")
	}
	// RDS would make these groups itself, and keep what is in them for ever.
	for i, name := range databaseLogs() {
		cluster.Node().AddDependency(awslogs.NewLogGroup(stack, jsii.String(fmt.Sprint("DatabaseLog", i)), &awslogs.LogGroupProps{
			LogGroupName: jsii.String(c.DatabaseLog(name)), Retention: awslogs.RetentionDays_ONE_MONTH,
			EncryptionKey: g.dataKey, RemovalPolicy: removal(c),
		}))
	}
	instances := []string{"Writer"}
	if d.Reader {
		instances = append(instances, "Reader")
	}
	for tier, id := range instances {
		awsrds.NewCfnDBInstance(stack, jsii.String(id), &awsrds.CfnDBInstanceProps{
			DbClusterIdentifier: cluster.Ref(), DbInstanceClass: jsii.String("db.serverless"), Engine: jsii.String("aurora-postgresql"),
			PubliclyAccessible: jsii.Bool(false), PromotionTier: jsii.Number(float64(tier)), AutoMinorVersionUpgrade: jsii.Bool(true),
			PreferredMaintenanceWindow: jsii.String(maintenanceWindow), CaCertificateIdentifier: jsii.String("rds-ca-rsa2048-g1"),
			EnablePerformanceInsights: jsii.Bool(true), PerformanceInsightsKmsKeyId: key.KeyArn(), PerformanceInsightsRetentionPeriod: jsii.Number(7),
		})
	}
	return cluster
}

// databaseLogs are the logs that Aurora hands to CloudWatch.
func databaseLogs() []string { return []string{"postgresql", "iam-db-auth-error"} }

// addProxy puts an RDS Proxy before the cluster. It takes IAM authentication alone
// and speaks to the cluster by it too, as the user that called, so that it knows no
// password of any function.
func (g *ground) addProxy(stack awscdk.Stack, c *config.Config, n *network, cluster, resource *string) {
	role := awsiam.NewRole(stack, jsii.String("ProxyRole"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("rds.amazonaws.com"), &awsiam.ServicePrincipalOpts{
			Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": c.Account}},
		}),
		Description: jsii.String("The database proxy of " + c.CoreStack()),
	})
	var users []*string
	for _, f := range config.All() {
		if f.Database {
			users = append(users, jsii.String("arn:aws:rds-db:"+c.Region+":"+c.Account+":dbuser:"+*resource+"/"+f.DatabaseUser()))
		}
	}
	role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{Actions: jsii.Strings("rds-db:connect"), Resources: &users}))
	proxy := awsrds.NewCfnDBProxy(stack, jsii.String("Proxy"), &awsrds.CfnDBProxyProps{
		DbProxyName: jsii.String(c.Cluster()), EngineFamily: jsii.String("POSTGRESQL"), RoleArn: role.RoleArn(),
		DefaultAuthScheme: jsii.String("IAM_AUTH"), RequireTls: jsii.Bool(true), IdleClientTimeout: jsii.Number(600),
		VpcSubnetIds: references(n.data), VpcSecurityGroupIds: references([]*string{n.proxy.SecurityGroupId()}),
	})
	target := awsrds.NewCfnDBProxyTargetGroup(stack, jsii.String("ProxyTarget"), &awsrds.CfnDBProxyTargetGroupProps{
		DbProxyName: proxy.Ref(), TargetGroupName: jsii.String("default"), DbClusterIdentifiers: references([]*string{cluster}),
		ConnectionPoolConfigurationInfo: &awsrds.CfnDBProxyTargetGroup_ConnectionPoolConfigurationInfoFormatProperty{
			MaxConnectionsPercent: jsii.Number(80), MaxIdleConnectionsPercent: jsii.Number(40), ConnectionBorrowTimeout: jsii.Number(2),
		},
	})
	// A cluster without an instance takes no target.
	if writer := stack.Node().TryFindChild(jsii.String("Writer")); writer != nil {
		target.Node().AddDependency(writer)
	}
	g.host, g.port = proxy.AttrEndpoint(), jsii.String(strconv.Itoa(postgresPort))
	// arn:aws:rds:<region>:<account>:db-proxy:prx-…
	g.clusterResource = awscdk.Fn_Select(jsii.Number(6), awscdk.Fn_Split(jsii.String(":"), proxy.AttrDbProxyArn(), nil))
}
