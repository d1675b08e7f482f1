/* RSA keys of n, e and d alone are completed: the factors are found as NIST
 * SP 800-56B, appendix C, describes. */
#include "crypto/jwk_kind.h"

#include <openssl/bn.h>

#include "crypto/ossl.h"

enum { TRIES = 100, BITS_MIN = 512, BITS_MAX = 16384 };

/* With x = g^odd: square until 1 or halvings are over. A square root of 1 that
 * is neither 1 nor -1 shares a factor with n: 1 and *p is it. 0: another g may
 * do; -1: none will, or no memory. */
static int
root_of_one(const struct jwk_rsa *rsa, BIGNUM *x, const BIGNUM *minus_one,
    int halvings, BIGNUM *p, BN_CTX *ctx)
{
	BIGNUM *y = BN_CTX_get(ctx);
	int i;

	if (!y)
		return -1;
	if (BN_is_zero(x) || BN_is_one(x) || BN_cmp(x, minus_one) == 0)
		return 0;
	for (i = 1; i <= halvings; i++) {
		if (!BN_mod_sqr(y, x, rsa->n, ctx))
			return -1;
		if (BN_is_one(y))
			return BN_sub_word(x, 1) && BN_gcd(p, x, rsa->n, ctx) ?
			    1 :
			    -1;
		if (BN_cmp(y, minus_one) == 0)
			return 0;
		if (!BN_copy(x, y))
			return -1;
	}
	return -1;
}

/* A factor of n into p. 1: found. */
static int
find_factor(const struct jwk_rsa *rsa, BIGNUM *p, BN_CTX *ctx)
{
	BIGNUM *odd = BN_CTX_get(ctx), *minus_one = BN_CTX_get(ctx);
	BIGNUM *g = BN_CTX_get(ctx), *x = BN_CTX_get(ctx);
	int halvings = 0, try, got = 0;

	if (!x || !BN_mul(odd, rsa->d, rsa->e, ctx) || !BN_sub_word(odd, 1) ||
	    !BN_copy(minus_one, rsa->n) || !BN_sub_word(minus_one, 1))
		return -1;
	if (BN_is_zero(odd) || BN_is_odd(odd))
		return 0;
	while (!BN_is_odd(odd)) {
		if (!BN_rshift1(odd, odd))
			return -1;
		halvings++;
	}
	BN_set_flags(odd, BN_FLG_CONSTTIME);
	for (try = 0; try < TRIES && got == 0; try++) {
		if (!BN_priv_rand_range(g, rsa->n) ||
		    !BN_mod_exp(x, g, odd, rsa->n, ctx))
			return -1;
		got = root_of_one(rsa, x, minus_one, halvings, p, ctx);
	}
	return got;
}

/* p and q out of n, e and d, the larger first. */
static int
factor(struct jwk_rsa *rsa, BN_CTX *ctx, struct err *err)
{
	int got;

	rsa->p = BN_secure_new();
	rsa->q = BN_secure_new();
	if (!rsa->p || !rsa->q)
		ossl_no_memory();
	got = find_factor(rsa, rsa->p, ctx);
	if (got != 1 || !BN_div(rsa->q, NULL, rsa->n, rsa->p, ctx))
		return err_set(err, ERR_badData,
		    "the RSA key's \"n\", \"e\" and \"d\" do not belong "
		    "together");
	if (BN_cmp(rsa->p, rsa->q) < 0)
		BN_swap(rsa->p, rsa->q);
	return 0;
}

/* *slot = value, or compare: 1 if they are the same then. */
static int
set_or_same(BIGNUM **slot, const BIGNUM *value)
{
	if (*slot)
		return BN_cmp(*slot, value) == 0;
	*slot = BN_secure_new();
	return *slot && BN_copy(*slot, value);
}

/* The exponent for prime, and whether d undoes e there. */
static int
exponent(const struct jwk_rsa *rsa, const BIGNUM *prime, BIGNUM **slot,
    BN_CTX *ctx)
{
	BIGNUM *less = BN_CTX_get(ctx), *x = BN_CTX_get(ctx);

	if (!x || !BN_copy(less, prime) || !BN_sub_word(less, 1) ||
	    BN_is_zero(less))
		return 0;
	BN_set_flags(less, BN_FLG_CONSTTIME);
	return BN_mod(x, rsa->d, less, ctx) && set_or_same(slot, x) &&
	    BN_mod_mul(x, x, rsa->e, less, ctx) && BN_is_one(x);
}

static int
numbers_fit(struct jwk_rsa *rsa, BN_CTX *ctx)
{
	BIGNUM *x = BN_CTX_get(ctx);

	return x && BN_mul(x, rsa->p, rsa->q, ctx) && BN_cmp(x, rsa->n) == 0 &&
	    exponent(rsa, rsa->p, &rsa->dp, ctx) &&
	    exponent(rsa, rsa->q, &rsa->dq, ctx) &&
	    BN_mod_inverse(x, rsa->q, rsa->p, ctx) && set_or_same(&rsa->qi, x);
}

int
jwk_rsa_complete(struct jwk_rsa *rsa, struct err *err)
{
	int bits = BN_num_bits(rsa->n), rc = -1;
	BN_CTX *ctx;

	if (bits < BITS_MIN || bits > BITS_MAX || !BN_is_odd(rsa->n) ||
	    !BN_is_odd(rsa->e) || BN_is_one(rsa->e) ||
	    BN_cmp(rsa->e, rsa->n) >= 0 || BN_is_zero(rsa->d) ||
	    BN_cmp(rsa->d, rsa->n) >= 0)
		return err_set(err, ERR_badData,
		    "the RSA key's \"n\", \"e\" or \"d\" is no such number");
	if (!(ctx = BN_CTX_secure_new()))
		ossl_no_memory();
	BN_CTX_start(ctx);
	if (rsa->p || factor(rsa, ctx, err) == 0) {
		if (numbers_fit(rsa, ctx))
			rc = 0;
		else
			err_set(err, ERR_badData,
			    "the RSA key's numbers do not belong together");
	}
	BN_CTX_end(ctx);
	BN_CTX_free(ctx);
	return rc;
}
