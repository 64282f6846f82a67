package stack

import "github.com/aws/aws-cdk-go/awscdk/v2"

func newAPI(awscdk.Stack, Inputs, *ground, *functions, *machines) {}
