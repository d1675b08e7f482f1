# acme-tools: the only build file. `make help` lists the targets, config.mk
# holds the knobs. A directory tools/X with a main.c is a program X; one
# tools/plugins/X with an X.json is a plugin X; nothing is listed here.

include config.mk

MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:
.SECONDARY:
.DEFAULT_GOAL := all

Q := $(if $(V),,@)
say = $(if $(V)$(findstring s,$(firstword -$(MAKEFLAGS))),,@printf '  %-7s %s\n' $(1) $(2))

ALL_CPPFLAGS = -Ilib -D_GNU_SOURCE -DACME_TOOLS_VERSION='"$(VERSION)"' \
	$(CPPFLAGS)
ALL_CFLAGS = -std=c11 $(OPT) $(WARN) -ffunction-sections -fdata-sections \
	-ffile-prefix-map=$(CURDIR)=. $(HARDEN_CFLAGS) $(CFLAGS)
ALL_LDFLAGS = $(HARDEN_LDFLAGS) -Wl,--gc-sections -Wl,--as-needed $(LDFLAGS)
COMPILE = $(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS)

# Targets for people use every processor, unless they were given a -j.
parallel = $(if $(findstring j,$(firstword -$(MAKEFLAGS)))$(findstring \
	--jobserver,$(MAKEFLAGS)),,-j$(shell nproc))

# -- what there is ---------------------------------------------------------

B := $(BUILD)
LIBA := $B/lib/libacme-tools.a
API := $B/lib/libcertbot-plugin.a
LIB_SRC := $(sort $(wildcard lib/*/*.c))
TOOLS := $(sort $(patsubst tools/%/main.c,%,$(wildcard tools/*/main.c)))
SCRIPTS := $(sort $(foreach d,$(wildcard tools/*),\
	$(if $(wildcard $d/$(notdir $d)),$(notdir $d))))
PLUGINS := $(sort $(foreach d,$(wildcard tools/plugins/*),\
	$(if $(wildcard $d/$(notdir $d).json),$(notdir $d))))
API_SRC := $(sort $(wildcard lib/certbot/*.c))
API_HEADERS := $(sort $(filter-out %_private.h,$(wildcard lib/certbot/*.h)))
# A directory with providers/ is an engine: plugins are links to it.
ENGINES := $(sort $(patsubst tools/plugins/%/providers,%,\
	$(wildcard tools/plugins/*/providers)))
C_PLUGINS := $(ENGINES) $(foreach p,$(PLUGINS),\
	$(if $(wildcard tools/plugins/$p/*.c),$p))
PROVIDERS := $(sort $(patsubst tools/plugins/dns/providers/%.json,%,\
	$(wildcard tools/plugins/dns/providers/*.json)))
SHARE := $(sort $(shell find share -type f ! -name '*.in' 2>/dev/null))
# Those that name programs, whose place is known when they are installed.
SHARE_IN := $(sort $(shell find share -type f -name '*.in' 2>/dev/null))
MAN := $(sort $(wildcard man/*.[1578]))
UNITS := $(sort $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/*.c)))
HELPERS := $(sort $(patsubst tests/helpers/%.c,%,$(wildcard tests/helpers/*.c)))
FUZZERS := $(sort $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*.c)))
T_FILES := $(sort $(wildcard tests/t/*.t))

BIN := $(TOOLS:%=$B/bin/%) $(SCRIPTS:%=$B/bin/%) \
	$(if $(filter certbot,$(TOOLS)),$B/bin/letsencrypt)
LIBEXEC := $B/libexec/acme-tools
PLUGIN_FILES := $(ENGINES:%=$(LIBEXEC)/%) $(PLUGINS:%=$(LIBEXEC)/%) $(PLUGINS:%=$(LIBEXEC)/%.json) \
	$(PROVIDERS:%=$(LIBEXEC)/dns-%) $(PROVIDERS:%=$(LIBEXEC)/dns-%.json) \
	$(PROVIDERS:%=$(LIBEXEC)/providers/%.jq)
SHARE_FILES := $(SHARE:share/%=$B/share/acme-tools/%)
# Made from the table of certbot's options.
COMPLETION := $B/share/bash-completion/completions/certbot
COMPLETION_ZSH := $B/share/zsh/_certbot
COMPLETION_FISH := $B/share/fish/certbot.fish
COMPLETIONS := $(COMPLETION) $(COMPLETION_ZSH) $(COMPLETION_FISH)
CERTBOT_PAGE := $B/man/certbot.1
# Made from the plugins' descriptors.
PLUGIN_PAGES := $(PLUGINS:%=$B/man/certbot-plugin-%.7) \
	$(PROVIDERS:%=$B/man/certbot-plugin-dns-%.7)
UNIT_BIN := $(UNITS:%=$B/tests/unit/%)
HELPER_BIN := $(HELPERS:%=$B/tests/helpers/%)

obj = $(patsubst %.c,$B/obj/%.o,$(1))
C_FILES := $(wildcard lib/*/*.[ch] tools/*/*.[ch] tools/plugins/*/*.[ch] \
	tests/unit/*.[ch] tests/helpers/*.[ch] tests/fuzz/*.[ch] \
	tests/bench/*.[ch] examples/*/*.[ch])

# -- building --------------------------------------------------------------

.PHONY: all
all: $(BIN) $(PLUGIN_FILES) $(SHARE_FILES) $(COMPLETIONS) $(CERTBOT_PAGE) $(PLUGIN_PAGES) $(API) ## build every program and plugin

# Objects are made again when the flags change.
FLAGS_NOW = $(COMPILE) | $(ALL_LDFLAGS)
ifneq ($(filter-out help clean format lint check-release,$(or $(MAKECMDGOALS),all)),)
ifneq ($(strip $(file <$B/flags)),$(strip $(FLAGS_NOW)))
$(shell mkdir -p $B)
$(file >$B/flags,$(FLAGS_NOW))
endif
endif

$B/obj/%.o: %.c $B/flags
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(COMPILE) $(WERROR) -fPIE -iquote $(<D) -MMD -MP -c -o $@ $<

$(LIBA): $(call obj,$(LIB_SRC))
	$(call say,AR,$@)
	@mkdir -p $(@D)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

# The library for plugins in C: what it needs of ours is inside, and only what
# its headers promise can be seen from outside.
$(API): $(call obj,$(API_SRC)) $(LIBA)
	$(call say,AR,$@)
	@mkdir -p $(@D)
	$(Q)$(LD) -r -o $(@:.a=.o) $^
	$(Q)$(OBJCOPY) --wildcard --keep-global-symbol='certbot_[a-z]*' \
		$(@:.a=.o)
	$(Q)rm -f $@ && $(AR) rcs $@ $(@:.a=.o) && rm -f $(@:.a=.o)

# $(call program,NAME,FILE,SOURCES)
define program
$(2): $(call obj,$(3)) $(LIBA)
	$$(call say,LD,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(ALL_CFLAGS) -pie $$(ALL_LDFLAGS) -o $$@ $(call obj,$(3)) \
		$(LIBA) $(LIBS) $(LIBS_$(1))
endef
$(foreach t,$(TOOLS),$(eval $(call program,$t,$B/bin/$t,\
	$(sort $(wildcard tools/$t/*.c)))))
$(foreach p,$(C_PLUGINS),$(eval $(call program,$p,$(LIBEXEC)/$p,\
	$(sort $(wildcard tools/plugins/$p/*.c)))))

# $(call copy,FILE,SOURCE)
define copy
$(1): $(2)
	@mkdir -p $$(@D)
	$$(Q)rm -f $$@ && cp -p $$< $$@
endef
$(foreach s,$(SCRIPTS),$(eval $(call copy,$B/bin/$s,tools/$s/$s)))
$(foreach p,$(filter-out $(C_PLUGINS),$(PLUGINS)),\
	$(eval $(call copy,$(LIBEXEC)/$p,tools/plugins/$p/$p)))
$(foreach p,$(PLUGINS),\
	$(eval $(call copy,$(LIBEXEC)/$p.json,tools/plugins/$p/$p.json)))
$(foreach p,$(PROVIDERS),$(eval $(call copy,$(LIBEXEC)/dns-$p.json,\
	tools/plugins/dns/providers/$p.json)))
$(foreach p,$(PROVIDERS),$(eval $(call copy,$(LIBEXEC)/providers/$p.jq,\
	tools/plugins/dns/providers/$p.jq)))
$(foreach f,$(SHARE),\
	$(eval $(call copy,$B/share/acme-tools/$(f:share/%=%),$f)))

$(PROVIDERS:%=$(LIBEXEC)/dns-%): $(LIBEXEC)/dns
	$(Q)ln -sf dns $@

$B/bin/letsencrypt: $B/bin/certbot
	$(Q)ln -sf certbot $@

# $(call plugin_page,PLUGIN,DESCRIPTOR): with the text NAME.mdoc beside it.
define plugin_page
$B/man/certbot-plugin-$(1).7: $(2) $(wildcard $(2:.json=.mdoc)) \
		scripts/plugin-page scripts/plugin-page.jq man/certbot-plugin.7
	$$(call say,GEN,$$@)
	@mkdir -p $$(@D)
	$$(Q)scripts/plugin-page $(2) $(wildcard $(2:.json=.mdoc)) >$$@
endef
$(foreach p,$(PLUGINS),\
	$(eval $(call plugin_page,$p,tools/plugins/$p/$p.json)))
$(foreach p,$(PROVIDERS),$(eval $(call plugin_page,dns-$p,\
	tools/plugins/dns/providers/$p.json)))

$(COMPLETIONS) $(CERTBOT_PAGE): $B/bin/certbot $(PLUGIN_FILES) scripts/option-texts
$(CERTBOT_PAGE): man/certbot.1
	$(call say,GEN,$@)
	@mkdir -p $(@D)
	$(Q)$B/bin/certbot --list-options >$@.table && scripts/option-texts mdoc \
		man/certbot.1 <$@.table >$@ && rm $@.table

$(COMPLETION): SHELL_IS = bash
$(COMPLETION_ZSH): SHELL_IS = zsh
$(COMPLETION_FISH): SHELL_IS = fish
$(COMPLETIONS):
	$(call say,GEN,$@)
	@mkdir -p $(@D)
	$(Q)$B/bin/certbot --list-options >$@.table && scripts/option-texts \
		$(SHELL_IS) <$@.table >$@ && rm $@.table

-include $(shell find $B/obj -name '*.d' 2>/dev/null)

# -- tests -----------------------------------------------------------------

$B/tests/unit/%: $B/obj/tests/unit/%.o $(LIBA)
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -pie $(ALL_LDFLAGS) -o $@ $^ -lcmocka $(LIBS) \
		$(LIBS_unit_$*)

$B/tests/helpers/%.so: tests/helpers/%.so.c $B/flags
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -Ilib -D_GNU_SOURCE -std=c11 -O2 -g $(WARN) $(WERROR) -fPIC -shared \
		-o $@ $< -ldl

$B/tests/helpers/%: $B/obj/tests/helpers/%.o $(LIBA)
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -pie $(ALL_LDFLAGS) -o $@ $^ $(LIBS) \
		$(LIBS_helper_$*)

.PHONY: unit helpers
unit: $(UNIT_BIN) ## build the unit tests
helpers: $(HELPER_BIN)

# Those that take longest begin first, so that none is alone at the end.
T_LONG := $(wildcard $(patsubst %,tests/t/%.t,lint pipeline-kill plugin-check \
	certstore-kill certbot-guide explain-decisions explain-decisions-more \
	apache-beside nginx-beside apache-golden-1 apache-golden-2 \
	apache-golden-3 certbot-decision certbot-decisions \
	certbot-decisions-more dns-provider-check certbot-renew certbot-saved \
	certbot-eff installer-menus faults-challenge certbot-options \
	certbot-beside))
# TESTS='tests/t/foo.t build/tests/unit/bar' runs only these.
TESTS ?= $(T_LONG) $(UNIT_BIN) $(filter-out $(T_LONG),$(T_FILES))
.PHONY: check check-only
check: ## install what the tests need, build, run every test (TESTS=... some)
	@scripts/packages build check
	@$(MAKE) --no-print-directory $(parallel) all unit helpers
	@$(MAKE) --no-print-directory check-only

check-only: all unit helpers
	@CMOCKA_MESSAGE_OUTPUT=TAP ACME_BUILD=$(abspath $B) \
		prove -j$(JOBS) $(PROVE_FLAGS) $(TESTS)

.PHONY: check-peers
check-peers: ## others' DNS clients against the emulators (NAMES='ovh ...')
	@scripts/packages build check peers
	@$(MAKE) --no-print-directory $(parallel) all
	@ACME_BUILD=$(abspath $B) tests/peers $(NAMES)

.PHONY: check-release
check-release: ## demo and check in a tree of another release (SUITE=trixie)
	@scripts/packages release
	@MIRROR='$(MIRROR)' KEYRING='$(KEYRING)' COMPONENTS='$(COMPONENTS)' \
		JOBS=$(JOBS) ACME_BUILD=$(abspath $B) tests/release $(or $(SUITE),$(error SUITE=trixie, or another release, please)) \
		$(if $(filter file,$(origin TESTS)),,$(TESTS))

# -- fuzzing ---------------------------------------------------------------

# The fuzz targets and the library are built by clang in a tree of their own.
.PHONY: fuzz fuzz-run
fuzz: ## run each fuzz target for FUZZ_SECONDS on its seeds
	@$(MAKE) --no-print-directory BUILD=$B/fuzz CC=$(FUZZ_CC) \
		SAN=fuzzer-no-link,address,undefined fuzz-run

fuzz-run: $(FUZZERS:%=$B/%)
	@scripts/fuzz $B $(FUZZ_SECONDS) $(FUZZERS)

$(FUZZERS:%=$B/%): $B/%: $B/obj/tests/fuzz/%.o $(LIBA)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_CFLAGS) -fsanitize=fuzzer $(ALL_LDFLAGS) -o $@ $^ \
		$(LIBS) $(LIBS_fuzz_$*)

# -- installing ------------------------------------------------------------

INSTALL ?= install
# $(call put,MODE,FILES,DIRECTORY)
put = $(if $(strip $(2)),$(INSTALL) -d '$(DESTDIR)$(strip $(3))' && \
	$(INSTALL) -m $(1) $(2) '$(DESTDIR)$(strip $(3))',:)
INSTALLED_BIN := $(TOOLS) $(SCRIPTS)
man_section = $(filter %.$(1),$(filter-out man/certbot.1,$(MAN)))

.PHONY: install
install: all ## install below PREFIX, BINDIR, ... (and DESTDIR before them)
	$(call put,755,$(INSTALLED_BIN:%=$B/bin/%),$(BINDIR))
	$(if $(filter certbot,$(TOOLS)),ln -sf certbot \
		'$(DESTDIR)$(BINDIR)/letsencrypt')
	$(call put,755,$(ENGINES:%=$(LIBEXEC)/%) \
		$(PLUGINS:%=$(LIBEXEC)/%),$(LIBEXECDIR)/acme-tools)
	$(call put,644,$(PLUGINS:%=$(LIBEXEC)/%.json) \
		$(PROVIDERS:%=$(LIBEXEC)/dns-%.json),$(LIBEXECDIR)/acme-tools)
	$(call put,644,$(PROVIDERS:%=$(LIBEXEC)/providers/%.jq),\
		$(LIBEXECDIR)/acme-tools/providers)
	$(foreach p,$(PROVIDERS),ln -sf dns \
		'$(DESTDIR)$(LIBEXECDIR)/acme-tools/dns-$p' &&) :
	@for f in $(SHARE:share/%=%); do \
		$(INSTALL) -D -m 644 "share/$$f" \
			'$(DESTDIR)$(DATADIR)/acme-tools/'"$$f" || exit 1; \
	done
	@for f in $(SHARE_IN:share/%.in=%); do \
		$(INSTALL) -D -m 644 /dev/null \
			'$(DESTDIR)$(DATADIR)/acme-tools/'"$$f" && \
		sed 's|@BINDIR@|$(BINDIR)|g' "share/$$f.in" \
			>'$(DESTDIR)$(DATADIR)/acme-tools/'"$$f" || exit 1; \
	done
	$(foreach n,1 5 7 8,$(call put,644,$(call \
		man_section,$n),$(MANDIR)/man$n) &&) :
	$(call put,644,$(CERTBOT_PAGE),$(MANDIR)/man1)
	$(call put,644,$(PLUGIN_PAGES),$(MANDIR)/man7)
	$(call put,644,$(COMPLETION),$(DATADIR)/bash-completion/completions)
	ln -sf certbot '$(DESTDIR)$(DATADIR)/bash-completion/completions/letsencrypt'
	$(call put,644,$(COMPLETION_ZSH),$(ZSHDIR))
	$(call put,644,$(COMPLETION_FISH),$(FISHDIR))
	ln -sf certbot.fish '$(DESTDIR)$(FISHDIR)/letsencrypt.fish'
	$(call put,644,$(API),$(LIBDIR))
	$(call put,644,$(API_HEADERS),$(INCLUDEDIR)/certbot)
	$(INSTALL) -d '$(DESTDIR)$(LIBDIR)/pkgconfig'
	@$(pkgconfig) >'$(DESTDIR)$(LIBDIR)/pkgconfig/certbot-plugin.pc'

# What a plugin in C is built with; the libraries that ours calls are named
# with it, for it is static.
define pkgconfig
printf '%s\n' 'prefix=$(PREFIX)' 'libdir=$(LIBDIR)' \
	'includedir=$(INCLUDEDIR)' 'plugindir=$(LIBEXECDIR)/acme-tools' '' \
	'Name: certbot-plugin' \
	'Description: authenticators and installers for certbot, in C' \
	'Version: $(VERSION)' 'Libs: -L$${libdir} -lcertbot-plugin $(LIBS)' \
	'Cflags: -I$${includedir}'
endef

.PHONY: uninstall
uninstall: ## remove what install has put there
	rm -f $(foreach f,$(INSTALLED_BIN) letsencrypt,'$(DESTDIR)$(BINDIR)/$f')
	rm -f $(foreach p,$(ENGINES) $(PLUGINS) $(PLUGINS:%=%.json) $(PROVIDERS:%=dns-%) \
		$(PROVIDERS:%=dns-%.json) $(PROVIDERS:%=providers/%.jq),\
		'$(DESTDIR)$(LIBEXECDIR)/acme-tools/$p')
	rm -f $(foreach f,$(SHARE) $(SHARE_IN:%.in=%),\
		'$(DESTDIR)$(DATADIR)/acme-tools/$(f:share/%=%)')
	rm -f '$(DESTDIR)$(LIBDIR)/$(notdir $(API))' \
		'$(DESTDIR)$(LIBDIR)/pkgconfig/certbot-plugin.pc' \
		$(foreach h,$(notdir $(API_HEADERS)),\
		'$(DESTDIR)$(INCLUDEDIR)/certbot/$h')
	rm -f $(foreach m,$(notdir $(PLUGIN_PAGES)),'$(DESTDIR)$(MANDIR)/man7/$m')
	rm -f $(foreach m,$(MAN),\
		'$(DESTDIR)$(MANDIR)/man$(subst .,,$(suffix $m))/$(notdir $m)')
	rm -f $(foreach c,certbot letsencrypt,\
		'$(DESTDIR)$(DATADIR)/bash-completion/completions/$c' \
		'$(DESTDIR)$(FISHDIR)/$c.fish')
	rm -f '$(DESTDIR)$(ZSHDIR)/_certbot'
	-@find '$(DESTDIR)$(LIBEXECDIR)/acme-tools' \
		'$(DESTDIR)$(DATADIR)/acme-tools' \
		'$(DESTDIR)$(INCLUDEDIR)/certbot' \
		-depth -type d -empty -delete 2>/dev/null

# -- the rest --------------------------------------------------------------

.PHONY: demo
demo: ## certificates from a local CA, by the pipeline and by certbot
	@scripts/packages build demo
	@$(MAKE) --no-print-directory $(parallel) all
	@ACME_BUILD=$(abspath $B) scripts/demo

.PHONY: ca
ca: ## start a local CA, print its variables, run it until Ctrl-C
	@scripts/packages demo
	@exec tests/ca $B/ca

.PHONY: bench
bench: all helpers ## time and requests beside certbot, lego, uacme and OpenSSL
	@scripts/packages check
	@for b in run renew-idle certificates renew-due nginx apache; do \
		ACME_BUILD=$(abspath $B) tests/bench/$$b || exit 1; \
	done

.PHONY: mutants
mutants: ## one-line changes that the tests have to find out (not in CI)
	@scripts/packages build check
	@ACME_BUILD=$(abspath $B) tests/mutants/run

.PHONY: coverage
coverage: ## lines that the tests reach, in build-cov/coverage.html
	@scripts/packages build check coverage
	@$(MAKE) --no-print-directory BUILD=build-cov HARDEN=0 OPT='-O0 -g' \
		CFLAGS='$(CFLAGS) --coverage -fprofile-update=atomic' check-only
	gcovr -r . -f lib -f tools --object-directory build-cov/obj \
		--html-details build-cov/coverage.html --print-summary

.PHONY: lint
lint: ## layers, forbidden calls, layout, man pages, scripts
	@scripts/lint

.PHONY: format
format: ## give every C file the layout of .clang-format
	clang-format -i $(C_FILES)

.PHONY: compile_commands.json
compile_commands.json: ## for editors and analysers
	@{ printf '['; sep=''; \
	for f in $(filter %.c,$(filter-out %.so.c,$(C_FILES))); do \
		printf '%s\n{"directory": "%s", "file": "%s", "command": "%s"}' \
			"$$sep" '$(CURDIR)' "$$f" \
			'$(subst ",\",$(subst ',,$(COMPILE))) -I'"$${f%/*} -c $$f"; \
		sep=,; \
	done; printf '\n]\n'; } >$@

.PHONY: clean
clean: ## remove what was built
	rm -rf build build-san build-cov compile_commands.json \
		$(filter-out . / /%,$B)

.PHONY: help
help: ## this list
	@sed -n 's/^\([a-z_.-]*\):.*## \(.*\)/  \1\t\2/p' Makefile | \
		expand -t 28
