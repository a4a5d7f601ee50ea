#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cpu-watch.h"
#include "io.h"

enum { KILL_GRACE_US = 10000000 };
/* Processes of an unprivileged jailer's user in its user namespace: keeper, forker and init. */
enum { PROCESSES_OF_OUR_OWN = 3 };

enum stream { STREAM_STDOUT, STREAM_STDERR, STREAM_COUNT };

struct run {
    struct slot_host *host;
    struct jail *jail;
    struct connection *connection;
    const struct init_command *command;
    struct cgroup_counters before;
    int pipes[STREAM_COUNT];
    uint64_t seen[STREAM_COUNT], kept[STREAM_COUNT];
    struct cpu_watch cpu;
    uint64_t wall_deadline_us, grace_deadline_us; /* 0: none */
    enum ended_by ended_by;
    struct init_report report;
    int reported, worker_has_more;
};

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
    return next <= now_us ? 0 : (int)((next - now_us + 999) / 1000);
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
    int cpu = cpu_watch_look(&run->cpu, &run->host->cgroup, now_us, failure);
    if (cpu < 0) return RUN_JAIL_LOST;
    if (cpu > 0) end_command(run, ENDED_CPU);
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

static void add_end(struct frame_writer *writer, const struct run *run) {
    frame_u32(writer, FIELD_ENDED_BY, (uint32_t)run->ended_by);
    frame_u32(writer, FIELD_START_ERRNO, (uint32_t)run->report.start_error);
    if (run->report.start_error) return;
    if (WIFEXITED(run->report.wait_status)) frame_u32(writer, FIELD_EXIT_CODE, (uint32_t)WEXITSTATUS(run->report.wait_status));
    if (WIFSIGNALED(run->report.wait_status)) frame_u32(writer, FIELD_SIGNAL, (uint32_t)WTERMSIG(run->report.wait_status));
}

/* Of the whole tree where the kernel tells, else of its largest process. */
static uint64_t peak_memory(const struct run *run) {
    uint64_t peak = cgroup_peak(&run->host->cgroup), before = run->jail->memory_before;
    if (peak == 0) return run->report.resident_peak_bytes;
    return peak > before ? peak - before : 0;
}

/* The exact total, split as the samples say; a command shorter than a clock tick has none and counts as the program's own time. */
static void add_cpu_time(struct frame_writer *writer, const struct run *run, const struct cgroup_counters *after) {
    uint64_t user_us = run->report.user_us, system_us = run->report.system_us;
    if (cgroup_has_cpu(&run->host->cgroup)) {
        uint64_t total_us = after->cpu_us - run->before.cpu_us;
        uint64_t user_sampled_us = after->cpu_user_sampled_us - run->before.cpu_user_sampled_us;
        uint64_t sampled_us = user_sampled_us + after->cpu_system_sampled_us - run->before.cpu_system_sampled_us;
        user_us = sampled_us == 0 ? total_us : (uint64_t)((double)total_us * (double)user_sampled_us / (double)sampled_us);
        system_us = total_us - user_us;
    }
    frame_u64(writer, FIELD_USER_US, user_us);
    frame_u64(writer, FIELD_SYSTEM_US, system_us);
}

static enum run_answer report_end(struct run *run, struct failure *failure) {
    struct cgroup_counters after;
    struct box_usage box;
    struct frame_writer *writer = &run->connection->writer;
    if (cgroup_read(&run->host->cgroup, &after, failure) || box_measure(&run->jail->box, &box, failure)) return RUN_JAIL_LOST;
    reply_begin(run->connection, REPLY_EXITED);
    add_end(writer, run);
    frame_u64(writer, FIELD_WALL_US, run->report.wall_us);
    add_cpu_time(writer, run, &after);
    frame_u64(writer, FIELD_PEAK_MEMORY, peak_memory(run));
    frame_u64(writer, FIELD_OOM_KILLS, after.oom_kills - run->before.oom_kills);
    frame_u64(writer, FIELD_PROCESSES_REFUSED, after.pids_refused - run->before.pids_refused);
    frame_u64(writer, FIELD_DISK_BYTES_USED, box.bytes);
    frame_u64(writer, FIELD_DISK_FILES_USED, box.files);
    frame_u32(writer, FIELD_DISK_FULL, (uint32_t)box.full);
    frame_u64(writer, FIELD_STDOUT_SEEN, run->seen[STREAM_STDOUT]);
    frame_u64(writer, FIELD_STDERR_SEEN, run->seen[STREAM_STDERR]);
    reply_finish(run->connection);
    return reply_send(run->connection) ? RUN_WORKER_LOST : RUN_DONE;
}

/*
 * The cgroup counts refused processes and RLIMIT_NPROC does not, so where there is a cgroup it is exact and the rlimit one above it;
 * likewise the keeper measures CPU time of the tree in milliseconds, and RLIMIT_CPU, in whole seconds of one process, is the net
 * below. Without cgroups the rlimits are all there is: RLIMIT_DATA then bounds the memory of each process.
 */
static void plan_rlimits(const struct run *run, struct init_command *command) {
    const struct cgroup *cgroup = &run->host->cgroup;
    uint64_t cpu_seconds = (command->limits[LIMIT_CPU_MS] + 999) / 1000;
    int others = run->host->table->mode == MODE_USERNS ? PROCESSES_OF_OUR_OWN : 0;
    command->rlimit_processes = command->limits[LIMIT_PROCESSES] + (uint64_t)others + (cgroup_has_pids(cgroup) ? 1 : 0);
    command->rlimit_cpu_seconds = cpu_seconds + (cgroup_has_cpu(cgroup) ? 2 : 0);
    command->rlimit_data = cgroup_has_memory(cgroup) ? 0 : command->limits[LIMIT_MEMORY];
}

static int start(struct run *run, struct init_command *command, int stdin_fd, struct failure *failure) {
    int out[2], err[2];
    plan_rlimits(run, command);
    if (cgroup_set(&run->host->cgroup, command->limits[LIMIT_MEMORY], command->limits[LIMIT_PROCESSES], failure)) return -1;
    if (cgroup_read(&run->host->cgroup, &run->before, failure)) return -1;
    if (pipe2(out, O_CLOEXEC)) return failed(failure, STEP_stdio, "pipe");
    run->pipes[STREAM_STDOUT] = out[0];
    SCOPED_FD out_end = out[1];
    if (pipe2(err, O_CLOEXEC)) return failed(failure, STEP_stdio, "pipe");
    run->pipes[STREAM_STDERR] = err[0];
    SCOPED_FD err_end = err[1];
    /* Only our ends: a program may rely on blocking writes. Each end of a pipe is a file of its own. */
    if (fcntl(out[0], F_SETFL, O_NONBLOCK) || fcntl(err[0], F_SETFL, O_NONBLOCK)) return failed(failure, STEP_stdio, "fcntl");
    const int fds[COMMAND_FD_COUNT] = {stdin_fd, out_end, err_end};
    uint64_t now_us = monotonic_us();
    run->wall_deadline_us = now_us + command->limits[LIMIT_WALL_MS] * 1000;
    cpu_watch_start(&run->cpu, &run->host->cgroup, run->before.cpu_us, command->limits[LIMIT_CPU_MS] * 1000, now_us);
    if (send_message(run->jail->control, command, INIT_COMMAND_HEAD + command->strings_length, fds, COMMAND_FD_COUNT))
        return failed(failure, STEP_init, "init is gone");
    return 0;
}

/* A jail whose init fell to the OOM killer, which an unprivileged jailer cannot forbid: the job's memory, not our fault. */
static int init_died_of_memory(const struct run *run) {
    struct cgroup_counters now;
    struct failure ignored;
    return cgroup_read(&run->host->cgroup, &now, &ignored) == 0 && now.oom_kills > run->before.oom_kills;
}

static enum run_answer watch(struct run *run, struct failure *failure) {
    /* A KILL that came with RUN lies in the buffer already, and poll knows nothing of it. */
    enum run_answer answer = take_requests(run) ? RUN_WORKER_LOST : RUN_DONE;
    while (!run->reported && answer == RUN_DONE) answer = watch_once(run, failure);
    if (answer == RUN_JAIL_LOST && failure->step == STEP_init && init_died_of_memory(run)) {
        run->report = (struct init_report){.kind = REPORT_EXITED, .wait_status = SIGKILL};
        answer = RUN_DONE; /* the next command of this jail, if any, will find init gone */
    }
    if (answer != RUN_DONE) return answer;
    if (drain(run)) return RUN_WORKER_LOST;
    return report_end(run, failure);
}

enum run_answer run_command(struct slot_host *host, struct jail *jail, struct connection *connection, struct init_command *command, int stdin_fd,
                            struct failure *failure) {
    struct run run = {.host = host, .jail = jail, .connection = connection, .command = command, .pipes = {-1, -1}};
    enum run_answer answer = start(&run, command, stdin_fd, failure) ? RUN_JAIL_LOST : RUN_DONE;
    (void)close(stdin_fd);
    if (answer == RUN_DONE) answer = watch(&run, failure);
    for (int i = 0; i < STREAM_COUNT; i++) close_and_forget(&run.pipes[i]);
    return answer;
}
