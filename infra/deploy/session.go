package deploy

import (
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/wafv2"
	"github.com/aws/aws-sdk-go-v2/service/xray"

	"github.com/alquimista-ai/nigredo/infra/config"
	"github.com/alquimista-ai/nigredo/migrations"
)

// Session is what every command works with.
type Session struct {
	Config *config.Config
	// Backend are AWS's services in the backend's region, Frontend those in
	// us-east-1, where the site's stack is.
	Backend, Frontend *Services

	// Assembly is the folder that synthesis wrote, Lambdas that of the zips.
	Assembly string
	Lambdas  string
	// Site is the folder of the built site as it is served.
	Site fs.FS
	// Migrations are those of this program, the oldest first.
	Migrations []migrations.Version
	// Version names the content, a commit for instance. Dirty says that the work tree
	// had changes beside it.
	Version string
	Dirty   bool

	Tools Tools
	// HTTP calls the deployed addresses and the webhook's receiver.
	HTTP *http.Client
	Now  func() time.Time
	// Pause waits between two looks at something that takes its time.
	Pause func(context.Context, time.Duration) error
	// Tell says what goes on.
	Tell func(sentence string)
}

// Tools are the programs that a deployment needs.
type Tools interface {
	// Node gives the version of Node.js, as in v20.19.0.
	Node(ctx context.Context) (string, error)
	// CDKVersion gives the version of the CDK command line.
	CDKVersion(ctx context.Context) (string, error)
	// Deploy deploys one stack of the assembly and gives an error that holds what
	// CloudFormation said.
	Deploy(ctx context.Context, assembly, stack string) error
}

// Services are the clients of one region.
type Services struct {
	Region         string
	STS            *sts.Client
	SSM            *ssm.Client
	CloudFormation *cloudformation.Client
	S3             *s3.Client
	RDS            *rds.Client
	Lambda         *lambda.Client
	StepFunctions  *sfn.Client
	CloudFront     *cloudfront.Client
	WAF            *wafv2.Client
	CloudWatch     *cloudwatch.Client
	SNS            *sns.Client
	XRay           *xray.Client
	Secrets        *secretsmanager.Client
	Gateway        *apigateway.Client
}

// NewServices makes the clients of one region.
func NewServices(loaded aws.Config, region string) *Services {
	loaded = loaded.Copy()
	loaded.Region = region
	return &Services{
		Region: region, STS: sts.NewFromConfig(loaded), SSM: ssm.NewFromConfig(loaded),
		CloudFormation: cloudformation.NewFromConfig(loaded), S3: s3.NewFromConfig(loaded), RDS: rds.NewFromConfig(loaded),
		Lambda: lambda.NewFromConfig(loaded), StepFunctions: sfn.NewFromConfig(loaded), CloudFront: cloudfront.NewFromConfig(loaded),
		WAF: wafv2.NewFromConfig(loaded), CloudWatch: cloudwatch.NewFromConfig(loaded), SNS: sns.NewFromConfig(loaded), XRay: xray.NewFromConfig(loaded),
		Secrets: secretsmanager.NewFromConfig(loaded), Gateway: apigateway.NewFromConfig(loaded),
	}
}

// tell says what goes on.
func (s *Session) tell(format string, values ...any) { s.Tell(fmt.Sprintf(format, values...)) }

// await looks until done, every so often and at most so many times.
func (s *Session) await(ctx context.Context, every time.Duration, looks int, what string, done func(context.Context) (bool, error)) error {
	for look := range looks {
		if look > 0 {
			if err := s.Pause(ctx, every); err != nil {
				return err
			}
		}
		ok, err := done(ctx)
		if err != nil || ok {
			return err
		}
	}
	return fmt.Errorf("%s: not after %s", what, time.Duration(looks)*every)
}

// home gives the services of the region that a stack is in.
func (s *Session) home(stack string) *Services {
	if stack == s.Config.FrontendStack() {
		return s.Frontend
	}
	return s.Backend
}
