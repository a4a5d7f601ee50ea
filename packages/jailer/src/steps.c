#include "steps.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *const names[STEP_COUNT] = {
#define X(name) #name,
    BULLPEN_STEPS(X)
#undef X
};

const char *step_name(enum step step) {
    return (unsigned)step < STEP_COUNT ? names[step] : "unknown";
}

int failed_with(struct failure *failure, enum step step, int error, const char *detail) {
    failure->step = step;
    failure->error = error;
    (void)snprintf(failure->detail, sizeof failure->detail, "%s", detail);
    return -1;
}

int failed(struct failure *failure, enum step step, const char *detail) {
    return failed_with(failure, step, errno, detail);
}

#ifdef BULLPEN_SABOTAGE
static unsigned char skipped[STEP_COUNT];

int left_out(enum step step) {
    return skipped[step];
}

int leave_out(const char *name) {
    for (int step = 0; step < STEP_COUNT; step++)
        if (strcmp(names[step], name) == 0) {
            skipped[step] = 1;
            return 0;
        }
    return -1;
}
#endif
