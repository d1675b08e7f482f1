#!/bin/sh
# certstore list, show, verify, fix, delete; locks; unreadable things.
. "$(dirname "$0")/../lib.sh"
. "$ROOT/tests/store.sh"

store list
is "$status:$out" 0: 'nothing is listed'
not_ok 'and nothing is made' test -e "$T/le"

for n in a b c; do
	chain "$T/$n" "$n.example"
	store save <"$T/$n/doc.json"
	is "$status" 0 "$n.example"
done

# -- list, show ------------------------------------------------------------------------

store list
is "$status" 0 'list'
is "$(jq -r .lineage.name "$T/out" | tr '\n' ' ')" \
	'a.example b.example c.example ' 'in order'
store show b.example
json "$T/out" '.request.names == ["b.example"] and
	.certificate.names == ["b.example"] and
	.certificate.issuer == "Test Issuer" and
	.renewalparams.webroot_map == {"b.example": "/srv/www"} and
	.renewalparams.webroot_path == ["/srv/www"] and
	.server == "https://ca.example/directory"' 'show'
is "$(jq -j .certificate.fullchain "$T/out" | cksum)" \
	"$(cksum <"$T/b/fullchain.pem")" 'with the certificate'
unlike "$out" 'PRIVATE KEY' 'and no key'
store show nobody
is "$status" 78 'one that is not there'
like "$err" "No certificate found with name nobody \\(expected $T/le/renewal/nobody.conf\\)" \
	'is said'
store show ../../etc/passwd
is "$status" 65 'a path is no name'
not_ok 'no lock is taken' test -e "$T/le/.certbot.lock"

# -- broken ones --------------------------------------------------------------------------

echo '= nonsense' >"$T/le/renewal/r1.conf"
: >"$T/le/renewal/r2.conf"
sed 's/b.example/r3/' "$T/le/renewal/b.example.conf" >"$T/le/renewal/r3.conf"
mkdir "$T/le/live/r3"
sed 's,/b.example/,/r4/,' "$T/le/renewal/b.example.conf" >"$T/le/renewal/r4.conf"
mkdir "$T/le/live/r4"
for k in cert privkey chain fullchain; do
	ln -s "../../archive/r4/${k}1.pem" "$T/le/live/r4/$k.pem"
done
store list
is "$status" 78 'broken ones are counted'
is "$(jq -r 'select(.error) | .lineage.name' "$T/out" | tr '\n' ' ')" \
	'r1 r2 r3 r4 ' 'and listed as such'
is "$(jq -r 'select(.error) | .error.detail' "$T/out")" \
"error parsing $T/le/renewal/r1.conf
renewal config file {} is missing a required file reference
expected $T/le/live/r3/cert.pem to be a symlink
target $T/le/archive/r4/cert1.pem of symlink $T/le/live/r4/cert.pem does not exist" \
	'with the words of certbot'
is "$(jq -r 'select(.error | not) | .lineage.name' "$T/out" | wc -l)" 3 \
	'beside the others'
store delete r1
is "$status" 78 'a broken one is deleted with an error'
like "$err" "Could not parse $T/le/renewal/r1.conf. You may wish to manually" \
	'which says what may be left'
not_ok 'but it is deleted' test -e "$T/le/renewal/r1.conf"
rm -r "$T/le/renewal"/r?.conf "$T/le/live"/r?

# -- verify -----------------------------------------------------------------------------------

store verify
is "$status" 0 'all is well'
cp "$T/a/chain.pem" "$T/le/archive/b.example/fullchain1.pem"
cp "$T/a/privkey.pem" "$T/le/archive/c.example/privkey1.pem"
chain "$T/x" x.example ca="$T/other-ca"
cp "$T/x/chain.pem" "$T/le/archive/a.example/chain1.pem"
store verify
is "$status" 78 'three that are not'
is "$(jq -r '.error.detail | sub("Details.*"; "")' "$T/out")" \
"verifying the signature of the certificate located at $T/le/live/a.example/cert.pem has failed. 
fullchain does not match cert + chain for b.example!
verifying the certificate located at $T/le/live/c.example/cert.pem matches the private key located at $T/le/live/c.example/privkey.pem has failed. " \
	'each for its reason'
cp "$T/a/chain.pem" "$T/le/archive/a.example/chain1.pem"
cp "$T/b/fullchain.pem" "$T/le/archive/b.example/fullchain1.pem"
cp "$T/c/privkey.pem" "$T/le/archive/c.example/privkey1.pem"
store verify a.example b.example c.example
is "$status" 0 'repaired'

# -- a save that goes on, and one that was cut off ----------------------------------------------

chain "$T/a2" a.example
store save <"$T/a2/doc.json"
live=$T/le/live/a.example
ln -s "$T/le/archive/a.example/cert1.pem" "$live/previous_cert.pem"
mkfifo unlock
start locker "$ROOT/tests/helpers/hold-lock.py" "$T/le/.certbot.lock" locked unlock
locker=$pid
wait_for test -e locked || bail 'no lock'
store show a.example
is "$status" 78 'a journal that stays while somebody has the lock'
like "$(jq -r .error.detail "$T/out")" "a save of 'a.example' is unfinished" \
	'is reported'
start look certstore show --config-dir "$T/le" a.example
looking=$pid
wait_for test -e "/proc/$looking" || :
rm "$live/previous_cert.pem"
wait "$looking"
is "$?" 0 'one that goes away is waited for'
stop "$locker"
ln -s "$T/le/archive/a.example/cert1.pem" "$live/previous_cert.pem"
store due a.example
is "$status" 0 'one that nobody is at work on'
is "$(cd "$live" && echo previous*)" 'previous*' 'is brought to its end'
for k in cert privkey chain fullchain; do
	ln -s "$T/le/archive/a.example/${k}1.pem" "$live/previous_$k.pem"
done
ln -sf ../../archive/a.example/cert1.pem "$live/cert.pem"
ln -s x "$live/.cert.pem.tmp-abcdef"
: >"$live/.cert.pem.mine"
store fix a.example
is "$status" 0 'fix'
is "$(readlink "$live/cert.pem") $(readlink "$live/chain.pem")" \
	'../../archive/a.example/cert1.pem ../../archive/a.example/chain1.pem' \
	'goes back to the links before'
is "$(cd "$live" && echo previous* .*tmp*)" 'previous* .*tmp*' \
	'and clears the rest'
ok 'but nothing else' rm "$live/.cert.pem.mine"

# -- fix: an archive that was moved ------------------------------------------------------------------

mv "$T/le/archive/b.example" "$T/moved"
sed -i "s,^archive_dir.*,archive_dir = $T/moved," "$T/le/renewal/b.example.conf"
store fix b.example
is "$status" 0 'a moved archive'
is "$(readlink "$T/le/live/b.example/cert.pem")" ../../../moved/cert1.pem \
	'is linked to'
chain "$T/b2" b.example
store save <"$T/b2/doc.json"
is "$(readlink "$T/le/live/b.example/privkey.pem")" \
	../../../moved/privkey2.pem 'and used'

# -- locks -------------------------------------------------------------------------------------------

mkfifo unlock
start holder "$ROOT/tests/helpers/hold-lock.py" "$T/le/.certbot.lock" held unlock
holder=$pid
wait_for test -e held || bail 'no lock'
chain "$T/a3" a.example
store save --timeout 0 <"$T/a3/doc.json"
is "$status" 75 'a lock that is held'
like "$err" 'another instance of certbot is already running' 'is said'
json "$T/out" '.error.type | endswith(":locked")' 'in the document, too'
store list
is "$status" 0 'list needs none'
start save sh -c 'certstore save --config-dir "$1" <"$2"' sh "$T/le" \
	"$T/a3/doc.json"
saving=$pid
echo >unlock
wait "$holder"
wait "$saving"
is "$?" 0 'it is waited for'
not_ok 'no lock file stays' test -e "$T/le/.certbot.lock"

# -- delete ---------------------------------------------------------------------------------------------

: >"$T/moved/mine"
: >"$T/le/archive/a.example/mine"
: >"$T/le/live/c.example/mine"
store delete a.example b.example c.example nobody
is "$status" 78 'delete three and one that is not there'
is "$(jq -r '"\(.lineage.name) \(.lineage.deleted)"' "$T/out" | tr '\n' ' ')" \
	'a.example true b.example true c.example true nobody null ' \
	'a document for each'
is "$(cd "$T/le" && find . -mindepth 2 | sort | tr '\n' ' ')" \
	'./live/README ./live/c.example ./live/c.example/mine ' \
	'all is gone but what another put into live'
is "$(ls "$T/moved")" mine 'nor is an archive elsewhere taken with it'
store delete
is "$status" 64 'delete wants a name'
run certstore undelete
is "$status" 64 'unknown subcommand'

done_testing
