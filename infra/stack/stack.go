// Package stack holds the CDK stacks: what stands in AWS, and nothing of what it
// does. What a deployment is told comes from package config; machines come from
// package states, the API from package api, as the files they are.
package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/alquimista-ai/nigredo/infra/config"
)

// Inputs is what is built before synthesis.
type Inputs struct {
	Config *config.Config
	// Lambdas is the folder with <activity>.zip for each function.
	Lambdas string
	// Site is the folder of the built site, with site.json and public.
	Site string
}

// Add puts the stacks of one environment into an app.
func Add(app awscdk.App, in Inputs) {
	core := newCore(app, in)
	newFrontend(app, in, core)
	newMonitoring(app, in)
	if in.Config.Receiver.Deploy {
		newReceiver(app, in, core)
	}
}

func environment(c *config.Config, region string) *awscdk.Environment {
	return &awscdk.Environment{Account: jsii.String(c.Account), Region: jsii.String(region)}
}
