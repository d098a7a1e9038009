/* Schedules (windmill-api.md section 6.9). Of each that is enabled one occurrence is in the queue:
 * a job of kind "script" whose schedule_path names the schedule and whose scheduled_for is one of
 * the schedule's times. The step that ends it queues the next one, so that nothing that fails on
 * the way stops a schedule; an index of the database keeps it at one, however many servers there
 * are.
 *
 * Every occurrence has a time of the timetable, never a time counted from when another one ended:
 * the next one is the first time after both the time and the end of the one before. So a schedule
 * never overlaps itself; times that pass during a run are left out, and the log of the next
 * occurrence says how many. An occurrence that became due while no server ran is run once, late.
 *
 * The steps here are parts of a transaction, and lock the schedule before its jobs. */
#ifndef AR_JOBS_STORE_OCCURRENCES_H
#define AR_JOBS_STORE_OCCURRENCES_H

#include "jobs/store/db.h"
#include "jobs/store/store.h"

/* Reads the schedule; nobody else changes it until the transaction ends. NOT_FOUND. */
enum arras_status ar_schedule_tx_lock(struct ar_tx *tx, struct arras_str workspace,
                                      struct arras_str path, struct ar_arena *arena,
                                      struct ar_schedule *ret) ARRAS_CHECKED;
/* Queues the next occurrence of a locked schedule, unless one waits or runs. `previous`: the time
 * of the one that ended just now; 0: none did. What stands in the way, as a script that is gone,
 * becomes schedule->error in the store, and no failure. */
enum arras_status ar_schedule_tx_plan(struct ar_tx *tx, const struct ar_schedule *schedule,
                                      int64_t previous, int64_t now,
                                      struct ar_arena *arena) ARRAS_CHECKED;
/* The script that is deployed at a path now, as far as its jobs need it. NOT_FOUND. */
enum arras_status ar_schedule_tx_script(struct ar_tx *tx, struct arras_str workspace,
                                        struct arras_str path, struct ar_arena *arena,
                                        struct ar_script *ret) ARRAS_CHECKED;
/* Removes the occurrence that waits. */
enum arras_status ar_schedule_tx_clear(struct ar_tx *tx, struct arras_str workspace,
                                       struct arras_str path) ARRAS_CHECKED;
/* Occurrences that wait for their time run the version of the script that is deployed now. */
enum arras_status ar_schedule_tx_redeploy(struct ar_tx *tx,
                                          const struct ar_script *script) ARRAS_CHECKED;

#endif
