#!/bin/sh
# scripts/lint sees what it is there for, and the tree passes it.
. "$(dirname "$0")/../lib.sh"

run "$ROOT/scripts/lint"
is "$status/$out$err" 0/ 'the tree passes'

# lint FILE TEXT: what it says of a tree with this file more.
lint()
{
	rm -rf tree
	mkdir -p tree/scripts tree/lib/base tree/lib/acme tree/lib/crypto \
		tree/lib/net tree/lib/store tree/tools/certbot tree/man \
		tree/tools/acme-net tree/tools/acme-order tree/tests
	cp "$ROOT/scripts/lint" tree/scripts/
	cp "$ROOT/.clang-format" tree/
	for header in lib/base/doc.h lib/net/client.h lib/acme/client.h \
		lib/store/lineage.h lib/crypto/key.h tools/certbot/own.h; do
		echo '/* nothing */' >"tree/$header"
	done
	mkdir -p "tree/${1%/*}"
	printf "$2\n" >"tree/$1"
	run tree/scripts/lint
}

lint lib/base/x.c '#include "base/doc.h"'
is "$status" 0 'base may include base'
lint lib/acme/x.c '#include "net/client.h"'
is "$status" 0 'acme may include net'
lint lib/acme/x.c '#include "store/lineage.h"'
is "$status" 0 'and store'
lint tools/acme-order/x.c '#include "acme/client.h"'
is "$status" 0 'a tool may include a library'
lint tools/certbot/x.c '#include "own.h"'
is "$status" 0 'a tool may include its own'

lint lib/base/x.c '/* system(x) */\n/* a\n * system(x)\n */\nchar x[] = "system(1)";'
is "$status" 0 'text is no code'

while IFS='|' read -r file text want; do
	if [ "$want" = layout ] && ! clang-format --version | grep -q 'version 14\.'; then
		skip 2 'the layout is that of clang-format 14'
		continue
	fi
	lint "$file" "$text"
	is "$status" 1 "refused: $file $text"
	like "$out" "^(mandoc: )?$file:.*$want" 'and says so'
done <<'END'
lib/base/x.c|#include "net/client.h"|layers
lib/base/x.c|#include "acme/client.h"|layers
lib/crypto/x.c|#include "net/client.h"|layers
lib/store/x.c|#include "net/client.h"|layers
lib/net/x.c|#include "acme/client.h"|layers
lib/net/x.c|#  include "crypto/key.h"|layers
lib/store/x.c|#include "acme/client.h"|layers
lib/acme/x.c|#include "../../tools/certbot/own.h"|layers
tools/acme-order/x.c|#include "../certbot/own.h"|layers
tools/acme-order/x.c|#include <curl/curl.h>|libcurl
lib/base/x.c|int x = jv_len(y);|doc_
lib/base/x.c|int x = atoi(y);|forbidden
tools/certbot/x.c|int x = system (y);|forbidden
lib/base/x.c|int   x;|layout
tests/a b|x|an odd name
lib/base/x.bin|a\000b\001\377|binary
man/x.1|.Dd\n.Qq|
tests/mutants/x.patch|What: x\n--- a/none.c\n+++ b/none.c\n@@ -1 +1 @@\n-a\n+b|does not apply
END
lint tools/acme-net/x.c '#include <curl/curl.h>'
is "$status" 0 'libcurl is for acme-net'
done_testing
