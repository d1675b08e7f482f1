#include <string.h>
#include <time.h>

#include "acme/session.h"
#include "base/buf.h"

#define ACME_ERROR "urn:ietf:params:acme:error:"

static jv
problem_of(const struct net_answer *ans)
{
	struct err err = {0};
	jv v;

	if (ans->body == NULL || ans->len == 0)
		return doc_none();
	v = doc_parse(ans->body, ans->len, &err);
	err_clear(&err);
	if (!doc_is(v, DOC_OBJECT)) {
		doc_free(v);
		return doc_none();
	}
	return v;
}

int
acme_problem(const struct net_answer *ans, const char *url, struct err *err)
{
	enum err_name name;
	long wait = net_retry_after(ans);
	jv problem;

	if (ans->status < 400)
		return err_set(err, ERR_protocol,
		    "the server answers %s with status %d, which sends a "
		    "signed request elsewhere or says nothing: not followed",
		    url, ans->status);
	problem = problem_of(ans);
	if (doc_has(problem, "type") || doc_has(problem, "detail")) {
		err_problem(err, ans->status, problem);
	} else {
		doc_free(problem);
		if (ans->status == 429 || ans->status >= 500)
			name = ERR_retryLater;
		else
			name = ERR_protocol;
		err_set(err, name,
		    "the server answers %s with status %d and does not say why",
		    url, ans->status);
	}
	if (wait >= 0)
		acme_come_back(err, wait);
	return -1;
}

int
acme_problem_is(const struct net_answer *ans, const char *name)
{
	struct err err = {0};
	int is;

	if (ans->status < 400)
		return 0;
	acme_problem(ans, "", &err);
	is = acme_err_is(&err, name);
	err_clear(&err);
	return is;
}

int
acme_come_back(struct err *err, long seconds)
{
	char text[64];
	struct tm tm;
	time_t t;

	if (seconds <= 0)
		return -1;
	t = time(NULL) + seconds;
	localtime_r(&t, &tm);
	strftime(text, sizeof(text),
	    seconds > 43200 ? "%Y-%m-%d %H:%M:%S %Z" : "%H:%M:%S %Z", &tm);
	err_prefix(err, "the server wants no request before %s", text);
	return err_retry_after(err, seconds);
}

int
acme_err_is(const struct err *e, const char *name)
{
	const char *type;

	if (e->name != ERR_acme || !e->has_members)
		return 0;
	type = doc_str(e->members, "type");
	return type != NULL &&
	    strncmp(type, ACME_ERROR, strlen(ACME_ERROR)) == 0 &&
	    strcmp(type + strlen(ACME_ERROR), name) == 0;
}
