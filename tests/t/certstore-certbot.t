#!/bin/sh
# Lineages of certstore under Debian's certbot, and the reverse.
. "$(dirname "$0")/../lib.sh"
. "$ROOT/tests/store.sh"
need /usr/bin/certbot /usr/bin/python3

debian()
{
	run /usr/bin/certbot "$@" -n --config-dir "$T/le" --work-dir "$T/work" \
		--logs-dir "$T/l"
}

for n in 'ec a.example,www.a.example' 'rsa r.example key=rsa' \
	'wild *.w.example,w.example'; do
	# shellcheck disable=SC2086 # words
	set -- $n
	_name=$1
	shift
	set -f
	# shellcheck disable=SC2068
	chain "$T/$_name" $@
	set +f
	store save <"$T/$_name/doc.json"
	is "$status" 0 "$_name"
done

# -- Debian's certbot lists ----------------------------------------------------------

debian certificates
is "$status" 0 'certbot certificates'
is "$(sed -n 's/^  Certificate Name: //p' "$T/out" | tr '\n' ' ')" \
	'a.example r.example w.example ' 'lists all'
is "$(grep -c 'VALID: 8[89] days' "$T/out")" 3 'as valid'
like "$out" 'Domains: a.example www.a.example' 'with their names'
like "$out" 'Key Type: RSA' 'RSA'
like "$out" 'Key Type: ECDSA' 'and ECDSA'
unlike "$out$err" 'invalid|might not work|unexpected' 'without a complaint'
unlike "$(cat "$T/l"/letsencrypt.log*)" 'Attempting to parse the version' \
	'nor about the version'

# -- certbot reads the options and renews into the lineage ------------------------------------
# Its storage module is asked for the next version, without a CA.

cat >"$T/next.py" <<'END'
import sys
from certbot import configuration
from certbot._internal import cli, storage
from certbot._internal.plugins import disco
t, name, chain = sys.argv[1:]
args = ['renew', '-n', '--config-dir', t + '/le', '--work-dir', t + '/w',
        '--logs-dir', t + '/l']
plugins = disco.PluginsRegistry.find_all()
if hasattr(cli, 'set_by_cli'):
    cli.set_by_cli.detector = None
config = cli.prepare_and_parse_args(plugins, args)
if not isinstance(config, configuration.NamespaceConfig):
    config = configuration.NamespaceConfig(config) # before certbot 2.8
lin = storage.RenewableCert('%s/le/renewal/%s.conf' % (t, name), config)
from certbot._internal import renewal
copy = __import__('copy').deepcopy(config)
reconstitute = getattr(renewal, 'reconstitute', None) or renewal._reconstitute
got = reconstitute(copy, lin.configfile.filename)
assert got is not None
print(copy.authenticator, copy.webroot_path, sorted(copy.webroot_map),
      copy.key_type, copy.server)
pem = open(chain + '/cert.pem', 'rb').read()
key = open(chain + '/privkey.pem', 'rb').read()
ca = open(chain + '/chain.pem', 'rb').read()
v = lin.save_successor(lin.latest_common_version(), pem, key, ca, copy)
lin.update_all_links_to(v)
END
chain "$T/ec2" a.example,www.a.example
run /usr/bin/python3 "$T/next.py" "$T" a.example "$T/ec2"
is "$status" 0 'certbot saves a next version'
is "$out" "webroot ['/srv/www'] ['a.example', 'www.a.example'] ecdsa https://ca.example/directory" \
	'with the options that it read'
store verify a.example
is "$status" 0 'which we read'
json "$T/out" '.lineage.version == 2 and .renewalparams.webroot_map ==
	{"a.example": "/srv/www", "www.a.example": "/srv/www"}' 'whole'

chain "$T/ec3" a.example,www.a.example
store save <"$T/ec3/doc.json"
json "$T/out" '.lineage.version == 3' 'and continue'
debian certificates
like "$out" 'VALID: 8[89] days' 'certbot reads that again'
unlike "$out$err" 'invalid|unexpected' 'without a complaint'

# -- certbot makes one -----------------------------------------------------------------------

cat >"$T/new.py" <<'END'
import sys
from certbot import configuration
from certbot._internal import cli, storage
from certbot._internal.plugins import disco
t, name, chain = sys.argv[1:]
args = ['certonly', '-n', '--config-dir', t + '/le', '--work-dir', t + '/w',
        '--logs-dir', t + '/l', '--webroot', '-d', name, '--webroot-map',
        '{"%s": "%s/www"}' % (name, t),
        '--deploy-hook', 'echo "hi, #1"', '--key-type', 'ecdsa']
plugins = disco.PluginsRegistry.find_all()
config = cli.prepare_and_parse_args(plugins, args)
if not isinstance(config, configuration.NamespaceConfig):
    config = configuration.NamespaceConfig(config)
read = lambda kind: open('%s/%s.pem' % (chain, kind), 'rb').read()
storage.RenewableCert.new_lineage(name, read('cert'), read('privkey'),
                                  read('chain'), config)
END
chain "$T/n" n.example
mkdir "$T/www"
run /usr/bin/python3 "$T/new.py" "$T" n.example "$T/n"
is "$status" 0 'certbot makes a lineage'
note "$(cat "$T/le/renewal/n.example.conf")"
store show n.example
is "$status" 0 'we show it'
json "$T/out" '.renewalparams.renew_hook == "echo \"hi, #1\"" and
	.renewalparams.webroot_map == {"n.example": "'"$T"'/www"} and
	.certificate.names == ["n.example"]' 'with its options'
chain "$T/n2" n.example
cp "$T/le/renewal/n.example.conf" "$T/before"
store show n.example
jq -c -s '.[0] + {renewalparams: .[1].renewalparams} | del(.account)' "$T/n2/doc.json" \
	"$T/out" >"$T/n2.json"
store save <"$T/n2.json"
json "$T/out" '.lineage.version == 2' 'we renew it'
sed 's/^version = .*/version = 1.22.0/' "$T/before" >"$T/want"
same "$T/le/renewal/n.example.conf" "$T/want" 'and write the same options'
debian delete --cert-name w.example
is "$status" 0 'certbot deletes one of ours'
is "$(find "$T/le" -name '*w.example*')" '' 'wholly'
store delete n.example
is "$status" 0 'we delete one of its'
is "$(find "$T/le" -name '*n.example*')" '' 'wholly'
debian certificates
is "$(sed -n 's/^  Certificate Name: //p' "$T/out" | tr '\n' ' ')" \
	'a.example r.example ' 'the others stay'

# -- a journal of certbot's is understood, and a pending version ---------------------------------

for k in cert privkey chain fullchain; do
	ln -s "$T/le/archive/a.example/${k}2.pem" \
		"$T/le/live/a.example/previous_$k.pem"
done
rm "$T/le/live/a.example/cert.pem"
store plan -d a.example,www.a.example
json "$T/out" '.plan.action == "keep" and .plan.pending' \
	'a cut-off move of certbot is undone, then the newest is put in place'
store verify a.example
json "$T/out" '.lineage.version == 3' 'whole'

# -- locks exclude each other -------------------------------------------------------------------

cat >"$T/hold.py" <<'END'
import sys
from certbot._internal import lock
held = lock.lock_dir(sys.argv[1])
print('held', flush=True)
sys.stdin.read()
held.release()
END
mkfifo "$T/fifo"
/usr/bin/python3 "$T/hold.py" "$T/le" <"$T/fifo" >"$T/hold.log" &
exec 7>"$T/fifo"
wait_for grep -q held "$T/hold.log"
store plan -d a.example --timeout 0
is "$status" 75 "certbot's lock keeps us out"
exec 7>&-
wait
store plan -d a.example,www.a.example --timeout 5
is "$status" 0 'until it is gone'

done_testing
