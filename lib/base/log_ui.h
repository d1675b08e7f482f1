/* log_ui.h - what log.c and ui.c share: the socket to the driver. */
#ifndef BASE_LOG_UI_H
#define BASE_LOG_UI_H

#include "base/doc.h"

/* The driver's socket, -1 when there is none (any more). */
int log_ui_fd(void);

/* {"MEMBER": value} as one line to the driver. Eats value. -1 when the driver
 * is not there or has gone (log_ui_fd() is then -1). */
int log_ui_send(const char *member, jv value TAKES);

#endif
