/* Comparing text without regard to case (Unicode, simple case folding). */
#ifndef AR_BASE_FOLD_H
#define AR_BASE_FOLD_H

#include "arras/str.h"

/* Negative, 0 or positive: the order of the code points, folded. No language's own rules, no
 * normalization. What is not UTF-8 is compared by its bytes. */
int ar_fold_compare(struct arras_str a, struct arras_str b);

#endif
