#!/bin/sh
# Plugins are tried side by side: `certbot plugins --prepare`, and before a menu.
. "$(dirname "$0")/../lib.sh"
need jq

# Ten plugins, the first of which works only once the second has been started.
mkdir plugins started
for n in 0 1 2 3 4 5 6 7 8 9; do
	cat >"plugins/p$n" <<END
#!/bin/sh
while read -r line; do
	case \$line in
	*'"op":"prepare"'*)
		: >$T/started/$n
		i=0
		until [ $n != 0 ] || [ -e $T/started/1 ]; do
			sleep 0.1
			i=\$((i + 1))
			[ \$i -lt 200 ] || exit 1
		done
		[ $n != 4 ] || {
			echo '{"error":{"type":"no-installation","detail":"not here"}}'
			continue
		}
		;;
	*'"op":"preferences"'*)
		echo '{"ok":true,"preferences":[]}'
		continue
		;;
	esac
	echo '{"ok":true}'
done
END
	chmod 755 "plugins/p$n"
	printf '{"name":"p%s","version":1,"summary":"number %s","kinds":["authenticator"],"challenges":["http-01"]}' \
		"$n" "$n" >"plugins/p$n.json"
done
CERTBOT_PLUGIN_PATH=$T/plugins
export CERTBOT_PLUGIN_PATH

run certbot plugins --prepare --authenticators --json --config-dir "$T/c" \
	--work-dir "$T/w" --logs-dir "$T/l" </dev/null
is "$status" 0 'plugins --prepare'
is "$(printf '%s' "$out" | jq -r '.[].name' | grep '^p[0-9]' | tr '\n' ' ')" \
	'p0 p1 p2 p3 p5 p6 p7 p8 p9 ' 'those that work, in the order of their names'
is "$(find started -type f | wc -l)" 10 'all were tried'
rm -f started/*
run /usr/bin/python3 "$ROOT/tests/helpers/on-terminal.py" -w '(p9)' -w 'cancel): ' \
	-s 'c\n' -- certbot certonly -d a.example --config-dir "$T/c" \
	--work-dir "$T/w" --logs-dir "$T/l"
is "$(printf '%s' "$out" | sed -n 's/.*(\(p[0-9]\)).*/\1/p' | tr '\n' ' ')" \
	'p0 p1 p2 p3 p5 p6 p7 p8 p9 ' 'the menu has them'
is "$(leftovers)" '' 'no process is left'
done_testing
