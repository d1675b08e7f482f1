#!/bin/sh
# HTTP/2 beside other servers that speak it: as a word of listen, and as the
# directive that nginx has from 1.25.1 on. The binary is one that only says which
# version it would be.
. "$(dirname "$0")/../lib.sh"
need jq
. "$ROOT/tests/nginx.sh"

NGX_CTL=$T/nginx
export NGX_CTL
ngx_lineage l a.example

# case_of VERSION: an nginx of this version, $NGX_ROOT with the site a.example and
# that of the file `site`
case_of()
{
	rm -rf "$NGX_ROOT" work
	mkdir -p "$NGX_ROOT/sites" work
	cat >"$NGX_CTL" <<-EOP
	#!/bin/sh
	[ "\$3" = -V ] && cat >&2 <<-END
	nginx version: nginx/$1
	built with OpenSSL 3.0.15 3 Sep 2024
	TLS SNI support enabled
	configure arguments: --with-http_ssl_module --pid-path=$T/none
	END
	exit 0
	EOP
	chmod +x "$NGX_CTL"
	printf 'events {}\nhttp {\n    %sinclude sites/*;\n}\n' "${2-}" \
		>"$NGX_ROOT/nginx.conf"
	cp site "$NGX_ROOT/sites/0"
	printf 'server {\n    listen 80;\n    %sserver_name a.example;\n}\n' \
		"${3-}" >"$NGX_ROOT/sites/a"
	ngx_plugin "$(ngx_deploy a.example)" "$(ngx_save Done)"
	errors=$(ngx_errors)
	lines=$(grep -o 'listen 443[^;]*\|http2 o[nf]*;.*' "$NGX_ROOT/sites/a" |
		tr '\n' ,)
	is "$errors" '' "nginx $1"
	same "$NGX_ROOT/sites/0" site 'the other server is left alone'
}

site()
{
	printf 'server {\n    listen 443 ssl%s;\n    %s\n    server_name b.example;\n    ssl_certificate /b.pem;\n    ssl_certificate_key /b.key;\n}\n' \
		"$1" "${2-}"
}

site ' http2' >site; case_of 1.22.1
is "$lines" 'listen 443 ssl http2,' 'before 1.25.1 the listens are alike'
site ' http2' >site; case_of 1.27.0
is "$lines" 'listen 443 ssl http2,' 'and so they are after it'
site '' 'http2 on;' >site; case_of 1.25.1
is "$lines" 'listen 443 ssl,http2 on; # managed by Certbot,' \
	'where the others have the directive, it is added'
cp "$NGX_ROOT/sites/a" once
ngx_plugin "$(ngx_deploy a.example)" "$(ngx_save Done)"
same once "$NGX_ROOT/sites/a" 'a second run changes nothing'
ngx_plugin '{"op":"rollback","checkpoints":1}'
unlike "$(cat "$NGX_ROOT/sites/a")" http2 'and it is undone'
site '' 'http2 on;' >site; case_of 1.25.1 'http2 on; '
is "$lines" 'listen 443 ssl,' 'what http says is not repeated'
site '' 'http2 on;' >site; case_of 1.25.1 '' 'http2 off; '
is "$lines" 'http2 off; server_name a.example;,listen 443 ssl,' \
	'what the server says itself stays'
site '' 'http2 off;' >site; case_of 1.25.1
is "$lines" 'listen 443 ssl,' 'one that is off is no reason'
site '' >site; case_of 1.29.1
is "$lines" 'listen 443 ssl,' 'nobody speaks it: nor does this server'

# A server that speaks both, with the directive: it stays with TLS.
site '' 'listen 80; http2 on;' >site; case_of 1.25.1
sed -i 's/b.example/a.example/' "$NGX_ROOT/sites/0"
rm "$NGX_ROOT/sites/a"
ngx_plugin "$(ngx_enhance a.example redirect)" "$(ngx_save Done)"
is "$(ngx_errors)" '' 'a redirect for a server with HTTP/2'
is "$(awk '/^server/ { n++ } /http2 on;/ { print n }' "$NGX_ROOT/sites/0")" 1 \
	'leaves the directive with the server that has TLS'
done_testing
