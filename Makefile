# What people do here. `make` lists it.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

GO      ?= go
BIN     := bin/tributary
CACHE   := .cache
ES_DIR  := $(CACHE)/elasticsearch

# The race detector needs a C compiler. Without one the tests run without it.
CC_FOUND := $(shell [ "$$($(GO) env CGO_ENABLED)" = 1 ] && command -v "$$($(GO) env CC | cut -d' ' -f1)")
RACE     := $(if $(CC_FOUND),-race)

.PHONY: help
help: ## print this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-20s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## build bin/tributary
	@$(GO) build -o $(BIN) .
	@echo "built $(BIN)"

.PHONY: run
run: build ## turn the Go source tree into searchable documents and search them
	@tools/run.sh

.PHONY: generate
generate: ## write what the declarations say: sources/*/*_gen.go, registry, schemas, tables
	@$(GO) build -o $(CACHE)/gen ./gen
	@$(CACHE)/gen generate

.PHONY: compat
compat: ## BASE=rev (default: the last release): find edits of declarations that break what users have stored
	@base="$(BASE)"; \
	[ -n "$$base" ] || base=$$(git describe --tags --abbrev=0 2>/dev/null) || { echo "no release to compare with; name a revision: make compat BASE=main"; exit 0; }; \
	git rev-parse -q --verify "$$base^{commit}" >/dev/null || { echo "make compat BASE=$$base: there is no such revision" >&2; exit 2; }; \
	dir=$$(mktemp -d); trap 'rm -rf "$$dir"' EXIT; \
	git archive "$$base" sources schemas | tar -x -C "$$dir"; \
	$(GO) run ./gen compat --base "$$dir"

.PHONY: docs
docs: ## write the pages of docs/ that are made from the code
	@$(GO) run ./tools/docs
	@$(GO) run ./tools/licences

.PHONY: new-source
new-source: ## NAME=x [TEMPLATE=http|database|files]: make a new source that compiles, with one red test to start from
	@[ -n "$(NAME)" ] || { echo "make new-source NAME=x: a name is missing, such as NAME=weather" >&2; exit 2; }
	@$(GO) build -o $(CACHE)/gen ./gen
	@$(CACHE)/gen new $(if $(TEMPLATE),--template "$(TEMPLATE)") -- "$(NAME)"
	@$(GO) run ./tools/docs

.PHONY: test
test: ## every test that needs Go alone, with the race detector where a C compiler is found
	@echo "go test $(or $(RACE),without -race: no C compiler is found)"
	@GO=$(GO) tools/test.sh $(RACE)

.PHONY: check
check: ## format, vet, lint, generated files, import rules
	@tools/check.sh

.PHONY: ftest
ftest: ## every source, or NAME=x, with its real system: SIZE=small|medium|large, ES=real for a genuine Elasticsearch
	@$(GO) build -o $(CACHE)/ftest/ftest ./tools/ftest
	@$(CACHE)/ftest/ftest -size $(or $(SIZE),medium) -es $(or $(ES),embedded) $(NAME)

.PHONY: cover
cover: ## NAME=x: what a source's own tests and its ftest cover, and the lines that they miss
	@[ -n "$(NAME)" ] || { echo "make cover NAME=x: a name is missing, such as NAME=directory" >&2; exit 2; }
	@[ -d "sources/$(NAME)" ] || { echo "make cover NAME=$(NAME): there is no sources/$(NAME)" >&2; exit 2; }
	@mkdir -p $(CACHE)
	@$(GO) test -coverpkg=./sources/$(NAME)/... -coverprofile=$(CACHE)/$(NAME).out ./sources/$(NAME)/...
	@$(MAKE) ftest SIZE=$(or $(SIZE),small)
	@$(GO) run ./tools/cover -gate -source $(NAME) $(CACHE)/$(NAME).out $(CACHE)/ftest/$(NAME).cover

.PHONY: tutorial
tutorial: ## do what docs/first-source.md tells its reader to, and the same with the other templates
	@$(GO) run ./tools/tutorial docs/first-source.md tools/tutorial/testdata/shop.md tools/tutorial/testdata/exports.md

.PHONY: mutate
mutate: ## NAME=x: that ftest goes red when something of a source is broken
	@tools/ftest/mutate.sh $(NAME)

.PHONY: bench
bench: build ## speed and memory beside their targets; ARGS="-only sink,embedded -quick" for less
	@cd tools/bench && $(GO) run . $(ARGS)

.PHONY: storm
storm: build ## kill and pause replicas while they run jobs; JOBS=200 for more, SEED=n to repeat one
	@$(GO) run ./tools/storm -jobs $(or $(JOBS),30) $(if $(SEED),-seed $(SEED))

.PHONY: kill
kill: build ## kill processes while they sync, and compare; KILLS=200 for more, SEED=n to repeat one
	@$(GO) run ./tools/kill -kills $(or $(KILLS),20) $(if $(SEED),-seed $(SEED))

.PHONY: elasticsearch
elasticsearch: ## start a genuine Elasticsearch on 127.0.0.1:9200 (ES_VERSION=9 for 9.4)
	@tools/elasticsearch/start.sh 9200 $(ES_DIR)
	@echo "use it:  export ELASTICSEARCH_URL=http://127.0.0.1:9200"
	@echo "stop it: make elasticsearch-stop"

.PHONY: elasticsearch-stop
elasticsearch-stop: ## stop it; its data stays in .cache/elasticsearch
	@tools/elasticsearch/stop.sh $(ES_DIR)

.PHONY: test-elasticsearch
test-elasticsearch: ## the integration suite on a genuine Elasticsearch 8.19 (ES_VERSION=9: 9.4)
	@tools/elasticsearch/test.sh

TARGETS := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64

.PHONY: cross
cross: ## the program for every system that is released, in .cache/cross, with its size
	@for t in $(TARGETS); do \
		out=$(CACHE)/cross/tributary_$${t%/*}_$${t#*/}; case $$t in windows/*) out=$$out.exe ;; esac; \
		GOOS=$${t%/*} GOARCH=$${t#*/} CGO_ENABLED=0 $(GO) build -trimpath -ldflags="-s -w" -o $$out . || exit 1; \
		printf '%-14s %3d MiB\n' $$t $$(($$(wc -c <$$out) >> 20)); \
	done

.PHONY: editors
editors: ## that editors complete and check schema.json and config.yml (needs Node and npm)
	@tools/editors/check.sh

.PHONY: need-race
need-race:
	@[ -n "$(RACE)" ] || { echo "make ci needs a C compiler for the race detector" >&2; exit 1; }

.PHONY: ci
ci: need-race check test test-elasticsearch storm kill ## what must pass before a change goes in
	@rm -f $(CACHE)/ftest/*.cover
	@$(MAKE) ftest NAME= SIZE=small
	@$(MAKE) ftest NAME=directory SIZE=medium ES=real
	@$(GO) run ./tools/cover -gate $(CACHE)/cover.out $(CACHE)/ftest/*.cover
	@cd tools/bench && $(GO) vet ./... && echo "bench     ok"
	@rm -rf $(CACHE)/run && $(MAKE) run
	@$(MAKE) run | grep '^created 0 updated 0 unchanged [1-9][0-9]* deleted 0' && echo "make run  ok"

.PHONY: ci-full
ci-full: ci tutorial ## besides: every source in every size, mutations, the long agreement property, a long storm, 9.4 as well, the benchmarks (by hand; needs a JDK 21)
	@$(MAKE) ftest NAME= SIZE=medium
	@$(MAKE) ftest NAME= SIZE=medium ES=real
	@$(MAKE) ftest NAME= SIZE=large ES=real
	@$(MAKE) mutate NAME=
	@$(MAKE) cross editors
	@TRIBUTARY_PAIRS=200000 TRIBUTARY_SOURCES=200 $(GO) test -count=1 -timeout 30m -run Agreement -v ./gen/emit
	@$(MAKE) storm JOBS=200
	@$(MAKE) kill KILLS=200
	@TRIBUTARY_SEEDS=10000 $(GO) test -count=1 -timeout 2h -v ./tools/simulation
	@TRIBUTARY_TEST_VERIFY=100000 $(GO) test -count=1 -timeout 30m -run TestVerifyPlanted -v ./runtime/job
	@tools/mutate/faults.sh
	@tools/mutate/simulation.sh
	@ES_VERSION=9 tools/elasticsearch/test.sh
	@$(MAKE) bench
