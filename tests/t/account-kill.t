#!/bin/sh
# acme-account rollover is killed at every second system call that changes a
# directory. The next command that needs the account brings it to its end: one
# account, whose key the server has, and renewal configurations that name it.
. "$(dirname "$0")/../lib.sh"
need strace jq
ca_start
accounts=$T/c/accounts
mkdir -p c/renewal
run acme-account register --account-dir "$accounts" --agree-tos --no-contact
is "$status" 0 'an account'
id=$(jq -r .account.id out)
url=$(jq -r .account.url out)
server=$accounts/${ACME_SERVER#https://}
for kind in cert privkey chain fullchain; do
	echo "$kind = $T/c/live/a.example/$kind.pem"
done >c/renewal/a.example.conf
printf '[renewalparams]\naccount = %s\nserver = %s\n' "$id" "$ACME_SERVER" >>c/renewal/a.example.conf

# Name and number of each call of the program itself that changes a file.
strace -o trace acme-account rollover --account-dir "$accounts" --key-type ecdsa >out 2>err ||
	bail 'rollover under strace'
awk '{ call = $0; sub(/\(.*/, "", call)
	if (call !~ /^[a-z0-9_]+$/) next
	n[call]++
	if (/\.certbot\.lock|private_key\.json/) on = 1
	if (on && !/\.certbot\.lock/ && call ~ /^(rename|link|symlink|unlink|mkdir|rmdir)/)
		print call, n[call] }' trace | awk 'NR % 2' >calls
ok 'there are some' test "$(wc -l <calls)" -gt 6
is "$(ls "$server" | wc -l)" 1 'one account'

# whole: the accounts. A key that the server has not heard of is none; the next
# rollover takes it.
whole()
{
	(cd "$server" && ls -- */regr.json) | sed 's|/.*||'
}
killed=0 wrong=0 apart=0
while read -r call n; do
	strace -qq -o /dev/null -e trace="$call" -e "inject=$call:signal=KILL:when=$n" \
		acme-account rollover --account-dir "$accounts" --key-type ecdsa >/dev/null 2>&1
	[ $? -eq 137 ] || continue
	killed=$((killed + 1))
	[ "$(ls "$server" | wc -l)" = 1 ] || apart=$((apart + 1))
	was=$(sed -n 's/^account = //p' c/renewal/a.example.conf)
	# As the renewal of that lineage would.
	run acme-account register --account-dir "$accounts" --account "$was"
	id=$(jq -r .account.id out)
	if [ "$status" != 0 ] || [ "$(jq -r .account.url out)" != "$url" ] ||
		[ "$(whole)" != "$id" ] || [ "$(find "$server" -name replaces.json)" != '' ] ||
		! grep -qx "account = $id" c/renewal/a.example.conf ||
		! acme-account update --account-dir "$accounts" --no-contact >/dev/null 2>"$T/err"; then
		wrong=$((wrong + 1))
		diag "killed at $call $n: $status, $(ls "$server" | tr '\n' ' '), $(cat "$T/err")"
		break
	fi
done <calls
ok "killed $killed times" test "$killed" -gt 6
ok "$apart times both directories were there" test "$apart" -gt 5
is "$wrong" 0 'the next command leaves one account, named everywhere'

# Both whole, as a rollover leaves them that is cut off late: no choice to be made.
cp -a "$server/$id" old
acme-account rollover --account-dir "$accounts" --key-type ecdsa >out 2>err
new=$(jq -r .account.id out)
mv old "$server/$id"
printf '{"id": "%s"}' "$id" >"$server/$new/replaces.json"
run acme-account show --account-dir "$accounts"
is "$status $(jq -r .account.id out)" "0 $new" 'of two the new one is the account'
run acme-account show --account-dir "$accounts" --account "$id"
is "$status $(jq -r .account.id out)" "0 $new" 'also by its old name'
done_testing
