/* What happens in a server, as lines on standard error: `time=... level=info event=listening
 * url=...` (logfmt), or one JSON object a line. */
#ifndef AR_CLI_LOG_H
#define AR_CLI_LOG_H

#include "arras/server.h"

/* `format`: "json", else text; `level`: "debug", "info", "error", else warnings and errors. */
struct arras_log ar_log_sink(const char *format, const char *level);

#endif
