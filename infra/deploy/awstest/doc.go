// Package awstest plays the part of AWS that deployments call, for tests. It is a
// server on loopback that the real AWS SDK and the real CDK command line talk to by
// AWS_ENDPOINT_URL. Each request is held against AWS's own API models (models/):
// the protocol, the operation, members that must be there, types, enumerations,
// patterns, lengths. What the models do not know is refused, and so is an
// operation that the models have and World does not play. Answers go through the
// same models.
//
// It is no emulator: World keeps as little as it takes to tell whether things were
// done in the right order, once, and to the right thing. Signatures are not
// verified; the credential's scope says which service and region is meant.
package awstest

//go:generate go run ./trim
