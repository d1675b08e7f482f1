#!/bin/sh
# Ubuntu 24.04, 22.04 and 20.04: Debian's package with the differences of those
# releases' files (tests/data/apache-layouts/README.md), from the first command
# over a renewal to rollback; in 20.04 the package's own TLS site is enabled.
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/apache.sh
. "$ROOT/tests/apache.sh"
# shellcheck source=tests/apache-layouts.sh
. "$ROOT/tests/apache-layouts.sh"

# What dpkg knows of the files of these releases.
cat >digests <<'EOD'
24 354c9e6d2b88a0a3e0548f853840674c apache2.conf
24 e6fbb8adf631932851d6cc522c1e48d7 conf-available/charset.conf
24 f542d267bfce7815f9453eb1476e5f73 conf-available/localized-error-pages.conf
24 2cad303fc4221d6b0068a8b37597b9fb conf-available/other-vhosts-access-log.conf
24 332668933023a463046fa90d9b057193 conf-available/security.conf
24 e4431a53c868ae0dfcde68564f3ce6a7 envvars
20|22 20589b50379161ebc8cb35f761af2646 apache2.conf
20|22 a961f23471d985c2b819b652b7f64321 ports.conf
20|22 f3066f67070ab9b1ad9bab81ca05330a sites-available/000-default.conf
20|22 801f4c746a88b4228596cb260a4220c4 sites-available/default-ssl.conf
EOD
debian_12=$(grep -c "$(md5sum <"$T/pristine/apache2.conf" | cut -c1-32)" \
	digests)

layout_more()
{
	if [ "$debian_12" -gt 0 ]; then
		sed -n "s/^[0-9|]*${UBUNTU%.*}[0-9|]* //p" digests >wanted
		(cd "$T/before" && md5sum --quiet -c "$T/wanted") >differ 2>&1
		is "$(cat differ)" '' "$name: the files are that release's"
	fi
	live=/etc/letsencrypt/live/a.example/cert.pem
	first=$(openssl x509 -noout -fingerprint -in $live)
	run certbot renew --force-renewal --no-random-sleep-on-renew </dev/null
	is "$status" 0 "$name: renewed" || diag "$out$err"
	isnt "$(served a.example)" "$first" "$name: a new certificate"
	ok "$name: is served for both names" all a.example www.a.example
	run certbot install --apache --cert-name a.example -n --redirect \
		--hsts --uir --staple-ocsp </dev/null
	is "$status" 0 "$name: a second time"
	ok "$name: nothing changes" diff -r --no-dereference "$T/expected" \
		"$T/etc"
}

for release in ${ONLY:-24.04/2.4.58 22.04/2.4.52 20.04/2.4.41}; do
	UBUNTU=${release%/*}
	APACHE=${release#*/}
	layout_run ubuntu
done
done_testing
