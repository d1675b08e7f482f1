/* lua.h - where a block of Lua code in a configuration ends. */
#ifndef NGINX_LUA_H
#define NGINX_LUA_H

/* The '}' that closes the block whose body begins at p: braces in strings, long
 * brackets and comments do not count. NULL when there is none before end. */
const char *lua_block_end(const char *p, const char *end);

#endif
