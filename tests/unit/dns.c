/* The DNS engine's signatures and codecs, against published vectors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "../../tools/plugins/dns/aws.c"
#include "../../tools/plugins/dns/encode.c"
#include "../../tools/plugins/dns/lookup.c"
#include "../../tools/plugins/dns/sign.c"
#include "../../tools/plugins/dns/tsig.c"
#include "../../tools/plugins/dns/update.c"
#include "../../tools/plugins/dns/xml.c"
#include "crypto/key.h"

#define V "LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0"

void
dns_log(struct dns *d, enum log_level level, enum log_show show,
    const char *fmt, ...)
{
	(void)d;
	(void)level;
	(void)show;
	(void)fmt;
}

static void
takes(char *got, const char *want)
{
	assert_non_null(got);
	assert_string_equal(got, want);
	free(got);
}

static void
ovh(void **state)
{
	(void)state;
	takes(ovh_signature("9ufkBmLaTQ9nz5yMUlg79taH0GNnzDjk",
		  "5mBuy6SUQcRw2ZUxg0cG68BoDKpED4KY", "GET",
		  "https://eu.api.ovh.com/1.0/auth", "", 1457018875),
	    "$1$e9556054b6309771395efa467c22e627407461ad");
	takes(ovh_signature("EXAMPLEsecret", "EXAMPLEconsumer", "GET",
		  "https://eu.api.ovh.com/1.0/domain/zone/", "", 1700000000),
	    "$1$6241948076868da8c59138e175ade870f5aefaf3");
	takes(ovh_signature("EXAMPLEsecret", "EXAMPLEconsumer", "POST",
		  "https://eu.api.ovh.com/1.0/domain/zone/example.com/record",
		  "{\"fieldType\":\"TXT\",\"subDomain\":\"_acme-challenge\","
		  "\"target\":\"" V "\",\"ttl\":60}",
		  1700000000),
	    "$1$e9b8cd7536003003a6260847392f22a86758f2cf");
}

static void
dnsmadeeasy(void **state)
{
	(void)state;
	takes(hmac_hex("SHA1", "secret", "Tue, 02 Jun 2015 02:36:07 UTC"),
	    "6b6c8432119c31e1d3776eb4cd3abd92fae4a71c");
	takes(utc(1700000000, UTC_HTTP), "Tue, 14 Nov 2023 22:13:20 GMT");
	takes(hmac_hex("SHA1", "c9b5625f-9834-4ff8-baba-4ed5f32cae55",
		  "Tue, 14 Nov 2023 22:13:20 GMT"),
	    "f36bc153832749de9b4aaf34228c00b40915ff73");
}

static void
exoscale(void **state)
{
	char secret[44];

	(void)state;
	memset(secret, 'X', 43);
	secret[43] = '\0';
	takes(exo2_signature(secret, "GET", "/v2/zone", "", "", 3376684800),
	    "Ntbq/p0HVmA3Zg1HHY+Lq1vjFGi7HeMrrgXDS5jRNlY=");
	takes(exo2_signature(secret, "GET", "/v2/zone", "", "v1v2", 3376684800),
	    "iqOBz13+44L5j0uJclE8hmUhQQcvtCSoPEOXYK6liqY=");
	takes(exo2_signature("EXAMPLEsecret", "GET", "/v2/dns-domain", "", "",
		  1700000600),
	    "vWPRAn4Nfocwr2ttzP/W/IOHqkSK5NDB3WlTN4Flg1U=");
}

static void
alibaba(void **state)
{
	static const char *const rows[][2] = {{"AccessKeyId", "testid"},
	    {"Action", "DescribeRegions"}, {"Format", "XML"},
	    {"SignatureMethod", "HMAC-SHA1"},
	    {"SignatureNonce", "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf"},
	    {"SignatureVersion", "1.0"}, {"Timestamp", "2016-02-23T12:46:24Z"},
	    {"Version", "2014-05-26"}};
	jv p = doc_object();
	char *query;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		p = doc_set_str(p, rows[i][0], rows[i][1]);
	query = acs1_query("GET", p, "testsecret");
	assert_non_null(
	    strstr(query, "&Signature=OLeaidS1JvxuMvnyHOwuJ%2BuX5qY%3D"));
	free(query);
	doc_free(p);
}

static void
signs_as(struct aws *a, const char *want)
{
	char *all = aws_authorization(a, NULL);
	const char *at = strstr(all, "Signature=");

	assert_non_null(at);
	assert_string_equal(at + 10, want);
	free(all);
}

static void
sigv4(void **state)
{
	struct aws a = {.key = "AKIDEXAMPLE",
	    .secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
	    .region = "us-east-1",
	    .service = "iam",
	    .method = "GET",
	    .url = "https://iam.amazonaws.com/"
		   "?Action=ListUsers&Version=2010-05-08",
	    .body = "",
	    .when = 1440938160};
	char *hash = NULL;

	(void)state;
	a.headers = doc_set_str(doc_object(), "host", "iam.amazonaws.com");
	a.headers = doc_set_str(a.headers, "content-type",
	    "application/x-www-form-urlencoded; charset=utf-8");
	a.headers = doc_set_str(a.headers, "x-amz-date", "20150830T123600Z");
	signs_as(&a,
	    "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
	doc_free(a.headers);
	a.key = "AKIAIOSFODNN7EXAMPLE";
	a.secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
	a.service = "route53";
	a.url = "https://route53.amazonaws.com/2013-04-01/"
		"hostedzone?maxitems=100";
	a.when = 1700000000;
	a.headers = doc_set_str(doc_object(), "host", "route53.amazonaws.com");
	a.headers = doc_set_str(a.headers, "x-amz-date", "20231114T221320Z");
	signs_as(&a,
	    "63d826229d87e64b0e6afd23900865153c51fe67f54e114aec7bec5ec7b40cfa");
	free(aws_authorization(&a, &hash));
	takes(hash,
	    "bd06f49253df0c202281392203e90d903e3772fe3be3480d062d2989e4e36df9");
	doc_free(a.headers);
}

static void
tc3(void **state)
{
	struct aws a = {.tc3 = 1,
	    .key = "AKIDEXAMPLE",
	    .secret = "EXAMPLEsecret",
	    .service = "dnspod",
	    .method = "POST",
	    .url = "https://dnspod.tencentcloudapi.com/",
	    .body = "{}",
	    .body_n = 2,
	    .when = 1700000000};

	(void)state;
	a.headers = doc_set_str(doc_object(), "host",
	    "dnspod.tencentcloudapi.com");
	a.headers = doc_set_str(a.headers, "content-type", "application/json");
	a.headers = doc_set_str(a.headers, "x-tc-action", "DescribeDomainList");
	signs_as(&a,
	    "8db7196252fa3fe3a1cd5009cf64bbe9e67f4e569c5acfcc3f4031f97c5118e5");
	doc_free(a.headers);
}

/* RFC 6238, appendix B, whose eight digits end in these six. */
static void
one_time(void **state)
{
	static const char secret[] = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

	(void)state;
	takes(totp(secret, 59), "287082");
	takes(totp(secret, 1111111109), "081804");
	takes(totp("gezd gnbv gy3t qojq GEZDGNBVGY3TQOJQ", 20000000000),
	    "353130");
	assert_null(totp("1", 59));
}

static void
oracle(void **state)
{
	struct key_spec spec = {.rsa_bits = 2048};
	struct err err = {0};
	EVP_PKEY *key = key_new(&spec, &err);
	char *text = oci_string("PATCH",
	    "https://dns.eu.oraclecloud.com/20180115/zones/a/records/b?c=d",
	    "Tue, 14 Nov 2023 22:13:20 GMT", "application/json", "{}", 2);
	char *sig = rsa_sha256(key, text, &err);
	size_t n;
	unsigned char *bytes = base64_decode(sig, &n);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	(void)state;
	assert_string_equal(text,
	    "(request-target): patch /20180115/zones/a/records/b?c=d\n"
	    "date: Tue, 14 Nov 2023 22:13:20 GMT\n"
	    "host: dns.eu.oraclecloud.com\n"
	    "x-content-sha256: RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=\n"
	    "content-type: application/json\ncontent-length: 2");
	assert_int_equal(
	    EVP_DigestVerifyInit_ex(ctx, NULL, "SHA256", NULL, NULL, key, NULL),
	    1);
	assert_int_equal(EVP_DigestVerify(ctx, bytes, n,
			     (const unsigned char *)text, strlen(text)),
	    1);
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	free(bytes);
	free(text);
	free(sig);
	takes(oci_string("GET", "https://h/p", "d", NULL, NULL, 0),
	    "(request-target): get /p\ndate: d\nhost: h");
}

static void
update_is(const char *algorithm, int remove_it, const char *want)
{
	size_t n = 0, mac_n = 0, key_n = 0;
	unsigned char *key = base64_decode(
	    "4q4wM/2I180UXoMyN4INVhJNi8V9BCV+jMw2mXgZw/CSuxUT8C7NKKFsAmKd7ak51v"
	    "WKgSl12ib86oQRPkpDjg==",
	    &key_n);
	unsigned char *wire = xmalloc(DNS_WIRE_MAX), mac[TSIG_MAC_MAX];
	struct tsig t = {"keyname.", algorithm, key, key_n, 1700000000};
	struct err err = {0};
	jv arg = doc_set_str(doc_object(), "zone", "example.com");

	arg = doc_set_str(arg, "name", "_acme-challenge.example.com");
	arg = doc_set_str(arg, "value", V);
	arg = doc_set_flag(doc_set_int(arg, "ttl", 120), "remove", remove_it);
	assert_int_equal(update_bytes(arg, 0x1234, wire, &n, &err), 0);
	assert_int_equal(tsig_sign(&t, wire, &n, mac, &mac_n), 0);
	takes(hex_encode(wire, n), want);
	/* As an answer it is signed without a request's MAC. */
	assert_non_null(tsig_verify(&t, wire, n, mac, mac_n));
	assert_non_null(tsig_verify(&t, wire, n - 1, mac, mac_n));
	for (size_t cut = 0; cut < n; cut += 3)
		assert_non_null(tsig_verify(&t, wire, cut, mac, mac_n));
	doc_free(arg);
	free(wire);
	free(key);
}

#define HEAD                                                                 \
	"123428000001000000010001076578616d706c6503636f6d00000600010f5f6163" \
	"6d652d6368616c6c656e6765c00c0010"
#define BODY                                                                  \
	"002c2b4c6f71586359563871354f4e624a5178626d52375343544e6f33746941584" \
	"4666f77796a78416a45755830076b65796e616d650000fa00ff0000000000"

static void
tsig(void **state)
{
	(void)state;
	update_is("HMAC-SHA256", 0,
	    HEAD "000100000078" BODY
		 "3d0b686d61632d7368613235360000006553f100012c0020dde0bef7c0da"
		 "dcb328336930eacc158188243c8b06fb443cd48ec2b22c737a0412340000"
		 "0000");
	update_is("hmac-sha256", 1,
	    HEAD "00fe00000000" BODY
		 "3d0b686d61632d7368613235360000006553f100012c002058383163e05d"
		 "9abb515ec04c59050de9f5a3239d49911fc95e5bc8ed2e5d3daf12340000"
		 "0000");
	update_is("HMAC-MD5", 0,
	    HEAD "000100000078" BODY
		 "3a08484d41432d4d4435075349472d414c470352454703494e5400000065"
		 "53f100012c00101158e1f50ca7b858749ca3db5bab1339123400000000");
}

static void
xml(void **state)
{
	static const char text[] =
	    "<?xml version=\"1.0\"?><a:R xmlns:a='x'><Z i=\"1\">t &amp; u</Z>"
	    "<Z><Id>/h/1</Id><E/></Z></a:R>";
	static const char *const bad[] = {"", "<a>", "<a></b>",
	    "<!DOCTYPE a [<!ENTITY e \"x\">]><a>&e;</a>", "{}"};
	struct err err = {0};
	struct buf deep;
	jv v = xml_parse(text, strlen(text), &err);
	char *got = doc_text(v);

	(void)state;
	takes(got,
	    "{\"R\":{\"Z\":[{\"@i\":\"1\",\"#text\":\"t & u\"},{\"Id\":[\"/h/"
	    "1\"],\"E\":[\"\"]}]}}");
	doc_free(v);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_true(
		    doc_is(xml_parse(bad[i], strlen(bad[i]), &err), DOC_NONE));
		err_clear(&err);
	}
	buf_init(&deep, 1 << 20);
	for (int i = 0; i < 1000; i++)
		buf_adds(&deep, "<a>");
	for (int i = 0; i < 1000; i++)
		buf_adds(&deep, "</a>");
	assert_true(doc_is(xml_parse(deep.p, deep.len, &err), DOC_NONE));
	assert_non_null(strstr(err_text(&err), "nested too deeply"));
	err_clear(&err);
	buf_release(&deep);
}

/* Nothing of a long text is lost without a word. */
static void
xml_long(void **state)
{
	static const size_t n = 2 << 20;
	struct err err = {0};
	struct buf b;
	jv v, text;

	(void)state;
	buf_init(&b, n + 16);
	buf_adds(&b, "<a>");
	for (size_t i = 0; i < n; i++)
		buf_addc(&b, 'x');
	buf_adds(&b, "</a>");
	v = xml_parse(b.p, b.len, &err);
	text = doc_get_kind(v, "a", DOC_STRING);
	assert_true(doc_is(text, DOC_STRING));
	assert_int_equal(strlen(doc_text_of(text)), n);
	doc_free(text);
	doc_free(v);
	buf_release(&b);
}

static void
codecs(void **state)
{
	jv f = doc_set_str(doc_object(), "b", "x y/ü*");
	size_t n;

	(void)state;
	takes(form_encode(f), "b=x%20y%2F%C3%BC%2A");
	doc_free(f);
	takes(percent_encode("a/b c", 1), "a/b%20c");
	takes(base64_encode("ab", 2), "YWI=");
	assert_null(base64_decode("a", &n));
	assert_null(base64_decode("####", &n));
	takes(url_host("https://h:8/p?q"), "h:8");
	takes(url_target("https://h"), "/");
	takes(url_target("https://h?q"), "/?q");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ovh),
	    cmocka_unit_test(dnsmadeeasy),
	    cmocka_unit_test(exoscale),
	    cmocka_unit_test(alibaba),
	    cmocka_unit_test(sigv4),
	    cmocka_unit_test(tc3),
	    cmocka_unit_test(one_time),
	    cmocka_unit_test(oracle),
	    cmocka_unit_test(tsig),
	    cmocka_unit_test(xml),
	    cmocka_unit_test(xml_long),
	    cmocka_unit_test(codecs),
	};

	return cmocka_run_group_tests_name("dns", tests, NULL, NULL);
}
