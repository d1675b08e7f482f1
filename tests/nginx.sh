# shellcheck shell=sh
# Sourced after lib.sh by tests of the nginx plugin: Debian's nginx as the
# test's own process, and cases of tests/data/nginx.
#
#	ngx_system		in a namespace: $T/etc, run and log become the
#			system's own, $NGX_ROOT is /etc/nginx
#	ngx_plugin REQUEST...	one conversation: init, prepare, the requests;
#			replies in $T/replies. Server root $NGX_ROOT, config
#			directory $T/le, work directory $T/work
#	ngx_errors		what went wrong in it, one line each
#	ngx_deploy NAME [LINEAGE]	prints the request; lineage in $T/le/live
#	ngx_enhance NAME WHAT [OPTION], ngx_save [TITLE]	print requests
#	ngx_lineage LINEAGE NAME...	a certificate of the test's own CA, $T/ca.pem
#	ngx_start		nginx on $NGX_ROOT, in the background, answering; sets
#			NGX_PID
#	ngx_stop
#	ngx_case FILE		unpacks a case to $T/case/in, out, do, get
#	ngx_tree DIR		prints names, kinds and digests of all below
#
# A case is one file. Lines before the first "-- " say what is done (do ...),
# what HTTP requests get (get URL STATUS [LOCATION]) and what it shows (#). Then
# come files: "-- PATH --" as it is before, "== PATH ==" as it must be after.
# A file without an "==" must not change. A case without nginx.conf has one that
# includes sites/*.conf. @ROOT@ and @LE@ stand for directories.
# "link PATH TARGET" makes a link, "cert PATH NAME..." a certificate and a key
# (PATH.pem, PATH.key), "cert-rsa" one with an RSA key.

NGX_ROOT=$T/ng
NGX_HTTP=80
NGX_HTTPS=443
mkdir -p "$T/le" "$T/work" "$T/logs"

ngx_system()
{
	mkdir -p "$T/etc" "$T/run" "$T/log"
	mount --bind "$T/etc" /etc/nginx && mount --bind "$T/run" /run &&
		mount --bind "$T/log" /var/log/nginx || bail 'cannot mount'
	NGX_ROOT=/etc/nginx
}

ngx_plugin()
{
	{
		printf '{"op":"init","version":1,"config":{"server_root":"%s","ctl":"%s","sleep_seconds":1,"http01_port":%d,"https_port":%d},"dirs":{"config":"%s/le","work":"%s/work","logs":"%s/logs"}}\n' \
			"$NGX_ROOT" "${NGX_CTL:-nginx}" "$NGX_HTTP" "$NGX_HTTPS" "$T" "$T" "$T"
		echo '{"op":"prepare"}'
		for _request; do
			printf '%s\n' "$_request"
		done
	} | "$ACME_BUILD/libexec/acme-tools/nginx" >"$T/replies" 2>"$T/plugin.err"
}

ngx_errors()
{
	sed -n '/"error":/p' "$T/replies" |
		jq -r '.error // empty | "\(.type): \(.detail)"'
	cat "$T/plugin.err"
}

ngx_deploy()
{
	_l=$T/le/live/${2:-l}
	printf '{"op":"deploy","domain":"%s","cert":"%s/cert.pem","key":"%s/privkey.pem","chain":"%s/chain.pem","fullchain":"%s/fullchain.pem"}\n' \
		"$1" "$_l" "$_l" "$_l" "$_l"
}

ngx_enhance()
{
	printf '{"op":"enhance","domain":"%s","enhancement":"%s","option":%s}\n' \
		"$1" "$2" "${3:+\"}${3:-null}${3:+\"}"
}

ngx_save()
{
	printf '{"op":"save","temporary":false,"title":%s}\n' \
		"${1:+\"}${1:-null}${1:+\"}"
}

ngx_lineage()
{
	_lineage=$T/le/live/$1
	shift
	"$ROOT/tests/helpers/make-chain" "$_lineage" "$(echo "$*" | tr ' ' ,)" \
		"ca=$T/ca" "key=${NGX_KEY:-ec}" >/dev/null || bail 'make-chain failed'
	cp "$T/ca/root.pem" "$T/ca.pem"
}

ngx_answers()
{
	curl -s -o /dev/null --max-time 2 "http://127.0.0.1:$NGX_HTTP/" ||
		curl -sk -o /dev/null --max-time 2 \
			"https://127.0.0.1:$NGX_HTTPS/" || [ $? -eq 52 ]
}

ngx_start()
{
	start nginx nginx -c "$NGX_ROOT/nginx.conf" -g 'daemon off;'
	NGX_PID=$pid
	wait_for ngx_workers "$NGX_PID" || {
		cat "$T/nginx.log" >&2
		bail 'nginx does not start'
	}
}

# Has this master workers that serve?
ngx_workers()
{
	pgrep -P "$1" -f 'nginx: worker process$' >/dev/null
}

ngx_stop()
{
	stop "$NGX_PID"
}

ngx_unpack()
{
	rm -rf "$T/case"
	mkdir -p "$T/case/in" "$T/case/out"
	awk -v dir="$T/case" -v root="$NGX_ROOT" -v le="$T/le" '
	/^(--|==) .* (--|==)$/ {
		if (file != "") close(file)
		file = dir (/^--/ ? "/in/" : "/out/") $2
		folder = file
		sub(/\/[^\/]*$/, "", folder)
		system("mkdir -p \047" folder "\047")
		printf "" >file
		next
	}
	file == "" { print >(dir "/head"); next }
	{
		gsub(/@ROOT@/, root)
		gsub(/@LE@/, le)
		print >file
	}' "$1"
}

ngx_case()
{
	ngx_unpack "$1"
	sed -n 's/^do //p' "$T/case/head" >"$T/case/do"
	sed -n 's/^get //p' "$T/case/head" >"$T/case/get"
	[ -e "$T/case/in/nginx.conf" ] || cat >"$T/case/in/nginx.conf" <<-END
	pid $NGX_ROOT/nginx.pid;
	error_log stderr;
	events {}
	http {
	    access_log off;
	    include sites/*.conf;
	}
	END
	rm -rf "$NGX_ROOT"
	cp -a "$T/case/in" "$NGX_ROOT"
	while read -r _what _path _rest; do
		case $_what in
		link) ln -s "$_rest" "$NGX_ROOT/$_path" ;;
		cert | cert-rsa)
			NGX_KEY=${_what#cert} NGX_KEY=${NGX_KEY#-}
			# shellcheck disable=SC2086
			ngx_lineage ../../old.tmp $_rest
			NGX_KEY=
			cp "$T/old.tmp/fullchain.pem" "$NGX_ROOT/$_path.pem"
			cp "$T/old.tmp/privkey.pem" "$NGX_ROOT/$_path.key"
			;;
		esac
	done <"$T/case/head"
}

ngx_tree()
{
	(cd "$1" && find . -type f ! -name '*.pid' ! -name '*.log' \
		-exec sha256sum {} + -exec stat -c '%n %a %u %g' {} +
	find . -type l -printf '%p -> %l\n') | sort
}

# ngx_requests: of the lines in $T/case/do, saved one by one.
ngx_requests()
{
	while read -r verb name option; do
		case $verb in
		deploy) ngx_deploy "$name" "${option:-l}" && ngx_save ;;
		redirect) ngx_enhance "$name" redirect && ngx_save ;;
		hsts) ngx_enhance "$name" ensure-http-header \
			Strict-Transport-Security && ngx_save ;;
		uir) ngx_enhance "$name" ensure-http-header \
			Upgrade-Insecure-Requests && ngx_save ;;
		staple) ngx_enhance "$name" staple-ocsp \
			"$T/le/live/l/chain.pem" && ngx_save ;;
		esac
	done <"$T/case/do"
	ngx_save 'The case'
}

# ngx_run_case: the requests of the case in one conversation.
ngx_run_case()
{
	ngx_requests >"$T/requests"
	set --
	while read -r line; do
		set -- "$@" "$line"
	done <"$T/requests"
	ngx_plugin "$@"
}

ngx_lineages()
{
	sed -n 's/^deploy //p' "$T/case/do" | awk '{ l = $2 == "" ? "l" : $2
		names[l] = names[l] " " $1 } END { for (l in names) print l names[l] }' |
	while read -r lineage names; do
		# shellcheck disable=SC2086
		ngx_lineage "$lineage" $names
	done
}
