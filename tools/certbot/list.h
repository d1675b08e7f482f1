/* list.h - the table of options as lines: shell completion, the manual page's
 * list and tests are made from them. */
#ifndef CERTBOT_LIST_H
#define CERTBOT_LIST_H

/* Print what `certbot --list-options` prints: one row a line, its fields
 * between tabs, "-" for an empty one.
 *
 *	group	TOPIC	TITLE	KINDS	PARAGRAPH
 *	verb	NAME	ALIAS	WHAT IT DOES
 *	option	SPELLINGS	METAVAR	VALUES	DEFAULT	TOPICS	MARKS	DEST	HELP
 *
 * KINDS: of a plugin: authenticator, installer.
 * VALUES: "-" of a flag; words to choose from; or one of <text>, <number>,
 * <file>, <dir>, <lineage>, <authenticator>, <installer>, <authenticator installer>.
 * MARKS: of hidden, deprecated, saved, secret, select, ours, plugin. */
void list_print(void);

#endif
