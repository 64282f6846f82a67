package sfn

import (
	"strconv"

	"github.com/alquimista-ai/nigredo/workflows/engine"
)

// settings are the members of CreateStateMachine and UpdateStateMachine that ask for
// other services. What is not here is refused rather than dropped. Logging is: the
// records go to the engine's log, wherever the destination points.
type settings struct {
	logging     *engine.Logging
	traced      bool // the tracing configuration was given
	tracing     bool
	publish     bool
	description bool
	encryption  string
	tags        int
}

func readSettings(r *request) settings {
	s := settings{
		publish:     r.boolean("publish", false),
		description: r.secret("versionDescription", atMost(256)) != nil,
	}
	if logging := r.sub("loggingConfiguration"); logging != nil {
		s.logging = readLogging(logging)
		r.adopt(logging)
	}
	if tracing := r.sub("tracingConfiguration"); tracing != nil {
		s.traced = true
		s.tracing = tracing.boolean("enabled", false)
		r.adopt(tracing)
	}
	if encryption := r.sub("encryptionConfiguration"); encryption != nil {
		s.encryption = encryption.required("type", oneOf("AWS_OWNED_KEY", "CUSTOMER_MANAGED_KMS_KEY"))
		encryption.text("kmsKeyId", notEmpty, atMost(2048))
		encryption.integer("kmsDataKeyReusePeriodSeconds", 60, 900)
		r.adopt(encryption)
	}
	for _, tag := range r.list("tags") {
		s.tags++
		tag.text("key", notEmpty, atMost(128))
		tag.text("value", atMost(256))
		r.adopt(tag)
	}
	return s
}

func readLogging(r *request) *engine.Logging {
	logging := &engine.Logging{Level: engine.LogOff, IncludeExecutionData: r.boolean("includeExecutionData", false)}
	if level := r.text("level", oneOf("ALL", "ERROR", "FATAL", "OFF")); level != nil {
		logging.Level = engine.LogLevel(*level)
	}
	if destinations := r.list("destinations"); destinations != nil {
		logging.Destinations = make([]string, len(destinations))
		for i, destination := range destinations {
			if group := destination.sub("cloudWatchLogsLogGroup"); group != nil {
				if arn := group.text("logGroupArn", arnMember()...); arn != nil {
					logging.Destinations[i] = *arn
				}
				destination.adopt(group)
			}
			r.adopt(destination)
		}
	}
	return logging
}

// badLogging says that not exactly one destination is named where one is needed, or
// more than one is.
func (s settings) badLogging() bool {
	if s.logging == nil {
		return false
	}
	named := s.logging.Destinations
	return len(named) > 1 || (len(named) == 1 && named[0] == "") ||
		(len(named) == 0 && s.logging.Level != engine.LogOff)
}

// maxTags is the service's quota per resource.
const maxTags = 50

func (s settings) check() error {
	switch {
	case s.description && !s.publish:
		return refusal("ValidationException", "Version description can only be set when publish is true")
	case s.publish:
		return refusal("ValidationException", "publish is not supported: this endpoint keeps no versions")
	case s.badLogging():
		return refusal("InvalidLoggingConfiguration", "Invalid Logging Configuration: Must specify exactly one Log Destination.")
	case s.tracing:
		return refusal("InvalidTracingConfiguration", "Invalid Tracing Configuration: this endpoint has no X-Ray; enabled must be false")
	case s.encryption == "CUSTOMER_MANAGED_KMS_KEY":
		return refusal("InvalidEncryptionConfiguration", "Invalid Encryption Configuration: this endpoint has no KMS; type must be AWS_OWNED_KEY")
	case s.tags > maxTags:
		return refusal("TooManyTags", "a state machine takes at most "+strconv.Itoa(maxTags)+" tags")
	}
	return nil
}
