#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe.h"

static long mount_tmpfs(char **a) { (void)a; return mount("none", "/tmp", "tmpfs", 0, NULL); }
static long bind_mount(char **a) { (void)a; return mount("/work", "/tmp", NULL, MS_BIND, NULL); }
static long remount(char **a) { (void)a; return mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND, NULL); }
static long unmount(char **a) { (void)a; return umount2("/proc", MNT_DETACH); }
static long pivot(char **a) { (void)a; return syscall(SYS_pivot_root, "/work", "/work"); }
static long change_root(char **a) { (void)a; return chroot("/work"); }
static long open_a_tree(char **a) { (void)a; return syscall(SYS_open_tree, AT_FDCWD, "/work", 1); }
static long open_a_filesystem(char **a) { (void)a; return syscall(SYS_fsopen, "tmpfs", 0); }
static long unshare_user(char **a) { (void)a; return unshare(CLONE_NEWUSER); }
static long unshare_mount(char **a) { (void)a; return unshare(CLONE_NEWNS); }
static long unshare_network(char **a) { (void)a; return unshare(CLONE_NEWNET); }
static long enter_namespace(char **a) { (void)a; return setns(open("/proc/self/ns/uts", O_RDONLY), 0); }

static long ended_well(long child) {
    int status;
    if (child == 0) _exit(0);
    return child < 0 ? -1 : waitpid((pid_t)child, &status, 0);
}

static long clone_user(char **a) { (void)a; return ended_well(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0)); }

static long clone3_with(unsigned long long flags) {
    struct clone_args arguments = {.flags = flags, .exit_signal = SIGCHLD};
    return ended_well(syscall(SYS_clone3, &arguments, sizeof arguments));
}
static long clone3_user(char **a) { (void)a; return clone3_with(CLONE_NEWUSER); }

static long io_uring(char **a) {
    struct io_uring_params parameters = {0};
    (void)a;
    return syscall(SYS_io_uring_setup, 1, &parameters);
}

static long bpf_map(char **a) {
    union bpf_attr attributes = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1};
    (void)a;
    return syscall(SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof attributes);
}

static long perf_event(char **a) {
    struct perf_event_attr attributes = {.type = PERF_TYPE_SOFTWARE, .size = sizeof attributes, .config = PERF_COUNT_SW_TASK_CLOCK, .exclude_kernel = 1};
    (void)a;
    return syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0);
}

static long page_faults(char **a) { (void)a; return syscall(SYS_userfaultfd, 1); }
static long add_a_key(char **a) { (void)a; return syscall(SYS_add_key, "user", "bullpen-probe", "x", 1, -3); }
static long session_keyring(char **a) { (void)a; return syscall(SYS_keyctl, 1, "bullpen-probe"); }
static long kernel_log(char **a) { char byte; (void)a; return syscall(SYS_syslog, 3, &byte, 1); }
static long restart(char **a) { (void)a; return syscall(SYS_reboot, 0xfee1dead, 672274793, 0, NULL); }
static long set_clock(char **a) { struct timeval now; (void)a; return gettimeofday(&now, NULL) || settimeofday(&now, NULL) ? -1 : 0; }
static long set_host_name(char **a) { (void)a; return sethostname("probe", 5); }
static long fake_input(char **a) { (void)a; return ioctl(0, TIOCSTI, "x"); }
static long personality_other(char **a) { (void)a; return personality(READ_IMPLIES_EXEC); }
static long personality_read(char **a) { (void)a; return personality(0xffffffff); }
static long unknown_call(char **a) { (void)a; return syscall(467); }
static long file_handle(char **a) {
    unsigned char handle[256] = {120};
    int mount_id;
    (void)a;
    return syscall(SYS_name_to_handle_at, AT_FDCWD, "/work", handle, &mount_id, 0);
}

/* getpid by the 32-bit gate and by the x32 numbers: another table of calls, which a careless filter forgets. */
static long call_32_bit(char **a) {
    long answer = -1;
    (void)a;
#ifdef __x86_64__
    __asm__ volatile("int $0x80" : "=a"(answer) : "a"(20L) : "memory", "r8", "r9", "r10", "r11");
#endif
    return answer < 0 ? stopped((int)-answer) : answer;
}
static long call_x32(char **a) { (void)a; return syscall(0x40000000 + SYS_getpid); }

const struct probe kernel_probes[] = {
    {"mount", 0, mount_tmpfs}, {"bind-mount", 0, bind_mount}, {"remount", 0, remount}, {"umount", 0, unmount}, {"pivot-root", 0, pivot},
    {"chroot", 0, change_root}, {"open-tree", 0, open_a_tree}, {"fsopen", 0, open_a_filesystem}, {"unshare-user", 0, unshare_user},
    {"unshare-mount", 0, unshare_mount}, {"unshare-network", 0, unshare_network}, {"setns", 0, enter_namespace}, {"clone-user", 0, clone_user},
    {"clone3-user", 0, clone3_user}, {"io-uring", 0, io_uring}, {"bpf", 0, bpf_map}, {"perf-event", 0, perf_event}, {"userfaultfd", 0, page_faults},
    {"add-key", 0, add_a_key}, {"keyctl", 0, session_keyring}, {"syslog", 0, kernel_log}, {"reboot", 0, restart}, {"set-clock", 0, set_clock},
    {"set-hostname", 0, set_host_name}, {"tiocsti", 0, fake_input}, {"personality", 0, personality_other}, {"personality-read", 0, personality_read},
    {"unknown-call", 0, unknown_call}, {"file-handle", 0, file_handle}, {"int80", 0, call_32_bit}, {"x32", 0, call_x32}, {0},
};
