# Everything that anybody needs: run, test, bench, soak.
GO ?= go
export CGO_ENABLED ?= 0

.PHONY: run build test bench soak clean

# The made-up town of Pontelieto on this machine, on http://127.0.0.1:8080
# unless FILODIRETTO_SERVER_LISTEN says otherwise.
run: build
	./bin/filodiretto demo

build:
	tools/setup run
	$(GO) build -trimpath -o bin/filodiretto ./cmd/filodiretto

# All that must hold before a change lands.
test:
	tools/test

# One JSON line a figure; ONLY=name,... runs some.
bench: build
	tools/setup test
	./bin/filodiretto bench $(if $(ONLY),--only $(ONLY))

# The slow rounds: fuzzing of every parser, the hundred kills.
soak: build
	tools/soak

clean:
	rm -rf bin .filodiretto test-results playwright-report
