#!/bin/sh
# Many lineages: what is not due is read once; the listing is made on all
# processors and comes in order.
. "$(dirname "$0")/../lib.sh"
need openssl strace
. "$ROOT/tests/both.sh"
N=70
"$ACME_BUILD/tests/helpers/lineages" "$T/c" $N ecdsa 80 server=https://127.0.0.1:1/dir || bail lineages

run strace -f -o calls -e trace=open,openat,execve \
	certbot renew --no-random-sleep-on-renew --config-dir c --work-dir w --logs-dir l </dev/null
is "$status" 0 'renew, none is due'
is "$(grep -c '(skipped)' out)" $N 'all are skipped'
# opened PATTERN: how often files of this name were opened: "TIMES FILES".
opened()
{
	sed -n "s|.*open[at]*(.*\"\([^\"]*/$1\)\".*|\1|p" calls | sort | uniq -c |
		awk '{ n[$1]++ } END { for (k in n) print k, n[k] }'
}
is "$(opened 'renewal/n[0-9]*.example.conf')" "1 $N" 'each renewal file is read once'
is "$(opened 'n[0-9]*.example/cert1*.pem')" "1 $N" 'and each certificate'
is "$(opened 'n[0-9]*.example/\(privkey\|chain\|fullchain\)1*.pem')" '' 'and nothing else of them'
is "$(grep -c 'execve(.*) = 0' calls)" 2 'by two programs'

certificates_agree 'certificates: the same from both'
is "$(grep -c 'Certificate Name: ' certificates.ours)" $N 'all are listed'
echo broken >c/live/n00033.example/../../archive/n00033.example/privkey1.pem
: >c/renewal/n00050.example.conf
certificates_agree 'two of them broken: the same from both'
ours certificates --json
is "$(jq -r '[.[] | select(.error) | .name] | join(" ")' "$T/out")" 'n00033.example n00050.example' \
	'in their order'
is "$(leftovers)" '' 'no process is left'
done_testing
