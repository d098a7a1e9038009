/* Included before every file by the build: functions that are too easy to use wrongly become
 * compile errors. What to use instead stands behind each. */
#ifndef AR_BASE_BANNED_H
#define AR_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define AR_BANNED(name) function_##name##_is_banned_see_base_banned_h

#undef strcpy
#define strcpy(a, b) AR_BANNED(strcpy) /* ar_str_copy, ar_buf_add */
#undef strcat
#define strcat(a, b) AR_BANNED(strcat) /* ar_buf_add */
#undef strncpy
#define strncpy(a, b, c) AR_BANNED(strncpy) /* memcpy with a checked length */
#undef strncat
#define strncat(a, b, c) AR_BANNED(strncat)
#undef sprintf
#define sprintf(...) AR_BANNED(sprintf) /* ar_str_printf, ar_buf_printf, snprintf */
#undef vsprintf
#define vsprintf(...) AR_BANNED(vsprintf)
#undef gets
#define gets(a) AR_BANNED(gets)
#undef strtok
#define strtok(a, b) AR_BANNED(strtok) /* ar_str_cut */
#undef atoi
#define atoi(a) AR_BANNED(atoi) /* ar_str_int */
#undef atol
#define atol(a) AR_BANNED(atol)
#undef atof
#define atof(a) AR_BANNED(atof)
#undef gmtime
#define gmtime(a) AR_BANNED(gmtime) /* gmtime_r */
#undef localtime
#define localtime(a) AR_BANNED(localtime) /* localtime_r */
#undef ctime
#define ctime(a) AR_BANNED(ctime)
#undef system
#define system(a) AR_BANNED(system) /* posix_spawn */

#endif
