.PHONY: fmt check test serve bench

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
