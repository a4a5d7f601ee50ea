/* Every step that can fail, by name. The names travel in ERROR frames and stand in docs/jailer.md. */
#ifndef BULLPEN_STEPS_H
#define BULLPEN_STEPS_H

#define BULLPEN_STEPS(X)                                                                           \
    X(request)            /* a request broke a rule or a ceiling */                                 \
    X(view)               /* build the read-only view of a profile */                               \
    X(box)                /* make the writable tmpfs of a job */                                    \
    X(write_file)         /* put a file of the job into the work directory */                       \
    X(cgroup)             /* set or read the slot's cgroup */                                       \
    X(spawn)              /* clone the jail's init */                                               \
    X(die_with_keeper)    /* end the jail when its keeper ends */                                   \
    X(cgroup_namespace)   /* hide where the jail's cgroup lies */                                   \
    X(attach_view)        /* move the view below the new root */                                    \
    X(attach_box)         /* move the writable directories into the view */                         \
    X(mount_proc)         /* a /proc of the jail's own PID namespace */                             \
    X(pivot)              /* make the view the root and drop the old one */                         \
    X(hostname)           /* hide the host's name */                                                \
    X(protect_init)       /* keep the OOM killer and debuggers away from init */                    \
    X(close_proc)         /* take /proc away again where the profile masks it */                    \
    X(drop_bounding)      /* no capability can ever be gained again */                              \
    X(no_new_privs)       /* setuid programs gain nothing */                                        \
    X(landlock)           /* the whitelist again, enforced without mounts */                        \
    X(seccomp)            /* refuse dangerous and unknown system calls */                           \
    X(measure)            /* prove that the layers above are active */                              \
    X(receive_command)    /* init reads the command */                                              \
    X(fork)               /* init makes the program's process */                                    \
    X(new_session)        /* own session and process group, no terminal */                          \
    X(stdio)              /* descriptors 0, 1 and 2 */                                              \
    X(close_descriptors)  /* nothing else is inherited */                                           \
    X(reset_signals)      /* default dispositions, empty mask */                                    \
    X(work_directory)     /* start in it */                                                          \
    X(limits)             /* rlimits */                                                             \
    X(identity)           /* the slot's UID and GID, no groups, no capabilities */                  \
    X(apparmor)           /* enter the AppArmor profile, and read the label back */                 \
    X(deny_fork)          /* profiles that allow no second process */                               \
    X(verify)             /* prove identity and layers of this very process */                      \
    X(one_program)        /* profiles whose commands start no program but their own */              \
    X(exec)               /* the program */                                                         \
    X(init)               /* init stopped answering */                                              \
    X(collect)            /* read a file of the work directory */                                   \
    X(prove_empty)        /* nothing of the job is left */

enum step {
#define X(name) STEP_##name,
    BULLPEN_STEPS(X)
#undef X
        STEP_COUNT
};

const char *step_name(enum step step);

/* Where and why something failed. `detail` is for people, never a program's text. */
struct failure {
    enum step step;
    int error;
    char detail[80];
};

/* Fills in a failure from errno; always returns -1, so that callers can return it. */
int failed(struct failure *failure, enum step step, const char *detail);
/* The same with an error number of the caller's. */
int failed_with(struct failure *failure, enum step step, int error, const char *detail);

/* True only in the test build, for steps named by --leave-out; see tests/sabotage. */
#ifdef BULLPEN_SABOTAGE
int left_out(enum step step);
int leave_out(const char *name);
#else
#define left_out(step) 0
#endif

#endif
