#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "store/renewal_order.h"

/* Order of the options' definition in certbot. */
static const char *const known[] = {"reuse_key", "allow_subset_of_names",
    "account", "http01_port", "http01_address", "rsa_key_size", "key_type",
    "elliptic_curve", "must_staple", "required_profile", "preferred_profile",
    "preferred_chain", "pref_challs", "pre_hook", "post_hook", "renew_hook",
    "autorenew", "user_agent", "config_dir", "work_dir", "logs_dir", "server",
    "authenticator", "installer", "apache_enmod", "apache_dismod",
    "apache_le_vhost_ext", "apache_server_root", "apache_vhost_root",
    "apache_logs_root", "apache_challenge_location", "apache_handle_modules",
    "apache_handle_sites", "apache_ctl", "apache_bin", "dns_",
    "manual_auth_hook", "manual_cleanup_hook", "nginx_server_root", "nginx_ctl",
    "nginx_sleep_seconds", "standalone_", "webroot_path"};

/* Written when the user has not given them: after all others, in this order.
 * A value other than the default can only have been given. */
static const struct {
	const char *key, *value;
} by_default[] = {
    {"server", "https://acme-v02.api.letsencrypt.org/directory"},
    {"key_type", "rsa"},
};

enum { RANK_OTHER = ARRAY_LEN(known), RANK_DEFAULT, RANK_SECTION = 1000 };

struct item {
	const char *key;
	size_t rank;
};

static size_t
rank_of(jv params, const char *key)
{
	const char *value = doc_str(params, key);
	jv v = doc_get_kind(params, key, DOC_OBJECT);
	int section = doc_is(v, DOC_OBJECT);
	size_t n;

	doc_free(v);
	if (section)
		return RANK_SECTION;
	for (size_t i = 0; i < ARRAY_LEN(by_default); i++)
		if (!strcmp(key, by_default[i].key) && value &&
		    !strcmp(value, by_default[i].value))
			return RANK_DEFAULT + i;
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		n = strlen(known[i]);
		if (!strcmp(key, known[i]) ||
		    (known[i][n - 1] == '_' && !strncmp(key, known[i], n)))
			return i;
	}
	return RANK_OTHER;
}

static size_t
plugin_len(const char *key)
{
	const char *end = strrchr(key, '_');

	return end ? (size_t)(end - key) : strlen(key);
}

/* dns_x_propagation_seconds comes before dns_x_credentials. */
static int
compare(const void *pa, const void *pb)
{
	const struct item *a = pa, *b = pb;
	static const char wait[] = "_propagation_seconds";
	const char *wa = strstr(a->key, wait), *wb = strstr(b->key, wait);
	size_t na, nb;
	int c;

	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	na = wa ? (size_t)(wa - a->key) : plugin_len(a->key);
	nb = wb ? (size_t)(wb - b->key) : plugin_len(b->key);
	c = strncmp(a->key, b->key, na < nb ? na : nb);
	if (c == 0 && na == nb && !wa != !wb)
		return wa ? -1 : 1;
	return strcmp(a->key, b->key);
}

jv
renewal_order(jv params)
{
	jv keys = doc_keys(params), sorted = doc_array();
	size_t n = doc_len(keys);
	struct item *items = xcalloc(n ? n : 1, sizeof(*items));

	for (size_t i = 0; i < n; i++) {
		items[i].key = doc_str_at(keys, i);
		items[i].rank = rank_of(params, items[i].key);
	}
	qsort(items, n, sizeof(*items), compare);
	for (size_t i = 0; i < n; i++)
		sorted = doc_push_str(sorted, items[i].key);
	free(items);
	doc_free(keys);
	return sorted;
}
