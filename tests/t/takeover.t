#!/bin/sh
# A configuration directory that Debian's certbot has made and lived with -
# accounts, RSA and EC lineages, hooks of every kind, a cli.ini - is taken over:
# ours renews with it, changes it, and hands it back; Debian's goes on.
. "$(dirname "$0")/../lib.sh"
need openssl jq
. "$ROOT/tests/both.sh"
ca_start

# hook DIRECTORY NAME: a hook that writes down when and for what it ran.
hook()
{
	mkdir -p "c/renewal-hooks/$1"
	cat >"c/renewal-hooks/$1/$2" <<-END
	#!/bin/sh
	echo "$1/$2 \${RENEWED_LINEAGE##*/} \$RENEWED_DOMAINS" | sed 's/ *\$//' >>"$T/ran"
	END
	chmod 755 "c/renewal-hooks/$1/$2"
}

# Where both look for it, and every key in it matters to what is done below.
mkdir -p home/.config/letsencrypt
cat >home/.config/letsencrypt/cli.ini <<END
# Kept by the administrator.
server = $ACME_SERVER
http-01-port = $HTTP01_PORT
agree-tos = true
email = admin@example.com
no-eff-email = true
rsa-key-size = 3072
standalone
max-log-backups = 3
END

# -- Debian's program makes it all ------------------------------------------------
theirs certonly -n --key-type rsa -d rsa.example,www.rsa.example --deploy-hook "echo 'deploy rsa' >>$T/ran"
is "$status" 0 "Debian's: an RSA lineage with a deploy hook"
theirs certonly -n --key-type ecdsa -d ec.example --pre-hook "echo 'pre ec' >>$T/ran" \
	--post-hook "echo 'post ec' >>$T/ran"
is "$status" 0 "Debian's: an EC lineage with other hooks"
theirs certonly -n --key-type rsa --reuse-key -d keep.example
is "$status" 0 "Debian's: one that keeps its key"
second=https://127.0.0.1${ACME_SERVER#https://localhost}
theirs register -n --server "$second" -m second@example.com
is "$status" 0 "Debian's: an account at another server"
hook pre b-first
hook pre a-second
hook deploy each
hook post last
key=$(openssl pkey -in c/live/keep.example/privkey.pem -pubout)

# -- taken over ----------------------------------------------------------------------
certificates_agree 'both list the same'
run certbot show_account --config-dir c --work-dir w --logs-dir l
like "$out" 'Email contact: admin@example.com' 'the account is known, by the cli.ini'
ours show_account --server "$second"
like "$out" 'Email contact: second@example.com' 'and the other one'
ours renew --no-random-sleep-on-renew
is "$(grep -c '(skipped)' "$T/out")" 3 'nothing is due'
sed -i '1i renew_before_expiry = 20 years' c/renewal/*.conf
: >ran
ours renew --no-random-sleep-on-renew
is "$status" 0 'ours renews all'
is "$(grep -c '(success)' "$T/out")" 3 'three of them'
is "$(find c/accounts -name regr.json | wc -l)" 2 'no account is added'
is "$(grep -n '^pre/' ran)" '1:pre/a-second
2:pre/b-first' 'directory hooks come first, in the order of their names'
is "$(grep -c '^deploy/each' ran)" 3 'a deploy hook of the directory for each'
like "$(cat ran)" '^deploy/each rsa.example (www.rsa.example rsa.example|rsa.example www.rsa.example)$' 'with lineage and names'
is "$(grep -c '^deploy rsa$' ran) $(grep -c '^pre ec$' ran) $(grep -c '^post ec$' ran)" '1 1 1' 'the saved hooks run once'
is "$(tail -n 2 ran | cut -d ' ' -f 1 | sort | tr '\n' ' ')" 'post post/last ' 'post hooks are last'
is "$(openssl pkey -in c/live/keep.example/privkey.pem -pubout)" "$key" 'the kept key is kept'
like "$(openssl x509 -in c/live/rsa.example/cert.pem -noout -text)" '3072 bit' 'the size of the cli.ini'
for name in rsa.example ec.example keep.example; do
	is "$(version_of $name)" 2 "$name: version 2"
	lineage_is_whole $name "$name: whole"
done

# -- changed --------------------------------------------------------------------------
ours certonly -n --expand -d rsa.example,www.rsa.example,mail.rsa.example
is "$status" 0 'a name more'
ours certonly -n --cert-name ec.example -d ec.example --key-type rsa
is "$status" 0 'another type of key'
ours certonly -n --cert-name keep.example -d keep.example --no-reuse-key --force-renewal
is "$status" 0 'the key is kept no longer'
ours update_account -n -m new@example.com
is "$status" 0 'another address'
ours certonly -n --key-type ecdsa -d ours.example --deploy-hook "echo 'deploy ours' >>$T/ran"
is "$status" 0 'a lineage of ours'
ours renew --no-random-sleep-on-renew --cert-name rsa.example --force-renewal --post-hook "echo 'post rsa' >>$T/ran"
is "$status" 0 'a hook more'

# -- handed back ----------------------------------------------------------------------
certificates_agree 'both list the same again'
theirs show_account
like "$out" 'Email contact: new@example.com' "Debian's knows the address"
sed -i '1i renew_before_expiry = 20 years' c/renewal/ours.example.conf
: >ran
theirs renew --no-random-sleep-on-renew
is "$status" 0 "Debian's renews all"
is "$(grep -c '(success)' "$T/out")" 4 'four of them'
is "$(grep -c '^deploy/each' ran)" 4 'its hooks run'
is "$(grep -c '^deploy ours$' ran) $(grep -c '^post rsa$' ran)" '1 1' 'those that ours has saved among them'
is "$(openssl x509 -in c/live/rsa.example/cert.pem -noout -ext subjectAltName | grep -o 'DNS:' | wc -l)" 3 'three names'
like "$(openssl x509 -in c/live/ec.example/cert.pem -noout -text)" rsaEncryption 'the new type'
isnt "$(openssl pkey -in c/live/keep.example/privkey.pem -pubout)" "$key" 'a new key'
for name in rsa.example ec.example keep.example ours.example; do
	lineage_is_whole $name "$name: whole"
done
certificates_agree 'and both list the same in the end'
is "$(leftovers)" '' 'no process is left'
done_testing
