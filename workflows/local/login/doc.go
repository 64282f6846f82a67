// Package login is the sign-in of one machine: an OpenID provider with one demo
// user for each role, on loopback only.
//
// It takes the place of the Cognito user pool. The console signs in with code
// and PKCE and refreshes its tokens; the page asks for no password, so New and
// NewSigner refuse an issuer that is not on loopback, and the handler refuses a
// request for another host. Access tokens are JWTs of Cognito's shape (token_use,
// client_id, scope, cognito:groups, username; RS256), so that the gateway applies
// the same rules to them as API Gateway does in AWS.
//
// One difference is known: a token of the code flow also carries aud and nbf,
// which the library always writes and Cognito does not. Signer.Token, behind
// "nigredo token", writes Cognito's claims exactly.
//
// Codes and refresh tokens live in memory: a restart signs everybody out. The
// signing key is the caller's to keep, so access tokens outlive a restart.
package login
