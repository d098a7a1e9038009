/* Where the program keeps things, by the XDG Base Directory Specification. */
#ifndef AR_CLI_FOLDERS_H
#define AR_CLI_FOLDERS_H

/* Of documents read by HTTP; NULL where neither XDG_CACHE_HOME nor HOME is set. Lives as long as
 * the program. */
const char *ar_cache_directory(void);

#endif
