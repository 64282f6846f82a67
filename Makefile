# Every target says what it does: `make` alone lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
# A target that failed is not there; and what checks or embeds the site waits until it is built.
.DELETE_ON_ERROR:
.NOTPARALLEL:

GO      ?= go
TOOLS   := bin/tools
LINT    := $(TOOLS)/golangci-lint
SQLC    := $(TOOLS)/sqlc
# The race detector needs a C compiler; a machine without one runs the tests plain, and is told.
RACE    := $(shell command -v $${CC:-cc} >/dev/null 2>&1 && echo -race)

# CDK runs on the Node that is here; it need not say at every run how old that is.
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := 20

.PHONY: help
help: ## List the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: build ## Build, then serve site, API, engine and database on this machine until Ctrl-C
	@bin/nigredo up

.PHONY: build
build: site ## Build the site and bin/nigredo
	@mkdir -p bin
	@echo "building bin/nigredo (the first time takes minutes)"
	@CGO_ENABLED=0 $(GO) build -trimpath -o bin/nigredo ./workflows/cmd/nigredo

# Files, so that nothing is built twice: the build is new when a source is newer. Folders are
# among them, since a file that was deleted shows in nothing else.
SITE_SOURCES := $(shell find site/src site/build.mjs site/tsconfig.json)

.PHONY: site
site: site/dist/site.json ## Build the public pages into site/dist

site/dist/site.json: site/node_modules/.package-lock.json site/node_modules/.origin $(SITE_SOURCES)
	@echo "building site/dist"
	@cd site && node build.mjs

site/node_modules/.package-lock.json: site/package.json site/package-lock.json
	@command -v npm >/dev/null || { echo "npm is missing: install Node 20.19 or newer with npm"; exit 1; }
	@echo "fetching the site's npm packages (once, some seconds)"
	@cd site && npm ci --engine-strict --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# The address that the pages name is part of what they are built from.
site/node_modules/.origin: site/node_modules/.package-lock.json FORCE
	@printf '%s\n' "$$NIGREDO_SITE_ORIGIN" | cmp -s - $@ || printf '%s\n' "$$NIGREDO_SITE_ORIGIN" > $@

.PHONY: FORCE
FORCE:

.PHONY: build-lambdas
build-lambdas: site ## Build every Lambda for linux/arm64 into bin/lambda/<name>.zip, the same bytes each time
	@echo "building bin/lambda (the first time takes minutes)"
	@$(GO) run ./infra/bundle

.PHONY: synth
synth: build-lambdas ## Write the CloudFormation templates of ENV, prod by default, below infra/cdk.out
	@echo "synthesising the stacks of $${ENV:-prod} (the first time compiles CDK: minutes)"
	@$(GO) run ./infra

.PHONY: items
items: ## List what the templates must say: line, property, mutations
	@$(GO) run ./infra/proof/items

CDK := infra/tools/cdk/node_modules/.package-lock.json

$(CDK): infra/tools/cdk/package.json infra/tools/cdk/package-lock.json
	@cd infra/tools/cdk && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# ENV is named each time: no target that changes AWS has a default.
.PHONY: env
env:
	@[ -n "$(ENV)" ] || { echo "name the environment: make $(MAKECMDGOALS) ENV=dev|staging|prod"; exit 1; }

.PHONY: deploy deploy-backend deploy-frontend deploy-dry-run
deploy: env build synth $(CDK) ## Deploy to AWS: make deploy ENV=prod
	@bin/nigredo deploy --env $(ENV)

deploy-backend: env build synth $(CDK) ## Deploy all but the site
	@bin/nigredo deploy --env $(ENV) --only backend

deploy-frontend: env build synth $(CDK) ## Deploy the site alone
	@bin/nigredo deploy --env $(ENV) --only frontend

deploy-dry-run: env build synth $(CDK) ## Say what a deployment would change
	@bin/nigredo deploy --env $(ENV) --dry-run

.PHONY: verify rollback stop-traffic resume-traffic destroy
verify: env build ## Try out what is deployed
	@bin/nigredo verify --env $(ENV)

rollback: env build ## Move a deployment back to the release before
	@bin/nigredo rollback --env $(ENV)

stop-traffic: env build ## Answer everybody with 503
	@bin/nigredo stop-traffic --env $(ENV)

resume-traffic: env build ## Let everybody through again
	@bin/nigredo resume-traffic --env $(ENV)

destroy: env build ## Delete the stacks of dev or staging
	@bin/nigredo destroy --env $(ENV)

.PHONY: test
test: site fmt-check vet lint generate-check site-test ## Format, vet, lint, generated files, all tests with the race detector
	@echo "testing$(if $(RACE), with the race detector, without the race detector: no C compiler here)"
	@$(GO) test $(RACE) -timeout 20m $$($(GO) list ./... | grep -v -e /infra/stack$$ -e /tests/browser$$)
	@echo "testing the stacks: without the race detector, which CDK's runtime does not stand"
	@$(GO) test -timeout 20m ./infra/stack
	@echo "testing the pages in the browser: alone, because they have a budget of time"
	@$(GO) test $(RACE) -timeout 20m ./tests/browser
	@echo "testing with every function as a process of its own"
	@NIGREDO_E2E_LAMBDA=1 $(GO) test $(RACE) -timeout 10m -run '$(AS_PROCESSES)' ./tests/e2e

# What of the end-to-end tests runs once more with functions as processes: each function
# that a visitor, an operator or a machine calls, bursts and faults. make gate runs all.
AS_PROCESSES := TestFunctions_|TestStamp_IsPublic|TestDelivery_AcceptedLead|TestLimit_Parallel|TestLimit_PersistFailing|TestFailures_|TestViews_|TestRights_FromThe|TestSweep_DeliversWhat|TestPrivacy_DatabaseError

.PHONY: gate
gate: test build-lambdas ## What takes longer: Lambda builds, 100,000 differential pairs, seeded faults, all kills, a campaign of 100,000 leads, Lighthouse and pictures of every page, benchmarks
	@$(GO) test ./workflows/asl -run TestFast_Equals -asl.pairs=100000 -timeout 20m -count=1
	@$(MAKE) --no-print-directory faults
	@NIGREDO_GATE=1 $(GO) test -timeout 30m -count=1 ./infra/bundle
	@NIGREDO_GATE=1 $(GO) test -timeout 20m -count=1 -v -run EveryFunctionIsSoonReady ./tests/lambda
	@NIGREDO_E2E_LAMBDA=1 $(GO) test -timeout 20m -count=1 ./tests/e2e
	@NIGREDO_GATE=1 $(GO) test $(RACE) -timeout 60m -count=1 ./tests/chaos/...
	@NIGREDO_GATE=1 $(GO) test -timeout 30m -count=1 -v -run Quotas ./tests/campaign
	@NIGREDO_GATE=1 $(GO) test -timeout 60m -count=1 -v ./tests/browser
	@$(MAKE) --no-print-directory bench

.PHONY: conformance
conformance: ## The engine's cases against AWS's rules, in process and over HTTP, with a table by group
	@set -o pipefail; $(GO) test $(RACE) -count=1 -v -run '^TestConformance$$' ./tests/conformance | { grep -Ev '^ *(=== |--- PASS)' || true; }

.PHONY: faults
faults: ## Seed faults into the engine, one after the other: a case must catch each (minutes)
	@$(GO) run ./tests/conformance/faults

.PHONY: bench
bench: ## Transitions in memory and on disk, waiting executions, expressions, leads per second (10 minutes)
	@status=0; measure() { \
		echo "measuring $$1"; \
		$(GO) test -run '^$$' -bench "^$$2\$$" -benchtime $$3 -timeout 30m -v $$4 || status=1; \
	}; \
	measure "the slowest expression on the path of a lead" BenchmarkLead_SlowestExpression 1x ./workflows/asl; \
	measure "transitions in memory, and npm's aws-local-stepfunctions in turn" BenchmarkExpress 1x ./tests/bench; \
	measure "durable transitions of 32 executions at a time" BenchmarkStandard 10000x ./workflows/history; \
	measure "100,000 waiting executions: restart, first timer, drain" BenchmarkWaiting 1x ./workflows/history; \
	measure "leads per second end to end, and pgbench in turn" BenchmarkLeads 1x ./tests/bench; \
	exit $$status

.PHONY: site-test
site-test: site ## Check the site: types, format, lint, unit tests
	@echo "checking the site: types, format, lint, unit tests"
	@cd site && npm run --silent check && npm run --silent test

.PHONY: fmt
fmt: $(LINT) site/node_modules/.package-lock.json ## Format the code
	@$(LINT) fmt ./...
	@cd site && npm run --silent fmt

.PHONY: fmt-check
fmt-check: $(LINT)
	@echo "checking format"
	@$(LINT) fmt --diff ./... || { echo "run 'make fmt'"; exit 1; }

.PHONY: vet
vet:
	@echo "vetting"
	@$(GO) vet ./...

.PHONY: lint
lint: $(LINT) ## Run golangci-lint, the import rule included
	@echo "linting"
	@$(LINT) run ./...

.PHONY: generate
generate: $(SQLC) ## Write generated code anew (sqlc)
	@cd activities/postgres && ../../$(SQLC) generate

.PHONY: generate-check
generate-check: $(SQLC) ## Fail when generated code differs from its sources
	@echo "verifying generated code"
	@cd activities/postgres && ../../$(SQLC) diff || { echo "run 'make generate' and commit the result"; exit 1; }
	@$(GO) mod tidy -diff || { echo "run 'go mod tidy' and commit the result"; exit 1; }

$(LINT): infra/tools/golangci/go.mod infra/tools/golangci/go.sum
	@mkdir -p $(TOOLS)
	@echo "building golangci-lint (once, some minutes)"
	@cd infra/tools/golangci && CGO_ENABLED=0 $(GO) build -o ../../../$(LINT) github.com/golangci/golangci-lint/v2/cmd/golangci-lint
	@touch $@

$(SQLC): infra/tools/sqlc/go.mod infra/tools/sqlc/go.sum
	@mkdir -p $(TOOLS)
	@echo "building sqlc (once, some minutes)"
	@cd infra/tools/sqlc && CGO_ENABLED=0 $(GO) build -o ../../../$(SQLC) github.com/sqlc-dev/sqlc/cmd/sqlc
	@touch $@

.PHONY: clean
clean: ## Remove what was built (not the data in .nigredo)
	@rm -rf bin site/node_modules
	@find site/dist -mindepth 1 ! -name .gitkeep -delete
