// Package cost reckons what a deployment costs a month, from counts: what a lead
// and its page views use of each service, times list prices with source and date.
// It asks nobody, so that a configuration can be priced before there is an account.
//
// It is a model. Free tiers, discounts, taxes and support are left out; retries,
// attacks and campaigns are not in it.
package cost
