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

# cut WHEN: a rollover, as it is left that is cut off late, with both accounts
# whole, or early, when the server has the new key and the disk only that.
cut()
{
	rm -rf old
	cp -a "$server/$id" old
	acme-account rollover --account-dir "$accounts" --key-type ecdsa >out 2>err ||
		bail "no rollover: $(cat err)"
	new=$(jq -r .account.id out)
	mv old "$server/$id"
	printf '{"id": "%s"}' "$id" >"$server/$new/replaces.json"
	sed -i "s/^account = .*/account = $id/" c/renewal/a.example.conf
	[ "$1" = late ] || rm "$server/$new/regr.json" "$server/$new/meta.json"
}
# one DESCRIPTION: one account is left, by its new name everywhere.
one()
{
	is "$status $(ls "$server") $(sed -n 's/^account = //p' c/renewal/a.example.conf)" \
		"0 $new $new" "$1"
	is "$(find "$server" -name replaces.json)" '' 'and no trace of the other'
	id=$new
}
certbot_run()
{
	run certbot "$@" --server "$ACME_SERVER" --config-dir c --work-dir w --logs-dir l </dev/null
}
acct()
{
	run acme-account "$@" --account-dir "$accounts"
}
cut late
acct show
is "$(jq -r .account.id out)" "$new" 'of two the new one is the account'
one 'acme-account show, both are whole'
cut late
acct show --account "$id"
is "$(jq -r .account.id out)" "$new" 'also by its old name'
one 'acme-account show --account OLD'
cut late
acct rollover --key-type ecdsa
new=$(jq -r .account.id out)
one 'acme-account rollover, both are whole'
for verb in show update deactivate; do
	cut early
	acct $verb $([ $verb = update ] && echo --no-contact)
	[ $verb != deactivate ] || break
	one "acme-account $verb, the server has the new key"
done
is "$status $(ls "$server" 2>/dev/null)" '0 ' 'acme-account deactivate'
acme-account register --account-dir "$accounts" --agree-tos --no-contact >out 2>err ||
	bail 'no account any more'
id=$(jq -r .account.id out)
cut early
certbot_run show_account
like "$out" "^  Account Thumbprint: $(acme-account list --account-dir "$accounts" | jq -r .account.thumbprint)\$" \
	'shows the new key'
one 'certbot show_account'
cut early
certbot_run update_account -n --register-unsafely-without-email
one 'certbot update_account'
cut early
acme-account list --account-dir "$accounts" >listed
run acme-account show - --account-dir "$accounts" <listed
is "$(jq -r .account.id out)" "$new" 'a document of the old account becomes one of the new'
one 'acme-account show -'
cut early
certbot_run unregister -n
is "$status $(ls "$server" 2>/dev/null)" '0 ' 'certbot unregister'
done_testing
