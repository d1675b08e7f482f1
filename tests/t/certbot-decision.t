#!/bin/sh
# What certonly does with the lineages that are there (spec 4.2 to 4.7): its
# questions, by -n and with piped answers. Where nothing is changed the words
# are held against Debian's certbot, on the same directories.
. "$(dirname "$0")/../lib.sh"
need openssl jq
. "$ROOT/tests/both.sh"
ca_start

# asked INPUT ARGUMENT...: certonly with answers.
asked()
{
	printf "$1" >in
	shift
	run certbot certonly --standalone --server "$ACME_SERVER" \
		--http-01-port "$HTTP01_PORT" "$@" \
		--config-dir c --work-dir w --logs-dir l <in
}

# alike INPUT DESCRIPTION ARGUMENT...: both programs' certonly.
alike()
{
	_input=$1
	_desc=$2
	shift 2
	both_say "$_input" "$_desc" certonly --standalone \
		--server "$ACME_SERVER" --http-01-port "$HTTP01_PORT" "$@"
}

names_of()
{
	openssl x509 -in "c/live/$1/cert.pem" -noout -ext subjectAltName |
		sed -n 's/^ *DNS:\(.*\)/\1/p' | sed 's/, DNS:/ /g'
}

unchanged()
{
	is "$(version_of a.example)" "$1" "$2"
}

ours_new certonly --standalone -d a.example -d b.example
is "$status" 0 'a certificate'
# Ours makes RSA keys when none is asked for, Debian's 2.1 EC keys.
rsa='--key-type rsa'

# -- identical names ----------------------------------------------------------
alike '' 'identical, -n: kept' $rsa -n -d a.example -d b.example
alike '' 'in another order' $rsa -n -d b.example -d A.EXAMPLE.
alike '' '--keep' $rsa --keep -d a.example -d b.example
alike '1\n' 'the menu: 1 keeps' $rsa -d a.example -d b.example
like "$out" '^You have an existing certificate that has exactly the same domains or certificate name you requested and isn.t close to expiry.$' 'its question'
like "$out" '^2: Renew & replace the certificate \(may be subject to CA rate limits\)$' 'its answers'
alike 'x\n0\n3\nc\n' 'the menu: bad answers, then cancelled' $rsa -d a.example -d b.example
is "$status" 1 'cancelled is an error'
like "$err" '^Operation canceled. You may re-run the client.$' 'in these words'
alike '' 'the menu: end of input' $rsa -d a.example -d b.example
like "$err" '^EOFError$' 'is an error'
alike '' '--cert-name alone, -n' $rsa -n --cert-name a.example
unchanged 1 'nothing was changed by all that'
asked '2\n' -d a.example -d b.example
is "$status" 0 'the menu: 2 renews'
unchanged 2 'as version 2'
like "$out" 'Renewing an existing certificate for a.example and b.example$' 'and says so'
asked '' -n --force-renewal -d b.example -d a.example
unchanged 3 '--force-renewal renews'
is "$(names_of a.example)" 'b.example a.example' 'the names are sent as requested'

# -- more names -----------------------------------------------------------------
alike '' 'more names, -n: refused' $rsa -n -d a.example,b.example,c.example
is "$status" 1 'status 1'
like "$err" '^\(You can set this with the --expand flag\)$' 'it names the option'
alike 'q\nc\n' 'more names: cancelled' $rsa -d a.example,b.example,c.example
like "$out" 'To obtain a new certificate that contains these names without replacing your existing certificate for b.example, a.example, you must use the --duplicate option.$' 'it says what else may be done'
like "$err" '^User chose to cancel the operation and may reinvoke the client.$' 'in these words'
alike '' 'more names: end of input' $rsa -d a.example,b.example,c.example
unchanged 3 'nothing was changed by all that'
asked 'e\n' -d a.example,b.example,c.example
is "$status" 0 'more names: expanded'
unchanged 4 'as version 4'
is "$(names_of a.example)" 'a.example b.example c.example' 'with the names'
asked '' -n --expand -d a.example,b.example,c.example,d.example
unchanged 5 '--expand does the same'

# -- other names of a named certificate --------------------------------------------
asked '' -n --cert-name a.example -d a.example,z.example
is "$status" 0 '--cert-name with other names, -n: changed'
unchanged 6 'as version 6'
is "$(names_of a.example)" 'a.example z.example' 'these names'
alike 'c\n' 'other names: cancelled' $rsa --force-interactive --cert-name a.example -d b.example,z.example,y.example
like "$err" '^Specified mismatched certificate name and domains.$' 'in these words'
alike 'c\n' 'only more names of a named certificate' $rsa --force-interactive --cert-name a.example -d a.example,z.example,y.example
like "$out" '^\(None\)$' 'nothing is removed'
unchanged 6 'nothing was changed by all that'
asked 'u\n' --force-interactive --cert-name a.example -d a.example
unchanged 7 'other names: changed'
asked '' --cert-name a.example -d a.example,b.example
is "$status" 0 'without a terminal the change is made'
like "$err" "^Skipped user interaction because Certbot doesn't appear to be running in a terminal. You should probably include --non-interactive or --force-interactive on the command line.\$" 'with a warning'
unchanged 8 'as version 8'
asked '' --renew-with-new-domains --force-interactive --cert-name a.example -d a.example
is "$status" 0 '--renew-with-new-domains asks nothing'
unchanged 9 'as version 9'

# -- new ones -------------------------------------------------------------------------
asked '' -n -d a.example -d other.example --duplicate
is "$status" 0 '--duplicate'
ok 'is numbered' test -e c/live/a.example-0001/cert.pem
asked '' -n -d a.example --duplicate
ok 'and again' test -e c/live/a.example-0002/cert.pem
asked '' -n -d a.example,other.example --cert-name mine
is "$status" 0 '--cert-name of a new one'
is "$(names_of mine)" 'a.example other.example' 'has the names, though another has them, too'
asked '' -n -d other.example -d q.example
is "$status" 0 'names that overlap only make a new certificate'
ok 'of the first name' test -e c/live/other.example/cert.pem
# Two have a.example alone; file names are read in order, and - is before a dot.
alike 'c\n' 'the first of the largest subsets is asked about' $rsa -d a.example,q.example
like "$out" '/a.example-0002.conf\)$' 'which is that one'
asked '' -n -d a.example -d q.example --expand
is "$(names_of a.example-0002)" 'a.example q.example' 'and grows'
alike '' '--cert-name unknown, no names, -n' $rsa -n --cert-name unknown
alike 'c\n' 'names are asked for: cancelled' $rsa --cert-name unknown
alike '\n' 'names are asked for: none' $rsa --cert-name unknown
is "$status" 1 'is an error'
alike 'c\n' 'no name at all: cancelled' $rsa
asked '' -n --cert-name x/y -d x.example
is "$status" 1 'a slash in --cert-name is refused'
like "$err" '^The provided certname cannot be used as a lineage name because it contains an illegal character \(i.e. filepath separator\).$' 'in these words'
asked 'n1.example, n2.example\n'
is "$status" 0 'names are asked for and given'
is "$(names_of n1.example)" 'n1.example n2.example' 'both are in it'

# -- key types --------------------------------------------------------------------------
ours_new certonly --standalone --key-type ecdsa -d ec.example
alike '' 'another key type, not confirmed: refused' -n --key-type rsa -d ec.example
like "$err" '^Are you trying to change the key type of the certificate named ec.example from ECDSA to RSA\? Please provide both --cert-name and --key-type on the command line to confirm the change you are trying to make.$' 'in these words'
alike 'k\n' 'asked, and kept: refused, for --key-type was given' --force-interactive --key-type rsa -d ec.example
like "$out" '^An ECDSA certificate named ec.example already exists. Do you want to update its$' 'the question'
asked '' -n -d ec.example --force-renewal
is "$status" 0 'only the default differs, -n'
is "$(version_of ec.example)" 2 'renewed'
like "$(openssl x509 -in c/live/ec.example/cert.pem -noout -text)" 'id-ecPublicKey' 'the type is kept'
is "$(conf_get ec.example key_type)" ecdsa 'and saved'
asked '' -n --key-type rsa --cert-name ec.example
is "$status" 0 'confirmed by both options'
is "$(version_of ec.example)" 3 'renews at once'
like "$(openssl x509 -in c/live/ec.example/cert.pem -noout -text)" 'rsaEncryption' 'with the new type'
asked 'u\n' --force-interactive --key-type ecdsa -d ec.example
is "$status" 0 'confirmed by an answer'
is "$(version_of ec.example)" 4 'renews at once'

# -- reused keys ---------------------------------------------------------------------------
ours_new certonly --standalone --reuse-key -d re.example
key=$(openssl pkey -in c/live/re.example/privkey.pem -pubout)
asked '' -n --reuse-key --force-renewal -d re.example
is "$(openssl pkey -in c/live/re.example/privkey.pem -pubout)" "$key" 'the key is reused'
ok 'as a regular file' test ! -L c/archive/re.example/privkey2.pem
asked '' -n --reuse-key --force-renewal --rsa-key-size 3072 -d re.example
is "$status" 1 'with another size it cannot be'
like "$err" '^Unable to change the --rsa-key-size of this certificate because --reuse-key is set. To stop reusing the private key, specify --no-reuse-key. To change the private key this one time and then reuse it in future, add --new-key.$' 'in these words'
asked '' -n --reuse-key --new-key --force-renewal --rsa-key-size 3072 -d re.example
is "$status" 0 'with --new-key it can'
like "$(openssl x509 -in c/live/re.example/cert.pem -noout -text)" '3072 bit' 'this size'
is "$(conf_get re.example reuse_key)" True 'and the key is reused from now on'

# -- a test certificate over a real one ------------------------------------------------------
# The CA is a test server when its URL says staging; no order is made.
sed -i 's|^server = .*|server = https://acme.example/directory|' c/renewal/re.example.conf
both_say '' 'a test certificate over a real one: refused' certonly -n --standalone $rsa --force-renewal \
	--http-01-port "$HTTP01_PORT" -d re.example --server "$ACME_SERVER?staging"
is "$status" 1 'status 1'
like "$err" "^You've asked to renew/replace a seemingly valid certificate with a test certificate \(domains: re.example\). We will not do that unless you use the --break-my-certs flag!\$" 'in these words'
is "$(version_of re.example)" 3 'nothing was changed'
asked '' -n --server "$ACME_SERVER?staging" --break-my-certs --new-key --force-renewal -d re.example
is "$status" 0 'with --break-my-certs it is done'
is "$(leftovers)" '' 'no process is left'
done_testing
