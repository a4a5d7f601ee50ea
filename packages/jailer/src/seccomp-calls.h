/* Calls that no jail may make, with their answers. EPERM says "not you", ENOSYS makes libraries fall back. */
#ifndef BULLPEN_SECCOMP_CALLS_H
#define BULLPEN_SECCOMP_CALLS_H

#include <errno.h>
#include <sys/syscall.h>

/* Numbers from 424 on are the same on every architecture; older C libraries lack the newest names. */
enum {
    CALL_fchmodat2 = 452,
    CALL_setxattrat = 463,
    CALL_removexattrat = 466,
    CALL_statmount = 457,
    CALL_listmount = 458,
    CALL_lsm_get_self_attr = 459,
    CALL_lsm_set_self_attr = 460,
    CALL_lsm_list_modules = 461,
    CALL_map_shadow_stack = 453,
    CALL_set_mempolicy_home_node = 450,
    CALL_memfd_secret = 447,
    CALL_process_mrelease = 448,
    CALL_quotactl_fd = 443,
};

struct refused_call {
    int number;
    int error;
};

static const struct refused_call refused_calls[] = {
    /* other processes */
    {SYS_ptrace, EPERM}, {SYS_process_vm_readv, EPERM}, {SYS_process_vm_writev, EPERM}, {SYS_kcmp, EPERM}, {SYS_pidfd_getfd, EPERM},
    {SYS_process_madvise, EPERM}, {CALL_process_mrelease, EPERM}, {SYS_move_pages, EPERM}, {SYS_migrate_pages, EPERM},
    {CALL_set_mempolicy_home_node, EPERM},
    /* namespaces, mounts and roots */
    {SYS_unshare, EPERM}, {SYS_setns, EPERM}, {SYS_mount, EPERM}, {SYS_umount2, EPERM}, {SYS_pivot_root, EPERM}, {SYS_chroot, EPERM},
    {SYS_open_tree, EPERM}, {SYS_move_mount, EPERM}, {SYS_mount_setattr, EPERM}, {SYS_fsopen, EPERM}, {SYS_fsconfig, EPERM},
    {SYS_fsmount, EPERM}, {SYS_fspick, EPERM}, {CALL_statmount, EPERM}, {CALL_listmount, EPERM},
    {SYS_name_to_handle_at, EPERM}, {SYS_open_by_handle_at, EPERM}, {SYS_fanotify_init, EPERM}, {SYS_fanotify_mark, EPERM},
    {SYS_quotactl, EPERM}, {CALL_quotactl_fd, EPERM}, {SYS_nfsservctl, ENOSYS},
    /* files that other jobs read, too */
    {SYS_inotify_init1, ENOSYS}, {SYS_inotify_add_watch, ENOSYS},
    /* the host's disks have nothing of a job's: an answer of success without the work */
    {SYS_sync, 0}, {SYS_syncfs, 0},
    /* the kernel itself */
    {SYS_bpf, EPERM}, {SYS_perf_event_open, EPERM}, {SYS_userfaultfd, EPERM}, {SYS_init_module, EPERM}, {SYS_finit_module, EPERM},
    {SYS_delete_module, EPERM}, {SYS_kexec_load, EPERM}, {SYS_kexec_file_load, EPERM}, {SYS_syslog, EPERM}, {SYS_reboot, EPERM}, {SYS_swapon, EPERM}, {SYS_swapoff, EPERM},
    {SYS_acct, EPERM}, {SYS_vhangup, EPERM}, {SYS_lookup_dcookie, EPERM}, {CALL_lsm_get_self_attr, EPERM}, {CALL_lsm_set_self_attr, EPERM},
    {CALL_lsm_list_modules, EPERM}, {CALL_memfd_secret, EPERM}, {CALL_map_shadow_stack, ENOSYS},
    {SYS_io_uring_setup, ENOSYS}, {SYS_io_uring_enter, ENOSYS}, {SYS_io_uring_register, ENOSYS},
    /* clock and names of the host */
    {SYS_settimeofday, EPERM}, {SYS_clock_settime, EPERM}, {SYS_clock_adjtime, EPERM}, {SYS_adjtimex, EPERM}, {SYS_sethostname, EPERM},
    {SYS_setdomainname, EPERM},
    /* keyrings outlive processes and are not namespaced */
    {SYS_add_key, EPERM}, {SYS_request_key, EPERM}, {SYS_keyctl, EPERM},
#ifdef __x86_64__
    {SYS_inotify_init, ENOSYS},
    {SYS_iopl, EPERM}, {SYS_ioperm, EPERM}, {SYS_modify_ldt, EPERM}, {SYS_uselib, ENOSYS},
    {SYS_ustat, ENOSYS}, {SYS_sysfs, ENOSYS}, {SYS__sysctl, ENOSYS}, {SYS_create_module, ENOSYS}, {SYS_get_kernel_syms, ENOSYS},
    {SYS_query_module, ENOSYS},
#endif
};

#endif
