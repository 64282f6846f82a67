package task

import (
	"slices"
	"strings"

	"github.com/aws/aws-lambda-go/events"
)

// Role is a Cognito group that grants rights.
type Role string

// The roles.
const (
	Operator Role = "operator"
	Engineer Role = "engineer"
	Auditor  Role = "auditor"
	Privacy  Role = "privacy"
)

// Operation is a protected call of the API, by its operationId in the OpenAPI
// document. Public is a call that needs no role.
type Operation string

// The operations that activities serve.
const (
	Public    Operation = ""
	ListLeads Operation = "listLeads"
	GetLead   Operation = "getLead"

	CreateRedrive Operation = "createRedrive"
	ListRedrives  Operation = "listRedrives"
	GetRedrive    Operation = "getRedrive"
	PauseRedrive  Operation = "pauseRedrive"
	ResumeRedrive Operation = "resumeRedrive"
	CancelRedrive Operation = "cancelRedrive"
	RedriveLead   Operation = "redriveLead"
	ListFailures  Operation = "listFailures"
	GetBalance    Operation = "getBalance"
	GetStats      Operation = "getStats"
	ReleaseLead   Operation = "releaseLead"

	ListRightsRequests Operation = "listRightsRequests"
	GetRightsRequest   Operation = "getRightsRequest"
	CloseRightsRequest Operation = "closeRightsRequest"
)

// rights is the one table of who may do what. An operation that is not in it is
// refused to everybody.
func rights(op Operation) []Role {
	switch op {
	case ListLeads, GetLead, ReleaseLead:
		return []Role{Operator}
	case CreateRedrive, ListRedrives, GetRedrive, PauseRedrive, ResumeRedrive, CancelRedrive, RedriveLead:
		return []Role{Engineer}
	case ListFailures, GetBalance, GetStats:
		return []Role{Operator, Engineer}
	case ListRightsRequests, GetRightsRequest, CloseRightsRequest:
		return []Role{Privacy}
	case Public:
	}
	return nil
}

// Caller is who makes a call, as the authorizer vouches for it.
type Caller struct {
	Subject string // the claim sub; empty: nobody is signed in
	Roles   []Role
}

// callerOf reads the claims that the authorizer attached to a request. The REST
// API's Cognito authorizer gives every claim as a string, cognito:groups as
// "operator", "operator,auditor" or "[operator auditor]"; groups that are no
// role of ours grant nothing and are left out.
func callerOf(request events.APIGatewayProxyRequest) Caller {
	claims, ok := request.RequestContext.Authorizer["claims"].(map[string]any)
	if !ok {
		return Caller{}
	}
	subject, _ := claims["sub"].(string)
	groups, _ := claims["cognito:groups"].(string)
	caller := Caller{Subject: subject}
	for group := range strings.FieldsFuncSeq(groups, func(r rune) bool { return strings.ContainsRune("[], ", r) }) {
		role := Role(group)
		if slices.Contains([]Role{Operator, Engineer, Auditor, Privacy}, role) && !slices.Contains(caller.Roles, role) {
			caller.Roles = append(caller.Roles, role)
		}
	}
	return caller
}

// may tells whether the caller has a role that the operation needs.
func (c Caller) may(op Operation) bool {
	if op == Public {
		return true
	}
	return c.Subject != "" && slices.ContainsFunc(rights(op), func(r Role) bool { return slices.Contains(c.Roles, r) })
}
