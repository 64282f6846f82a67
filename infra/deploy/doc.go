// Package deploy puts a built version into AWS, takes it back, stops and lets
// traffic through, and tries out what stands there. It reads what `make synth` made
// (infra/cdk.out, bin/lambda, site/dist) and knows no CDK construct; publishing
// assets and driving CloudFormation is left to the CDK command line, everything else
// to the AWS SDK.
//
// A deployment is a row of steps. What is done is kept in Systems Manager, under
// /nigredo/<environment>/: deployment is the journal of the one under way, a release
// is what was live (versions of functions and machines, the schema, the site), and
// live names the current one. A deployment that stopped goes on where it stopped when
// it is run again with the same content; its failure says the next thing to do.
// infra/adr/0020 says why the order is what it is, 0021 what a rollback moves.
package deploy
