# What this project can do. `make` lists it; `make run` and `make test` need nothing installed before.
.DEFAULT_GOAL := help
SHELL := /bin/bash

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install the system libraries that are missing (sudo where not root)
	@dev/setup

run: setup ## build, then run the demo: offline, until you press ctrl-c (make run FOR=10s ends by itself)
	swift build --product hookswitch
	@.build/debug/hookswitch demo $(if $(FOR),--for $(FOR))

test: setup ## build everything with warnings as errors and run all tests
	@dev/test

check: ## formatting, imports, banned words: quick, before a commit
	@dev/check

format: ## rewrite the Swift files in the house format
	swift format --in-place --parallel --recursive Package.swift Sources Tests Benchmarks

bench: setup ## measure everything against its limit, in one table
	@dev/bench

bench-match: setup ## measure the routing table at up to 100,000 rules, and check its answers
	@dev/bench-match

bench-schema: setup ## measure the validation of events against its limit of 2 µs a KB
	@dev/bench-schema

bench-diff: setup ## measure diff on the routes of this repository: 100,000 events, one thread
	@dev/bench-diff

bench-reload: setup ## measure reloads of 10,000 routes with 200 scripts
	@dev/bench-reload

mutations: setup ## damage 2,000 copies of the examples; check and reload must agree and stay up
	swift build --product hookswitch
	@dev/mutations --count 2000

chaos: setup ## kill the router at random moments, and compare an independent ledger
	@dev/chaos

chaos-windows: setup ## kill the router while windows fill and close
	swift build --product hookswitch
	@dev/chaos-windows
	@dev/chaos-windows --controls

golden: setup ## rewrite the expected files of the golden tests; read the diff
	HOOKSWITCH_GOLDEN=write swift test --filter Golden

docs: setup ## rewrite docs/reference from the declarations
	swift build --product hookswitch
	@.build/debug/hookswitch reference docs/reference

record: setup ## play the recorded change of routes again, into docs/recording
	swift build --product hookswitch
	@dev/record

release: setup ## build the release binary, the Swift runtime inside: .build/release/hookswitch
	swift build -c release --static-swift-stdlib --product hookswitch

.PHONY: help setup run test check format bench bench-match bench-schema bench-diff bench-reload mutations chaos chaos-windows golden docs record release
