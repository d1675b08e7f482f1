#include <stdlib.h>
#include <string.h>

#include "base/ini.h"
#include "fuzz.h"

static void
edit(struct ini *ini)
{
	ini_set(ini, "", "version", doc_string("2.1.0"));
	ini_set(ini, "renewalparams\nwebroot_map", "a.example",
	    doc_string("/srv, \"x\" # 'y'"));
	ini_del(ini, "renewalparams", "pre_hook");
	ini_del_section(ini, "s");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = {0};
	struct ini *ini = ini_parse((const char *)data, size, &err);
	size_t i;
	char *text;
	jv keys, v;

	must((ini == NULL) == err_is_set(&err));
	err_clear(&err);
	if (!ini)
		return 0;
	keys = ini_keys(ini, "");
	for (i = 0; i < doc_len(keys); i++) {
		v = ini_get(ini, "", doc_str_at(keys, i));
		must(doc_is(v, DOC_STRING) || doc_is(v, DOC_ARRAY));
		doc_free(v);
	}
	doc_free(keys);
	text = ini_text(ini, &err);
	must((text == NULL) == err_is_set(&err));
	free(text);
	err_clear(&err);
	edit(ini);
	text = ini_text(ini, NULL);
	free(text);
	ini_free(ini);
	return 0;
}
