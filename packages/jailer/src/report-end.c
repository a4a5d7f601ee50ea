#include <errno.h>
#include <sys/wait.h>

#include "run-state.h"

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
    if (peak == 0) return run->memory_seen > run->report.resident_peak_bytes ? run->memory_seen : run->report.resident_peak_bytes;
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

enum run_answer report_end(struct run *run, struct failure *failure) {
    struct cgroup_counters after;
    struct box_usage box;
    struct frame_writer *writer = &run->connection->writer;
    if (cgroup_read(&run->host->cgroup, &after, failure) || box_measure(&run->jail->box, &box, failure)) return RUN_JAIL_LOST;
    if (run->jail->box.was_starved && !box.full) {
        (void)failed_with(failure, STEP_box, ENOSPC, "the place of the boxes is full, and this job had not had its share");
        return RUN_JAIL_LOST;
    }
    reply_begin(run->connection, REPLY_EXITED);
    add_end(writer, run);
    frame_u64(writer, FIELD_WALL_US, run->report.wall_us);
    add_cpu_time(writer, run, &after);
    frame_u64(writer, FIELD_PEAK_MEMORY, peak_memory(run));
    uint64_t oom_kills = after.oom_kills - run->before.oom_kills + (uint64_t)run->memory_exceeded;
    frame_u64(writer, FIELD_OOM_KILLS, oom_kills == 0 && run->jail->lost_to_memory ? 1 : oom_kills);
    frame_u64(writer, FIELD_PROCESSES_REFUSED, after.pids_refused - run->before.pids_refused);
    frame_u64(writer, FIELD_DISK_BYTES_USED, box.bytes);
    frame_u64(writer, FIELD_DISK_FILES_USED, box.files);
    frame_u32(writer, FIELD_DISK_FULL, (uint32_t)box.full);
    frame_u64(writer, FIELD_STDOUT_SEEN, run->seen[STREAM_STDOUT]);
    frame_u64(writer, FIELD_STDERR_SEEN, run->seen[STREAM_STDERR]);
    reply_finish(run->connection);
    return reply_send(run->connection) ? RUN_WORKER_LOST : RUN_DONE;
}
