# Всё, что нужно знать: `make talk` и `make test`. Остальное покажет `make`.
# All you need: `make talk` and `make test`. `make` alone shows the rest.

.DEFAULT_GOAL := help
.PHONY: help setup talk bot frontend test test-full lint lint-quick bench bench-rooms

# Where rustup puts cargo, for a shell that has not read its profile since.
export PATH := $(PATH):$(HOME)/.cargo/bin

ARGS ?=
PROFILE := $(if $(CI),ci,default)
SFERA := cargo run --quiet --package sfera-cli --

help: ## Эта справка · This help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo '  make talk ARGS="--lang en": параметры передаются программе · options go to the program'

talk: ## Поговорить голосом: ставит недостающее, собирает, начинает · Talk: installs what is missing, builds, starts
	@.ci/rust
	@.ci/packages talk
	cargo build --package sfera-cli
	$(SFERA) models pull whisper-base
	$(SFERA) talk $(ARGS)

bot: ## Telegram-бот по настройкам из .env · The Telegram bot, as .env says
	@.ci/rust
	@.ci/packages talk
	cargo run --package sfera-bot -- $(ARGS)

frontend: ## Собрать страницу Mini App в frontend/out · Build the Mini App's page
	cd frontend && npm ci --no-audit --no-fund && NEXT_TELEMETRY_DISABLED=1 npm run build

setup: ## Поставить всё для тестов, не запуская их · Install all that the tests need
	@.ci/rust
	@.ci/packages test
	@.ci/tools nextest
	@.ci/livekit-server >/dev/null
	@.ci/python-livekit >/dev/null
	@.ci/livekit-client >/dev/null
	@.ci/python-qdrant >/dev/null
	@.ci/mcp-server >/dev/null
	@.ci/sfera models pull

test: setup ## Тесты и записанный разговор · Tests and the recorded conversation
	cargo nextest run --workspace --all-features --profile $(PROFILE)
	cargo test --workspace --all-features --doc --quiet
	@.ci/frontend
	@.ci/outside
	@.ci/scenarios

test-full: test ## Долгие тесты: миллион разговоров, WER, llama.cpp, каждая feature · The long tests
	@.ci/tools deny
	@.ci/sfera models pull silero-vad onnxruntime
	cargo nextest run --workspace --all-features --profile full
	@.ci/features
	cargo deny --all-features check licenses bans sources
	cargo test --package sfera-benches --benches --quiet
	@.ci/google
	@.ci/fuzz 60
	@.ci/frontend long

lint: lint-quick ## Форматирование, clippy, документация, скрипты, лицензии · Formatting, clippy, docs, scripts, licences
	cargo clippy --workspace --all-targets --all-features --quiet -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --all-features --no-deps --quiet
	@if command -v cargo-deny >/dev/null; then cargo deny --all-features check licenses bans sources; fi

lint-quick:
	@.ci/packages lint
	cargo fmt --all --check
	shellcheck $$(grep -lE '^#!.*(ba|)sh' .ci/*)
	@.ci/shared-build

bench: ## Замеры; что значат числа, написано в benches/README.md · Benchmarks
	cargo bench --profile dev --package sfera-benches $(or $(ARGS),--bench parts --bench latency --bench memory --bench knowledge --bench store)

bench-rooms: ## Работник под нагрузкой: настоящий сервер, много собеседников · A worker under load
	@.ci/rust
	@.ci/packages talk
	@.ci/livekit-server >/dev/null
	cargo build --release --package sfera-cli
	cargo bench --package sfera-benches --bench rooms $(ARGS)
