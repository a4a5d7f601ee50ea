#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "io.h"
#include "looks.h"
#include "run-state.h"
#include "shared-user.h"

enum { KILL_GRACE_US = 10000000 };
/* Processes of an unprivileged jailer's user in its user namespace: keeper, forker and init. */
enum { PROCESSES_OF_OUR_OWN = 3 };
/* Threads that a worker may yet start while a job of the same user runs, so that they are not taken from the job. */
enum { SPARE_TASKS = 8 };

/* The first reason wins. Init kills every process of the jail and then reports. */
static void end_command(struct run *run, enum ended_by reason) {
    const uint32_t kind = COMMAND_KILL;
    if (run->grace_deadline_us != 0) return;
    run->ended_by = reason;
    run->grace_deadline_us = monotonic_us() + KILL_GRACE_US;
    (void)send_message(run->jail->control, &kind, sizeof kind, NULL, 0);
}

/* Reads one piece of a stream; bytes above the limit are counted and dropped. Returns 0 when there is nothing to read now. */
static int relay(struct run *run, enum stream stream) {
    unsigned char piece[PIECE_MAX];
    uint64_t limit = run->command->limits[LIMIT_OUTPUT];
    ssize_t length = read(run->pipes[stream], piece, sizeof piece);
    if (length < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
    if (length <= 0) {
        close_and_forget(&run->pipes[stream]);
        return 0;
    }
    uint64_t room = limit - run->kept[stream];
    size_t keep = (uint64_t)length < room ? (size_t)length : (size_t)room;
    run->seen[stream] += (uint64_t)length;
    run->kept[stream] += keep;
    if (keep > 0) {
        reply_begin(run->connection, stream == STREAM_STDOUT ? REPLY_STDOUT : REPLY_STDERR);
        frame_bytes(&run->connection->writer, FIELD_DATA, piece, keep);
        reply_finish(run->connection);
    }
    if (run->seen[stream] > limit) end_command(run, ENDED_OUTPUT);
    return 1;
}

/* While a command runs only KILL is taken; anything else waits in the buffer until the command has ended. */
static int take_requests(struct run *run) {
    struct frame frame;
    for (;;) {
        switch (connection_look(run->connection, &frame)) {
            case RECEIVED_NOTHING: return 0;
            case RECEIVED_FRAME:
                if (frame.type == REQUEST_KILL) {
                    end_command(run, ENDED_KILL);
                    continue;
                }
                connection_put_back(run->connection);
                run->worker_has_more = 1;
                return 0;
            default: return -1;
        }
    }
}

static int milliseconds_until(const struct run *run, uint64_t now_us) {
    uint64_t next = run->grace_deadline_us ? run->grace_deadline_us : run->wall_deadline_us;
    if (!run->grace_deadline_us && run->cpu.next_look_us < next) next = run->cpu.next_look_us;
    if (!run->grace_deadline_us && run->disk_look_us < next) next = run->disk_look_us;
    if (!run->grace_deadline_us && run->memory_look_us < next) next = run->memory_look_us;
    uint64_t wait_ms = next <= now_us ? 0 : (next - now_us + 999) / 1000;
    return wait_ms < INT_MAX ? (int)wait_ms : INT_MAX;
}

/* One wait and what follows from it. 0 to go on, or the reason to stop. */
static enum run_answer watch_once(struct run *run, struct failure *failure) {
    int writable = !reply_pending(run->connection);
    struct pollfd polled[] = {
        {.fd = run->jail->control, .events = POLLIN},
        {.fd = run->connection->fd, .events = (short)((run->worker_has_more ? 0 : POLLIN) | (writable ? 0 : POLLOUT))},
        {.fd = writable ? run->pipes[STREAM_STDOUT] : -1, .events = POLLIN},
        {.fd = writable ? run->pipes[STREAM_STDERR] : -1, .events = POLLIN},
    };
    if (poll(polled, 4, milliseconds_until(run, monotonic_us())) < 0 && errno != EINTR) return RUN_WORKER_LOST;
    uint64_t now_us = monotonic_us();
    if (polled[1].revents & POLLOUT && reply_send_some(run->connection)) return RUN_WORKER_LOST;
    if (polled[1].revents & (POLLHUP | POLLERR)) return RUN_WORKER_LOST;
    if (polled[1].revents & POLLIN && take_requests(run)) return RUN_WORKER_LOST;
    for (int stream = 0; stream < STREAM_COUNT; stream++)
        if (polled[2 + stream].revents && !reply_pending(run->connection) && relay(run, (enum stream)stream) && reply_send_some(run->connection))
            return RUN_WORKER_LOST;
    if (polled[0].revents) {
        if (jail_await_report(run->jail, &run->report, 0, failure)) return RUN_JAIL_LOST;
        run->reported = 1;
        return RUN_DONE;
    }
    if (now_us >= run->wall_deadline_us) end_command(run, ENDED_WALL);
    int cpu = cpu_watch_look(&run->cpu, now_us, failure);
    if (cpu < 0) return RUN_JAIL_LOST;
    if (cpu > 0) end_command(run, ENDED_CPU);
    if (disk_is_exceeded(run, now_us)) end_command(run, ENDED_OUTPUT);
    /* As the OOM killer would have ended it. */
    if (memory_is_exceeded(run, now_us)) end_command(run, ENDED_ITSELF);
    if (run->grace_deadline_us && now_us >= run->grace_deadline_us) {
        (void)failed_with(failure, STEP_init, ETIMEDOUT, "processes of the jail do not die");
        return RUN_JAIL_LOST;
    }
    return RUN_DONE;
}

/* Every process that could write has ended; what they wrote may still be in the pipes. */
static int drain(struct run *run) {
    for (int stream = 0; stream < STREAM_COUNT; stream++)
        do
            if (reply_send(run->connection)) return -1;
        while (run->pipes[stream] >= 0 && relay(run, (enum stream)stream));
    return reply_send(run->connection);
}

/* What else RLIMIT_NPROC counts: it is by user, in all of the user's namespace. */
static uint64_t other_tasks(const struct slot_host *host) {
    switch (host->table->mode) {
        case MODE_USERNS: return PROCESSES_OF_OUR_OWN;
        case MODE_RESTRICTED: return count_tasks(host->slot->uid) + SPARE_TASKS;
        default: return 0;
    }
}

/*
 * The cgroup counts refused processes and RLIMIT_NPROC does not, so where there is a cgroup it is exact and the rlimit one above it;
 * likewise the keeper measures CPU time of the tree in milliseconds, and RLIMIT_CPU, in whole seconds of one process, is the net
 * below: the kernel compares it with ticks that may count a fifth too much. Without a cgroup RLIMIT_DATA bounds the memory of each process.
 */
static void plan_rlimits(const struct run *run, struct init_command *command) {
    const struct cgroup *cgroup = &run->host->cgroup;
    uint64_t cpu_seconds = (command->limits[LIMIT_CPU_MS] + 999) / 1000;
    if (!cgroup_has_memory(cgroup)) {
        uint64_t bound = open_files_bound(command->limits[LIMIT_PROCESSES]);
        if (command->limits[LIMIT_OPEN_FILES] > bound) command->limits[LIMIT_OPEN_FILES] = bound;
    }
    command->rlimit_processes = command->limits[LIMIT_PROCESSES] + other_tasks(run->host) + (cgroup_has_pids(cgroup) ? 1 : 0);
    command->rlimit_cpu_seconds = cpu_seconds + cpu_seconds / 4 + 2;
    command->rlimit_data = cgroup_has_memory(cgroup) ? 0 : command->limits[LIMIT_MEMORY];
}

/* So that a program can open its own /dev/stdout and /dev/stderr. */
static int lend_to_slot(const struct slot_host *host, int fd) {
    return mode_changes_user(host->table->mode) ? fchown(fd, host->slot->uid, host->slot->gid) : 0;
}

static int start(struct run *run, struct init_command *command, int stdin_fd, struct failure *failure) {
    int out[2], err[2];
    plan_rlimits(run, command);
    if (cgroup_set(&run->host->cgroup, command->limits[LIMIT_MEMORY], command->limits[LIMIT_PROCESSES], failure)) return -1;
    cgroup_restart_peak(&run->host->cgroup);
    if (pipe2(out, O_CLOEXEC)) return failed(failure, STEP_stdio, "pipe");
    run->pipes[STREAM_STDOUT] = out[0];
    SCOPED_FD out_end = out[1];
    if (pipe2(err, O_CLOEXEC)) return failed(failure, STEP_stdio, "pipe");
    run->pipes[STREAM_STDERR] = err[0];
    SCOPED_FD err_end = err[1];
    /* Only our ends: a program may rely on blocking writes. Each end of a pipe is a file of its own. */
    if (lend_to_slot(run->host, out_end) || lend_to_slot(run->host, err_end)) return failed(failure, STEP_stdio, "fchown");
    if (fcntl(out[0], F_SETFL, O_NONBLOCK) || fcntl(err[0], F_SETFL, O_NONBLOCK)) return failed(failure, STEP_stdio, "fcntl");
    const int fds[COMMAND_FD_COUNT] = {stdin_fd, out_end, err_end};
    uint64_t now_us = monotonic_us();
    run->wall_deadline_us = now_us + command->limits[LIMIT_WALL_MS] * 1000;
    start_looks(run, now_us);
    if (cpu_watch_start(&run->cpu, command->limits[LIMIT_CPU_MS] * 1000, now_us, failure)) return -1;
    if (send_message(run->jail->control, command, INIT_COMMAND_HEAD + command->strings_length, fds, COMMAND_FD_COUNT))
        return failed(failure, STEP_init, "init is gone");
    return 0;
}

/*
 * What a job keeps in memory (its files count) may leave no room for the next command, or for init itself, which the kernel then kills:
 * that is the job's doing and has an outcome, whatever it looks like from here.
 */
static int is_of_memory(const struct run *run, const struct failure *failure) {
    struct cgroup_counters now;
    struct failure ignored;
    if (failure->step == STEP_cgroup) return failure->error == EBUSY;
    if (failure->step != STEP_init && failure->step != STEP_fork && failure->step != STEP_stdio) return 0;
    if (failure->error == ENOMEM) return 1;
    return failure->error != ETIMEDOUT && cgroup_read(&run->host->cgroup, &now, &ignored) == 0 && now.oom_kills > run->before.oom_kills;
}

/* Reports the command as one that the OOM killer took. Nothing of the jail runs any more; its files can still be collected. */
static enum run_answer end_for_memory(struct run *run, struct failure *failure) {
    jail_kill(run->host, run->jail);
    run->jail->lost_to_memory = 1;
    run->report = (struct init_report){.kind = REPORT_EXITED, .wait_status = SIGKILL};
    if (drain(run)) return RUN_WORKER_LOST;
    return report_end(run, failure);
}

static enum run_answer watch(struct run *run, struct failure *failure) {
    /* A KILL that came with RUN lies in the buffer already, and poll knows nothing of it. */
    enum run_answer answer = take_requests(run) ? RUN_WORKER_LOST : RUN_DONE;
    while (!run->reported && answer == RUN_DONE) answer = watch_once(run, failure);
    if (answer != RUN_DONE) return answer;
    if (drain(run)) return RUN_WORKER_LOST;
    return report_end(run, failure);
}

enum run_answer run_command(struct slot_host *host, struct jail *jail, struct connection *connection, struct init_command *command, int stdin_fd,
                            struct failure *failure) {
    struct run run = {.host = host, .jail = jail, .connection = connection, .command = command, .pipes = {-1, -1}};
    run.cpu = (struct cpu_watch){.cgroup = &host->cgroup, .init = jail->init, .user = host->slot->uid};
    enum run_answer answer = RUN_JAIL_LOST;
    if (cgroup_read(&host->cgroup, &run.before, failure) == 0) {
        (void)failed_with(failure, STEP_init, ENOMEM, "an earlier command took all memory");
        if (!jail->lost_to_memory && start(&run, command, stdin_fd, failure) == 0) answer = watch(&run, failure);
    }
    (void)close(stdin_fd);
    if (answer == RUN_JAIL_LOST && is_of_memory(&run, failure)) answer = end_for_memory(&run, failure);
    for (int i = 0; i < STREAM_COUNT; i++) close_and_forget(&run.pipes[i]);
    return answer;
}
