# shellcheck shell=sh
# The corpus of nginx configurations (tests/data/nginx): what becomes of each
# tree, that nginx takes it, that a TLS client gets the certificate by every
# name, that a second run changes nothing, and that undoing restores each byte.
# With NGX_WRITE=1 the files that must come out are written anew (to be read
# before they are kept).
# Sourced after lib.sh; a third of the cases is NGX_PART 0, 1 or 2, one is NGX_CASE.
need nginx curl jq pgrep
namespaces "$@"
. "$ROOT/tests/nginx.sh"

# get_url URL OPTION...
get_url()
{
	_url=$1
	shift
	grep -q '^proxy' "$T/case/head" && set -- --haproxy-protocol "$@"
	curl -s -o /dev/null --max-time 10 --cacert "$T/ca.pem" \
		--connect-to '::127.0.0.1:' "$@" "$_url"
}

serves()
{
	sed -n 's/^deploy \([^ *]*\)\( .*\)*$/\1/p' "$T/case/do" >"$T/case/names"
	while read -r name; do
		get_url "https://$name/" || [ $? -eq 52 ] || { echo "$name: no TLS"; return 1; }
	done <"$T/case/names"
	while read -r url want; do
		got=$(get_url "$url" -w '%{http_code} %{redirect_url}')
		[ "${got% }" = "$want" ] || {
			echo "$url: $got, not $want"
			return 1
		}
	done <"$T/case/get"
}

changed_as_wanted()
{
	cp -a "$T/case/in" "$T/case/want"
	(cd "$T/case/out" && find . -type f) | while read -r file; do
		cp "$T/case/out/$file" "$T/case/want/$file"
	done
	find "$NGX_ROOT" -type f ! -name '*.pem' ! -name '*.key' \
		! -name '*.pid' ! -name '*.log' | while read -r file; do
		diff -u "$T/case/want/${file#"$NGX_ROOT"/}" "$file" || echo differs
	done >"$T/case/diff"
	cat "$T/case/diff"
	[ ! -s "$T/case/diff" ]
}

write_case()
{
	awk '/^== / { exit } { print }' "$1" >"$T/new"
	find "$NGX_ROOT" -type f ! -name '*.pem' ! -name '*.key' ! -name '*.pid' \
		! -name '*.log' |
		sort | while read -r file; do
		cmp -s "$T/case/in/${file#"$NGX_ROOT"/}" "$file" && continue
		printf '== %s ==\n' "${file#"$NGX_ROOT"/}"
		sed -e "s#$NGX_ROOT#@ROOT@#g" -e "s#$T/le#@LE@#g" "$file"
	done >>"$T/new"
	cp "$T/new" "$1"
}

one()
{
	case=$(basename "$1" .txt)
	rm -rf "$T/work" "$T/le"
	mkdir -p "$T/work" "$T/le"
	ngx_case "$1"
	ngx_lineages
	ngx_tree "$NGX_ROOT" >"$T/before"
	ngx_run_case
	errors=$(ngx_errors | grep -v '^already-present')
	[ -z "${NGX_WRITE-}" ] || write_case "$1"
	is "$errors" '' "$case: done"
	ok "$case: the tree is as it must be" changed_as_wanted
	ok "$case: nginx takes it" nginx -q -c "$NGX_ROOT/nginx.conf" -t
	ngx_tree "$NGX_ROOT" >"$T/once"
	ngx_run_case
	ngx_tree "$NGX_ROOT" >"$T/twice"
	same "$T/once" "$T/twice" "$case: a second run changes nothing"
	ngx_start
	ok "$case: it serves" serves
	ngx_stop
	ngx_plugin '{"op":"rollback","checkpoints":1}'
	ngx_tree "$NGX_ROOT" >"$T/after"
	same "$T/before" "$T/after" "$case: undone byte for byte"
}

n=0
for file in "$ROOT"/tests/data/nginx/${NGX_CASE:-*}.txt; do
	n=$((n + 1))
	[ -z "${NGX_PART-}" ] || [ $((n % 3)) -eq "$NGX_PART" ] || continue
	one "$file"
done
done_testing
