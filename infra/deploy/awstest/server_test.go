package awstest

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// recorder takes the errors that a test of the server would have.
type recorder struct {
	testing.TB
	errors []string
}

func (r *recorder) Errorf(format string, values ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, values...))
}

func TestServer_RefusesWhatTheModelsDoNotKnow(t *testing.T) {
	t.Parallel()
	const form, js10, js11 = "application/x-www-form-urlencoded", "application/x-amz-json-1.0", "application/x-amz-json-1.1"
	for name, test := range map[string]struct {
		service, method, path, kind, target, body string
		want                                      string
	}{
		"not signed":            {"", "POST", "/", form, "", "", "is not signed"},
		"unknown service":       {"ec2", "POST", "/", form, "", "", "service ec2"},
		"operation of no use":   {"cloudformation", "POST", "/", form, "", "Action=CancelUpdateStack&Version=2010-05-15&StackName=x", "CancelUpdateStack"},
		"another version":       {"cloudformation", "POST", "/", form, "", "Action=DescribeStacks&Version=2009-01-01", "version"},
		"parameter too many":    {"cloudformation", "POST", "/", form, "", "Action=DescribeStacks&Version=2010-05-15&Stack=x", "does not know"},
		"member that is no one": {"ssm", "POST", "/", js11, "AmazonSSM.GetParameter", `{"Name":"/a","Colour":"red"}`, "GetParameter.Colour: there is no such member"},
		"member is missing":     {"ssm", "POST", "/", js11, "AmazonSSM.GetParameter", `{}`, "GetParameter.Name: is missing"},
		"wrong type":            {"ssm", "POST", "/", js11, "AmazonSSM.GetParameter", `{"Name":1}`, "is no string"},
		"not of the list":       {"ssm", "POST", "/", js11, "AmazonSSM.PutParameter", `{"Name":"/a","Value":"x","Type":"Number"}`, `"Number" is none of`},
		"too long":              {"ssm", "POST", "/", js11, "AmazonSSM.GetParameter", `{"Name":"` + strings.Repeat("x", 3000) + `"}`, "is not within"},
		"against a pattern":     {"wafv2", "POST", "/", js11, "AWSWAF_20190729.GetIPSet", `{"Name":"a b","Scope":"REGIONAL","Id":"00000000-0000-4000-8000-000000000000"}`, "does not match"},
		"another content type":  {"states", "POST", "/", js11, "AWSStepFunctions.DescribeStateMachineAlias", `{}`, "content type"},
		"of another service":    {"states", "POST", "/", js10, "AmazonSSM.GetParameter", `{}`, "target"},
		"path of nothing":       {"lambda", "GET", "/2015-03-31/functions/a/colour", "", "", "", "is no operation"},
		"unknown parameter":     {"lambda", "GET", "/2015-03-31/functions/a/configuration?Colour=red", "", "", "", "Colour"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &recorder{TB: t}
			s := Start(r, &World{})
			request, err := http.NewRequestWithContext(t.Context(), test.method, s.URL+test.path, strings.NewReader(test.body))
			if err != nil {
				t.Fatal(err)
			}
			if test.service != "" {
				request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIATEST/20261128/us-east-1/"+test.service+"/aws4_request")
			}
			request.Header.Set("Content-Type", test.kind)
			request.Header.Set("X-Amz-Target", test.target)
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(response.Body)
			if err := response.Body.Close(); err != nil {
				t.Error(err)
			}
			if err != nil || response.StatusCode < http.StatusBadRequest {
				t.Errorf("answered %s %s", response.Status, body)
			}
			if said := strings.Join(r.errors, " "); !strings.Contains(said, test.want) {
				t.Errorf("the test was told %q; want %q in it", said, test.want)
			}
			if calls := s.Calls(); len(calls) != 0 {
				t.Errorf("counted %v as calls", calls)
			}
		})
	}
}

func TestServer_RefusesWhatWorldDoesNotPlay(t *testing.T) {
	t.Parallel()
	r := &recorder{TB: t}
	s := Start(r, &World{})
	_, err := s.perform(t.Context(), Call{Service: "s3", Operation: "HeadBucket"})
	if err == nil || !strings.Contains(err.Error(), "not played") {
		t.Errorf("got %v", err)
	}
}
