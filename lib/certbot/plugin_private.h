/* plugin_private.h - what the plugin*.c share; not installed. */
#ifndef CERTBOT_PLUGIN_PRIVATE_H
#define CERTBOT_PLUGIN_PRIVATE_H

#include "certbot/plugin.h"
#include "plugin/guest_private.h"

struct certbot_plugin {
	struct guest *guest;
	const struct certbot_plugin_ops *ops;
	void *ctx;
	jv config; /* of init */
	jv texts;  /* option values that were handed out */
};

/* The operations of installers, as guest_ops.other has them. */
jv certbot__install(struct guest *g, void *ctx, const char *op, jv request,
    struct err *err);

#endif
