/* SIGINT and SIGTERM: the first one asks the command to end, a second one ends the program. */
#ifndef AR_CLI_INTERRUPT_H
#define AR_CLI_INTERRUPT_H

/* From now on the signals set the flag. Also keeps a closed pipe from ending the program. */
void ar_interrupt_watch(void);
/* Not 0 once a signal came; for arras_run_options. */
const volatile int *ar_interrupt_flag(void);
/* The signal's number, 0: none came. */
int ar_interrupted(void);
/* Waits until a signal came or the milliseconds passed; -1: without end. */
void ar_interrupt_wait(int milliseconds);

#endif
