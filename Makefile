# Everything that anybody needs: run, test, bench, soak.
GO ?= go
export CGO_ENABLED ?= 0

.PHONY: run build test bench soak fuzz clean

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

# Ten minutes for each target that reads what comes from outside in a mail, and
# the configuration: PARSERS="./channels/pec:FuzzDaticert ..." names others.
PARSERS ?= ./internal/cms:FuzzCMS ./channels/mail/tnef:FuzzTNEF ./channels/pec:FuzzDaticert ./channels/pec:FuzzParse \
	./internal/config:FuzzLoad ./channels/mail:FuzzParse ./channels/mail:FuzzReport ./channels/mail:FuzzSlim \
	./channels/mail/rfc822:FuzzRead ./channels/mail/rfc822:FuzzHeader ./channels/mail/segnatura:FuzzParse
fuzz:
	for p in $(PARSERS); do GOMEMLIMIT=400MiB $(GO) test $${p%:*} -run '^$$' -fuzz "^$${p#*:}$$" -fuzztime $(or $(SECONDS_EACH),600)s || exit 1; done

clean:
	rm -rf bin .filodiretto test-results playwright-report
