/* renewal_order.h - the order in which certbot writes new keys of
 * [renewalparams] (spec 2.5). Private to lib/store. */
#ifndef STORE_RENEWAL_ORDER_H
#define STORE_RENEWAL_ORDER_H

#include "base/doc.h"

/* The keys of params (an object, borrowed) in that order; owned array. */
jv renewal_order(jv params);

#endif
