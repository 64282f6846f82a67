package sfn

import "strings"

// machineARN refuses what is not the ARN of a state machine. Version and alias
// ARNs pass: whether they exist is the engine's to say.
func machineARN(arn string) error {
	name, err := resource(arn, "stateMachine")
	if err != nil {
		return err
	}
	if strings.Contains(name, "/") {
		return validation("This operation does not accept the ARN of a Map state: '" + arn + "'")
	}
	return nil
}

// executionARN refuses what is not the ARN of a Standard execution: Express
// executions have neither a description nor a history.
func executionARN(arn string) error {
	name, err := resource(arn, "execution")
	if err != nil {
		return err
	}
	if machine, execution, ok := strings.Cut(name, ":"); !ok || machine == "" || execution == "" {
		return refusal("InvalidArn", "Invalid Arn: 'Invalid ARN: "+arn+"'")
	}
	return nil
}

// resource gives what follows the resource type in arn:aws:states:R:A:type:….
func resource(arn, want string) (string, error) {
	parts := strings.SplitN(arn, ":", 7)
	if parts[0] != "arn" {
		return "", refusal("InvalidArn", "Invalid Arn: 'Invalid ARN prefix: "+arn+"'")
	}
	if len(parts) < 7 || parts[2] != "states" || parts[3] == "" || parts[4] == "" || parts[6] == "" {
		return "", refusal("InvalidArn", "Invalid Arn: 'Invalid ARN: "+arn+"'")
	}
	if parts[5] != want {
		return "", refusal("InvalidArn", "Invalid Arn: 'Resource type not valid in this context: "+parts[5]+"'")
	}
	return parts[6], nil
}

// roleARN refuses what is not the ARN of an IAM role.
func roleARN(arn string) error {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" || parts[2] != "iam" || parts[3] != "" || len(parts[4]) != 12 ||
		strings.Trim(parts[4], "0123456789") != "" || !strings.HasPrefix(parts[5], "role/") || parts[5] == "role/" {
		return refusal("InvalidArn", "Invalid Role Arn: '"+arn+"'")
	}
	return nil
}
