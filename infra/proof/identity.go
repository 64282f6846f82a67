package proof

import "fmt"

func identityItems() []Item {
	const pool, client = "AWS::Cognito::UserPool", "AWS::Cognito::UserPoolClient"
	return []Item{
		holds([]string{"S1.84", "S2.18", "S2.65c"}, "the user pool makes no accounts by itself, wants a second factor and long passwords", ofCore, pool,
			"MfaConfiguration", "ON", "EnabledMfas", []any{"SOFTWARE_TOKEN_MFA"}, "AdminCreateUserConfig.AllowAdminCreateUserOnly", true, "Policies.PasswordPolicy.MinimumLength", 14),
		holds([]string{"S2.18", "S1.84"}, "the client is public, with code and PKCE, and gets the scope of the API", ofCore, client,
			"GenerateSecret", false, "AllowedOAuthFlows", []any{"code"}, "AllowedOAuthScopes", []any{"openid", "nigredo/console"}, "PreventUserExistenceErrors", "ENABLED"),
		holds([]string{"S1.84"}, "the scope nigredo/console exists", ofCore, "AWS::Cognito::UserPoolResourceServer", "Identifier", "nigredo", "Scopes.0.ScopeName", "console"),
		{IDs: []string{"D.roles"}, Property: "there is a group for each role", Check: func(t *Templates) error {
			for _, role := range []string{"operator", "engineer", "auditor", "privacy"} {
				if len(Where(t.Core.Resources("AWS::Cognito::UserPoolGroup"), "GroupName", role)) != 1 {
					return fmt.Errorf("no group %s", role)
				}
			}
			return nil
		}, Mutations: []Mutation{without(ofCore, "AWS::Cognito::UserPoolGroup"), set(ofCore, "AWS::Cognito::UserPoolGroup", "GroupName", "operator")}},
	}
}
