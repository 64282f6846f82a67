package engine

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxNameLength is AWS's limit for names of machines and executions.
const maxNameLength = 80

// machineARN, executionARN and expressARN spell AWS's ARNs (recording).
func (e *Engine) machineARN(name string) string {
	return "arn:aws:states:" + e.config.Region + ":" + e.config.Account + ":stateMachine:" + name
}

func (e *Engine) executionARN(machine, name string) string {
	return "arn:aws:states:" + e.config.Region + ":" + e.config.Account + ":execution:" + machine + ":" + name
}

func (e *Engine) expressARN(machine, name, id string) string {
	return "arn:aws:states:" + e.config.Region + ":" + e.config.Account + ":express:" + machine + ":" + name + ":" + id
}

// resourceOf answers the resource type of a states ARN ("stateMachine",
// "execution", "express", ...) or false when the text is no such ARN.
func resourceOf(arn string) (string, bool) {
	parts := strings.SplitN(arn, ":", 7)
	if len(parts) < 7 || parts[0] != "arn" || parts[2] != "states" || parts[6] == "" || !storable(arn) {
		return "", false
	}
	return parts[5], true
}

// wantResource refuses an ARN that is not one of the wanted resource type.
func wantResource(arn, want string) *APIError {
	kind, ok := resourceOf(arn)
	if !ok {
		return invalidARN(arn)
	}
	if kind != want {
		return wrongResource(kind)
	}
	return nil
}

// wantMachine refuses what is not the ARN of a machine, or names a Map state inside
// one: only Describe and List take those (API Reference).
func wantMachine(arn string) *APIError {
	if refused := wantResource(arn, "stateMachine"); refused != nil {
		return refused
	}
	if strings.Contains(arn, "/") {
		return refuse("ValidationException", "The state machine ARN '%s' refers to a Map state", arn)
	}
	return nil
}

// isVersion says whether an ARN names a version of a machine: "…:stateMachine:m:3".
func isVersion(arn string) bool {
	parts := strings.Split(arn, ":")
	return len(parts) == 8 && parts[7] != "" && strings.Trim(parts[7], "0123456789") == ""
}

// storable says whether a store takes a text: a database may know no NUL.
func storable(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsRune(text, 0)
}

// checkName holds a name against AWS's rule: 1 to 80 characters, none of white
// space, brackets, wildcards, the listed specials, controls or surrogates.
func checkName(name string) *APIError {
	if name == "" || utf8.RuneCountInString(name) > maxNameLength || !utf8.ValidString(name) {
		return invalidName(name)
	}
	for _, c := range name {
		if unicode.IsSpace(c) || unicode.IsControl(c) || c == 0xFFFE || c == 0xFFFF ||
			strings.ContainsRune("<>{}[]?*\"#%\\^|~`$&,;:/", c) {
			return invalidName(name)
		}
	}
	return nil
}
