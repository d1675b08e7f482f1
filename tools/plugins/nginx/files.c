#include "files.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/proc.h"
#include "store/versioned.h"

/* SHA-256 of every version ever released, by certbot (spec installers D5) and
 * by us: a new version of a file in share/ adds its own. */
static const char *const options_known[] = {
    "0f81093a1465e3d4eaa8b0c14e77b2a2e93568b0fc1351c2b87893a95f0de87c",
    "9a7b32c49001fed4cff8ad24353329472a50e86ade1ef9b2b9e43566a619612e",
    "a6d9f1c7d6b36749b52ba061fff1421f9a0a3d2cfdafbd63c05d06f65b990937",
    "7f95624dd95cf5afc708b9f967ee83a24b8025dc7c8d9df2b556bbc64256b3ff",
    "394732f2bbe3e5e637c3fb5c6e980a1f1b90b01e2e8d6b7cff41dde16e2a756d",
    "4b16fec2bcbcd8a2f3296d886f17f9953ffdcc0af54582452ca1e52f5f776f16",
    "c052ffff0ad683f43bffe105f7c606b339536163490930e2632a335c8d191cc4",
    "63e2bddebb174a05c9d8a7cf2adf72f7af04349ba59a1a925fe447f73b2f1abf",
    "2901debc7ecbc10917edd9084c05464c9c5930b463677571eaf8c94bffd11ae2",
    "ef11e3fb17213e74d3e1816cde0ec37b8b95b4167cf21e7b8ff1eaa9c6f918ee",
    "af85f6193808a44789a1d293e6cffa249cad9a21135940800958b8e3c72dbc69",
    "a2a612fd21b02abaa32d9d11ac63d987d6e3054dbfa356de5800eea0d7ce17f3",
    "2d9648302e3588a172c318e46bff88ade46fc7a16d6afc85322776a04800d473",
    "f5615544105c4eee44f02a604e3e9ae55b3d5bad247160bb18731a0ac531af02",
    "05a799c4db12f8e15e68219c98056824cbd5ae7b05863225318ae112f343880b",
    "dc81acfd9670f137d5abbccfe3438d9306d4b6a906439b0fbf6a6756272e7cc7",
    "02329eb19930af73c54b3632b3165d84571383b8c8c73361df940cb3894dd426",
    "30baca73ed9a5b0e9a69ea40e30482241d8b1a7343aa79b49dc5d7db0bf53b6c",
    "108c4555058a087496a3893aea5d9e1cee0f20a3085d44a52dc1a66522299ac3",
    "d5e021706ecdccc7090111b0ae9a29ef61523e927f020e410caf0a1fd7063981",
    "5e21cc66989f26ec46116d979421e538131cf8ab33ffff3f682fbfe491b0ace8",
    "0175f71721dd8e5315a6d0f3efef703ff54e867d1ab2a4e076791b89a0b3511a",
    "246b520bedc461fcbd35f4d3efdd75ebf171baccaba5c38f488009566de6d5b3",
    "dd72286f760c90550f34fbeeceb5a1f1351b09b812e65a18569a0f4a4d7f5847",
    /* acme-tools 0.1 */
    "0e989ec45bc76cb0c504e8205ed590db6ada3370c0ea6095f446c3d47ecb2f2b",
    "4426886eb61d1769888323dd9e8afc5fb2221a5f428b91ef6bb20b0822851c0d",
    "35f7c283e3386c0956d072ae11cb3077fea7b3e5d3ad0159b66bda628de5901a",
    "88a94a164661dc1aa609ce7431f0a936ac7cbf1f02ce2c8b3cab4ea7a839ff76", NULL};
static const char *const dhparams_known[] = {
    "9ba6429597aeed2d8617a7705b56e96d044f64b07971659382e426675105654b", NULL};

enum {
	NGINX_TLS13 = 1013000,	 /* knows TLS 1.3 */
	NGINX_TICKETS = 1005009, /* can do without session tickets */
	OPENSSL_1_0_2 = 1000002
};

/* OpenSSL 1.0.2l and newer get along without session tickets. */
static int
has_new_openssl(const struct nginx *n)
{
	return n->openssl > OPENSSL_1_0_2 ||
	    (n->openssl == OPENSSL_1_0_2 && n->openssl_letter >= 'l');
}

/* The file in share/ that fits nginx's and OpenSSL's version. */
static const char *
files_options_source(const struct nginx *n)
{
	if (n->version >= NGINX_TLS13)
		return has_new_openssl(n) ?
		    "options-ssl-nginx.conf" :
		    "options-ssl-nginx-tls13-session-tix-on.conf";
	if (n->version >= NGINX_TICKETS && has_new_openssl(n))
		return "options-ssl-nginx-tls12-only.conf";
	return "options-ssl-nginx-old.conf";
}

static int
install(struct nginx *n, const char *name, const char *digest,
    const char *source, const char *const *known, struct err *err)
{
	char *data = proc_data_dir(), *from = path_join(data, source);
	char *to = nginx_config_file(n, name);
	char *note = nginx_config_file(n, digest), *notice;
	int what = VERSIONED_CURRENT;
	int rc = versioned_install(to, note, from, known, &what, err);

	if (rc == 0 && what == VERSIONED_KEPT) {
		notice = versioned_notice(to, from);
		guest_log(n->g, LOG_WARNING, SHOW_LOG, "%s", notice);
		free(notice);
	}
	free(note);
	free(to);
	free(from);
	free(data);
	return rc;
}

int
files_install(struct nginx *n, struct err *err)
{
	if (install(n, "options-ssl-nginx.conf",
		".updated-options-ssl-nginx-conf-digest.txt",
		files_options_source(n), options_known, err) != 0)
		return -1;
	return install(n, "ssl-dhparams.pem",
	    ".updated-ssl-dhparams-pem-digest.txt", "ssl-dhparams.pem",
	    dhparams_known, err);
}
