# Two commands matter: `make run` and `make test`. Both install what they need on Debian as
# root, or say exactly what is missing.

.PHONY: run pictures test lint audit ui build bench fuzz soak test-rust test-browser test-clients clean-test

run: build
	./target/release/pipewright serve --demo

build: ui
	cargo build --release --locked -p pipewright

# The front end, from npm with the lock file; made anew only when its sources change.
ui: ui/dist/manifest.json

ui/dist/manifest.json: ui/package-lock.json ui/package.json $(shell find ui/src ui/styles ui/build ui/icons.txt ui/*.json -type f)
	scripts/require cargo cc node npm
	cd ui && npm ci --no-audit --no-fund && npm run check && npm run build

test: lint test-rust test-browser test-clients

lint: ui
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings

# Licences, sources and known weaknesses of the dependencies. Weaknesses are looked up in a database
# of their own, which needs the network; without it the rest is checked.
audit:
	command -v cargo-deny >/dev/null || cargo install cargo-deny --locked
	cargo deny check licenses bans sources
	cargo deny check advisories || { echo "advisories: found some, or their database cannot be reached"; exit 1; }
	cd ui && npm audit --omit=dev

test-rust: ui
	scripts/require cargo cc postgres faketime
	RUST_TEST_THREADS=4 cargo test --workspace --locked --no-fail-fast; result=$$?; \
	"$${CARGO_TARGET_DIR:-target}"/debug/testkit-stop; exit $$result

# Built as for test-rust: for the program alone, dependencies with other features would be built anew.
test-browser: ui
	scripts/require chromium node npm postgres
	cargo test --workspace --locked --no-run
	cd tests/browser && npm ci --no-audit --no-fund && npm test

# Clients written for Dataverse, unmodified, against the program.
test-clients: ui
	scripts/require cargo cc curl node npm python3 mcs newtonsoft
	cargo test --workspace --locked --no-run
	python3 -m venv target/clients
	target/clients/bin/pip install --quiet --require-hashes --requirement tests/clients/requirements.txt
	cd tests/clients && npm ci --no-audit --no-fund && npm test

# The pictures of the guides, from the pages as the flows of test-browser met them.
pictures: test-browser
	cd tests/browser && node guide.js

# What a request costs, and how long after a click Chromium has drawn the page.
bench: ui
	scripts/require cargo cc chromium node npm
	cargo build --release --locked -p pipewright -p pipewright-benches
	./target/release/pipewright-benches $(BENCH)
	cd tests/browser && npm ci --no-audit --no-fund && node drawn.js

# Bent input for every parser of what comes from outside, each for FUZZ_SECONDS (30). FUZZ_SEED
# repeats a run, FUZZ_TARGET takes one parser only.
fuzz: ui
	cargo run --release --locked -p pipewright-fuzz -- $(FUZZ_TARGET)

# The long forms of the tests of access, crashes, faults, backups and parsers, again and again for
# SOAK_MINUTES (60): see docs/reliability.md.
soak: ui
	scripts/require cargo cc postgres faketime
	scripts/soak
