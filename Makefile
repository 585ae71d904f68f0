.PHONY: fmt check test serve bench bench-server

BIN := .venv-check/bin

$(BIN)/pytest:
	sh ./check --collect-only --quiet > /dev/null

fmt: $(BIN)/pytest  ## format and repair what can be repaired
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

check:  ## every gate that CI holds
	bash .ci/run

test:  ## the fast tests
	sh ./check

serve:  ## set up and serve
	sh ./start

bench: $(BIN)/pytest  ## accuracy and speed beside the peer; DATA=folder with the recordings
	$(BIN)/python -m benchmarks.transcription --data $(or $(DATA),../shared/eval)

bench-server: $(BIN)/pytest  ## start-up, latency, memory and overhead of the server
	$(BIN)/python -m benchmarks.server --data $(or $(DATA),../shared/eval)
