# Knobs. Each may be given on make's command line or in the environment.

# The version: the only place where it is written.
VERSION = 0.1.0

# Where objects and programs go; SAN=address,undefined has a tree of its own.
ifdef SAN
BUILD ?= build-san
else
BUILD ?= build
endif

# Where `make install` puts things. DESTDIR is put before each.
PREFIX ?= $(or $(prefix),/usr/local)
BINDIR ?= $(PREFIX)/bin
LIBEXECDIR ?= $(PREFIX)/libexec
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
DATADIR ?= $(PREFIX)/share
MANDIR ?= $(DATADIR)/man
SYSCONFDIR ?= /etc
# Where zsh and fish look for completions of what is not their own; a
# distribution's zsh has another place for packages.
ZSHDIR ?= $(DATADIR)/zsh/$(if $(filter /usr,$(PREFIX)),vendor-completions,site-functions)
FISHDIR ?= $(DATADIR)/fish/vendor_completions.d

# The compiler: gcc, or clang for sanitizers where it is installed.
ifeq ($(origin CC),default)
CC := $(or $(if $(SAN),$(firstword $(foreach c,clang clang-14,\
	$(shell command -v $(c) 2>/dev/null)))),gcc)
endif
AR ?= ar
OBJCOPY ?= objcopy
FUZZ_CC ?= $(or $(firstword $(foreach c,clang clang-14,\
	$(shell command -v $(c) 2>/dev/null))),clang)

# Yours: appended last, so that they win.
CFLAGS ?=
CPPFLAGS ?=
LDFLAGS ?=

# Warnings; errors for developers (DEV=1) and in CI (CI=true).
WARN = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes \
	-Wmissing-prototypes -Wformat=2 -Wvla -Wundef -Wwrite-strings \
	-Wimplicit-fallthrough
ifneq ($(filter 1,$(DEV))$(filter true,$(CI)),)
WERROR = -Werror
endif

# Hardening; HARDEN=0 turns it off. Sanitizers bring their own checks.
HARDEN ?= 1
OPT ?= -O2 -g
ifdef SAN
OPT = -O1 -g -fno-omit-frame-pointer
HARDEN_CFLAGS = -fsanitize=$(SAN) -fno-sanitize-recover=all
HARDEN_LDFLAGS = -fsanitize=$(SAN)
else ifeq ($(HARDEN),1)
has_cflag = $(shell echo 'int x;' | $(CC) -Werror $(1) -xc -c -o /dev/null - \
	>/dev/null 2>&1 && echo $(1))
HARDEN_CFLAGS := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 \
	-fstack-protector-strong -fstack-clash-protection \
	$(call has_cflag,-fcf-protection) \
	$(call has_cflag,-ftrivial-auto-var-init=zero)
HARDEN_LDFLAGS = -Wl,-z,relro,-z,now,-z,noexecstack
endif

# Libraries. The linker records only those a program really calls; a program
# that needs more than LIBS has a LIBS_name.
LIBS = -ljq -lcrypto -lidn2 -lm
LIBS_acme-net = -lcurl -lseccomp
LIBS_helper_sandbox-try = -lseccomp
LIBS_standalone = -lmicrohttpd
LIBS_nginx = -lpcre2-8
LIBS_unit_nginx_model = -lpcre2-8
LIBS_dns = -lldns -lexpat
LIBS_unit_dns = -lldns -lexpat

# Tests: how many at a time, and how long each fuzz target runs.
JOBS ?= 8
FUZZ_SECONDS ?= 20
