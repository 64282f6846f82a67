package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscognito"
	"github.com/aws/jsii-runtime-go"

	"github.com/alquimista-ai/nigredo/infra/config"
)

// newIdentity gives the ARN of the user pool whose access tokens the API takes:
// Fibonacci's, or an own one.
func newIdentity(stack awscdk.Stack, c *config.Config) *string {
	if c.Identity.UserPool != "" {
		pool := awscognito.UserPool_FromUserPoolArn(stack, jsii.String("UserPool"), jsii.String(c.Identity.UserPool))
		put(stack, "UserPoolId", pool.UserPoolId(), "The user pool that signs access tokens")
		put(stack, "UserPoolClientId", jsii.String(c.Identity.Client), "Its client")
		return pool.UserPoolArn()
	}
	pool := newPool(stack, c)
	for precedence, group := range []struct{ name, description string }{
		{"privacy", "Answers data subjects: erasure, export, rights requests"},
		{"auditor", "Reads dossiers and the sealed ledger"},
		{"engineer", "Redrives deliveries"},
		{"operator", "Reads leads, releases quarantined ones"},
	} {
		awscognito.NewCfnUserPoolGroup(stack, jsii.String("Group-"+group.name), &awscognito.CfnUserPoolGroupProps{
			UserPoolId: pool.Ref(), GroupName: jsii.String(group.name), Description: jsii.String(group.description), Precedence: jsii.Number(precedence),
		})
	}
	server := awscognito.NewCfnUserPoolResourceServer(stack, jsii.String("Scopes"), &awscognito.CfnUserPoolResourceServerProps{
		UserPoolId: pool.Ref(), Identifier: jsii.String("nigredo"), Name: jsii.String("Nigredo"),
		Scopes: &[]any{&awscognito.CfnUserPoolResourceServer_ResourceServerScopeTypeProperty{
			ScopeName: jsii.String("console"), ScopeDescription: jsii.String("Use the API as the groups of the user allow"),
		}},
	})
	client := newClient(stack, c, pool)
	client.AddResourceDependency(server, nil)
	awscognito.NewCfnUserPoolDomain(stack, jsii.String("LoginDomain"), &awscognito.CfnUserPoolDomainProps{
		UserPoolId: pool.Ref(), Domain: jsii.String("nigredo-" + c.Environment + "-" + c.Account), ManagedLoginVersion: jsii.Number(1),
	})
	put(stack, "UserPoolId", pool.Ref(), "The user pool that signs access tokens")
	put(stack, "UserPoolClientId", client.Ref(), "Its client")
	return pool.AttrArn()
}

// newPool holds people of the house: an administrator makes their accounts, and each
// needs a second factor.
func newPool(stack awscdk.Stack, c *config.Config) awscognito.CfnUserPool {
	props := &awscognito.CfnUserPoolProps{
		UserPoolName: jsii.String(c.CoreStack()), UserPoolTier: jsii.String("ESSENTIALS"),
		UsernameAttributes: jsii.Strings("email"), AutoVerifiedAttributes: jsii.Strings("email"),
		UsernameConfiguration: &awscognito.CfnUserPool_UsernameConfigurationProperty{CaseSensitive: jsii.Bool(false)},
		AdminCreateUserConfig: &awscognito.CfnUserPool_AdminCreateUserConfigProperty{AllowAdminCreateUserOnly: jsii.Bool(true)},
		AccountRecoverySetting: &awscognito.CfnUserPool_AccountRecoverySettingProperty{RecoveryMechanisms: &[]any{
			&awscognito.CfnUserPool_RecoveryOptionProperty{Name: jsii.String("verified_email"), Priority: jsii.Number(1)},
		}},
		MfaConfiguration: jsii.String("ON"), EnabledMfas: jsii.Strings("SOFTWARE_TOKEN_MFA"),
		Policies: &awscognito.CfnUserPool_PoliciesProperty{PasswordPolicy: &awscognito.CfnUserPool_PasswordPolicyProperty{
			MinimumLength: jsii.Number(14), RequireLowercase: jsii.Bool(true), RequireUppercase: jsii.Bool(true),
			RequireNumbers: jsii.Bool(true), RequireSymbols: jsii.Bool(true), PasswordHistorySize: jsii.Number(5), TemporaryPasswordValidityDays: jsii.Number(3),
		}},
		DeletionProtection: jsii.String("INACTIVE"),
	}
	if c.Production() {
		props.DeletionProtection = jsii.String("ACTIVE")
	}
	if c.Identity.ThreatProtection {
		props.UserPoolTier = jsii.String("PLUS")
		props.UserPoolAddOns = &awscognito.CfnUserPool_UserPoolAddOnsProperty{AdvancedSecurityMode: jsii.String("ENFORCED")}
	}
	pool := awscognito.NewCfnUserPool(stack, jsii.String("UserPool"), props)
	pool.ApplyRemovalPolicy(removal(c), nil)
	accept(pool, "AwsSolutions-COG3", "Threat protection is billed by the user and is a choice of the configuration: identity.threatProtection. Every sign-in needs a second factor.")
	accept(pool, "AwsSolutions-COG8", "The Plus tier goes with identity.threatProtection.")
	return pool
}

// newClient is a public client: a page cannot keep a secret, so that it proves itself
// by PKCE.
func newClient(stack awscdk.Stack, c *config.Config, pool awscognito.CfnUserPool) awscognito.CfnUserPoolClient {
	// Without an address of its own the site's is not known here; the console of
	// `nigredo up` is where such an environment is looked at from.
	console := "http://localhost:8080/console/"
	if c.SiteOrigin() != "" {
		console = c.SiteOrigin() + "/console/"
	}
	return awscognito.NewCfnUserPoolClient(stack, jsii.String("UserPoolClient"), &awscognito.CfnUserPoolClientProps{
		UserPoolId: pool.Ref(), ClientName: jsii.String("console"), GenerateSecret: jsii.Bool(false),
		AllowedOAuthFlowsUserPoolClient: jsii.Bool(true), AllowedOAuthFlows: jsii.Strings("code"),
		AllowedOAuthScopes:         jsii.Strings("openid", "nigredo/console"),
		CallbackUrLs:               jsii.Strings(console),
		LogoutUrLs:                 jsii.Strings(console),
		SupportedIdentityProviders: jsii.Strings("COGNITO"),
		ExplicitAuthFlows:          jsii.Strings("ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"),
		PreventUserExistenceErrors: jsii.String("ENABLED"), EnableTokenRevocation: jsii.Bool(true),
		AccessTokenValidity: jsii.Number(60), IdTokenValidity: jsii.Number(60), RefreshTokenValidity: jsii.Number(12),
		TokenValidityUnits: &awscognito.CfnUserPoolClient_TokenValidityUnitsProperty{
			AccessToken: jsii.String("minutes"), IdToken: jsii.String("minutes"), RefreshToken: jsii.String("hours"),
		},
	})
}
