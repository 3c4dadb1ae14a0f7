# Tollbook. `make help` lists what can be done; `make run` and `make test` are all the set-up.
SWIFT ?= swift
BUILD  = $(SWIFT) build -c release
TOOL   = .build/release/tollbook
BENCH  = .build/release/Workbench
PREFIX ?= /usr/local
.DEFAULT_GOAL := help
.PHONY: help run dev build test check format fuzz fault bench interop demo docs-check quickstart-verify install release clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: build .env ## build, then start the daemon on embedded defaults (fake money, loopback)
	@docs/run.sh $(TOOL)

dev: run ## the same as run

build: ## build everything in release
	@$(BUILD)

test: ## all tests in Swift; no network, no root
	@$(BUILD) --build-tests --disable-xctest
	@$(SWIFT) test -c release --disable-xctest --skip-build

check: ## what must hold before each commit: format, warnings, tests, fuzz smoke, docs
	@$(SWIFT) format lint --strict -r Sources Tests Package.swift
	@$(BUILD)
	@$(BENCH) fuzz --seconds 2
	@docs/check.sh $(TOOL)

fuzz: build ## fuzz every parser, with our own fuzzer and with libFuzzer; SECONDS=60 each
	@$(BENCH) fuzz --seconds $(or $(SECONDS),60)
	@docs/fuzz.sh $(or $(SECONDS),60)

fault: build ## crash simulation, kill -9 under load, injected disk errors; minutes
	@docs/fault.sh $(TOOL) $(BENCH)

bench: build ## measure against named peers in the same run
	@docs/bench/run.sh $(TOOL) $(BENCH)

interop: build ## read our log with other people's programs
	@docs/interop.sh $(TOOL)

demo: build ## import the sample, audit it, kill it, rebuild it
	@TOLLBOOK=$(TOOL) docs/demo.sh

docs-check: build ## run the commands that README and docs show
	@docs/check.sh $(TOOL)

quickstart-verify: build ## check a running gateway; URL=http://localhost:3000
	@$(TOOL) quickstart verify $(or $(URL),http://localhost:3000)

release: ## a stripped binary with the Swift runtime in it, and the courier with its libraries, in .build/dist
	@$(BUILD) --product tollbook --static-swift-stdlib -Xlinker -s --scratch-path .build/static
	@install -D .build/static/release/tollbook .build/dist/tollbook && ls -lh .build/dist/tollbook
	@$(BUILD) --product tollbook-courier
	@rm -rf .build/dist/courier && mkdir .build/dist/courier
	@install -s .build/release/tollbook-courier .build/dist/courier/
	@ldd .build/release/tollbook-courier | awk '/\/lib\/swift\// {print $$3}' | xargs install -m 0644 -t .build/dist/courier

install: release ## install the binaries and the unit; PREFIX=/usr/local
	@install -D -m 0755 .build/dist/tollbook $(DESTDIR)$(PREFIX)/bin/tollbook
	@mkdir -p $(DESTDIR)$(PREFIX)/lib/tollbook
	@cp .build/dist/courier/* $(DESTDIR)$(PREFIX)/lib/tollbook/
	@ln -sfn ../lib/tollbook/tollbook-courier $(DESTDIR)$(PREFIX)/bin/tollbook-courier
	@install -D -m 0644 docs/tollbook.service $(DESTDIR)/etc/systemd/system/tollbook.service

clean: ## remove what was built
	@rm -rf .build

.env:
	@cp docs/env.example .env && echo "made .env from docs/env.example"
