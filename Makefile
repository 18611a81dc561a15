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
# the configuration, and one for each other: PARSERS="./package:Target ..."
# names others, REST= leaves the others out.
PARSERS ?= ./internal/cms:FuzzCMS ./channels/mail/tnef:FuzzTNEF ./channels/pec:FuzzDaticert ./channels/pec:FuzzParse \
	./internal/config:FuzzLoad ./channels/mail:FuzzBorder ./channels/mail:FuzzParse ./channels/mail:FuzzReport ./channels/mail:FuzzSlim \
	./channels/mail/rfc822:FuzzRead ./channels/mail/rfc822:FuzzHeader ./channels/mail/segnatura:FuzzParse
REST ?= ./channels/counter:FuzzParse ./channels/mail:FuzzAnswer ./channels/mail:FuzzCompose ./channels/mail:FuzzCursor ./channels/mail:FuzzPopBody \
	./channels/mail:FuzzPopRoundTrip ./channels/telegram:FuzzCleanName ./channels/telegram:FuzzParse ./channels/telegram:FuzzSplitMarkup \
	./channels/webpage:FuzzParse ./demo:FuzzPhrase ./inbox:FuzzFileName ./inbox:FuzzSearchCursor ./inbox:FuzzSearchTerms ./internal/config:FuzzPositions \
	./internal/fiscalcode:FuzzFind ./internal/live:FuzzReadSign ./internal/logging:FuzzScrub ./internal/password:FuzzCheck ./internal/password:FuzzDecode \
	./internal/person:FuzzAddress ./internal/person:FuzzEmail ./internal/person:FuzzFindPhones ./internal/person:FuzzNameMatch ./internal/person:FuzzPhone \
	./internal/safehtml:FuzzSafeHTML ./internal/safehtml:FuzzSplitQuote ./internal/secret:FuzzOpen ./internal/speech:FuzzRepaired \
	./internal/textfold:FuzzFold ./internal/textfold:FuzzGulpease ./internal/textfold:FuzzParse ./internal/textfold:FuzzWords ./queue:FuzzDay \
	./queue/escpos:FuzzEncode ./templates:FuzzFitSMS ./templates:FuzzParagraphs ./templates:FuzzParse ./web:FuzzAPI ./web/openapi:FuzzRead
fuzz:
	for p in $(PARSERS); do GOMEMLIMIT=400MiB $(GO) test $${p%:*} -run '^$$' -fuzz "^$${p#*:}$$" -fuzztime $(or $(SECONDS_EACH),600)s || exit 1; done
	for p in $(REST); do GOMEMLIMIT=400MiB $(GO) test $${p%:*} -run '^$$' -fuzz "^$${p#*:}$$" -fuzztime $(or $(SECONDS_EACH),60)s || exit 1; done

clean:
	rm -rf bin .filodiretto test-results playwright-report
