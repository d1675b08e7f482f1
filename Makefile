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
say = $(if $(V),,@printf '  %-7s %s\n' $(1) $(2))

ALL_CPPFLAGS = -Ilib -D_GNU_SOURCE -DACME_TOOLS_VERSION='"$(VERSION)"' \
	$(CPPFLAGS)
ALL_CFLAGS = -std=c11 $(OPT) $(WARN) -ffunction-sections -fdata-sections \
	-ffile-prefix-map=$(CURDIR)=. $(HARDEN_CFLAGS) $(CFLAGS)
ALL_LDFLAGS = $(HARDEN_LDFLAGS) -Wl,--gc-sections -Wl,--as-needed $(LDFLAGS)
COMPILE = $(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS)

# -- what there is ---------------------------------------------------------

B := $(BUILD)
LIBA := $B/lib/libacme-tools.a
LIB_SRC := $(sort $(wildcard lib/*/*.c))
TOOLS := $(sort $(patsubst tools/%/main.c,%,$(wildcard tools/*/main.c)))
SCRIPTS := $(sort $(foreach d,$(wildcard tools/*),\
	$(if $(wildcard $d/$(notdir $d)),$(notdir $d))))
PLUGINS := $(sort $(foreach d,$(wildcard tools/plugins/*),\
	$(if $(wildcard $d/$(notdir $d).json),$(notdir $d))))
C_PLUGINS := $(foreach p,$(PLUGINS),$(if $(wildcard tools/plugins/$p/*.c),$p))
PROVIDERS := $(sort $(patsubst tools/plugins/dns/providers/%.json,%,\
	$(wildcard tools/plugins/dns/providers/*.json)))
SHARE := $(sort $(shell find share -type f 2>/dev/null))
MAN := $(sort $(wildcard man/*.[1578]))
UNITS := $(sort $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/*.c)))
HELPERS := $(sort $(patsubst tests/helpers/%.c,%,$(wildcard tests/helpers/*.c)))
FUZZERS := $(sort $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*.c)))
T_FILES := $(sort $(wildcard tests/t/*.t))

BIN := $(TOOLS:%=$B/bin/%) $(SCRIPTS:%=$B/bin/%) \
	$(if $(filter certbot,$(TOOLS)),$B/bin/letsencrypt)
LIBEXEC := $B/libexec/acme-tools
PLUGIN_FILES := $(PLUGINS:%=$(LIBEXEC)/%) $(PLUGINS:%=$(LIBEXEC)/%.json) \
	$(PROVIDERS:%=$(LIBEXEC)/dns-%) $(PROVIDERS:%=$(LIBEXEC)/dns-%.json) \
	$(PROVIDERS:%=$(LIBEXEC)/providers/%.jq)
SHARE_FILES := $(SHARE:share/%=$B/share/acme-tools/%)
UNIT_BIN := $(UNITS:%=$B/tests/unit/%)
HELPER_BIN := $(HELPERS:%=$B/tests/helpers/%)
FUZZ_BIN := $(FUZZERS:%=$B/fuzz/%)

obj = $(patsubst %.c,$B/obj/%.o,$(1))
C_FILES := $(wildcard lib/*/*.[ch] tools/*/*.[ch] tools/plugins/*/*.[ch] \
	tests/unit/*.[ch] tests/helpers/*.[ch] tests/fuzz/*.[ch] \
	tests/bench/*.[ch] examples/*.[ch])

# -- building --------------------------------------------------------------

.PHONY: all
all: $(BIN) $(PLUGIN_FILES) $(SHARE_FILES) ## build every program and plugin

# Objects are made again when the flags change.
FLAGS_NOW = $(COMPILE) | $(ALL_LDFLAGS)
$B/flags: FORCE
	@mkdir -p $B
	@printf '%s\n' '$(subst ','\'',$(FLAGS_NOW))' | cmp -s - $@ || \
		printf '%s\n' '$(subst ','\'',$(FLAGS_NOW))' >$@
.PHONY: FORCE
FORCE:

$B/obj/%.o: %.c $B/flags
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(COMPILE) $(WERROR) -fPIE -I$(<D) -MMD -MP -c -o $@ $<

$(LIBA): $(call obj,$(LIB_SRC))
	$(call say,AR,$@)
	@mkdir -p $(@D)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

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

# TESTS='tests/t/foo.t build/tests/unit/bar' runs only these.
TESTS ?= $(UNIT_BIN) $(T_FILES)
.PHONY: check check-only
check: ## install what the tests need, build, run every test (TESTS=... some)
	@scripts/packages build check
	@$(MAKE) --no-print-directory check-only

check-only: all unit helpers
	@CMOCKA_MESSAGE_OUTPUT=TAP ACME_BUILD=$(abspath $B) \
		prove -j$(JOBS) $(PROVE_FLAGS) $(TESTS)

# -- the rest --------------------------------------------------------------

.PHONY: clean
clean: ## remove what was built
	rm -rf build build-san $(filter-out . / /%,$B)

.PHONY: help
help: ## this list
	@sed -n 's/^\([a-z_.]*\):.*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | \
		expand -t 28

.PHONY: format
format: ## give every C file the layout of .clang-format
	clang-format -i $(C_FILES)

.PHONY: ca
ca: ## start a local CA, print its variables, run it until Ctrl-C
	@scripts/packages demo
	@exec tests/ca $B/ca
