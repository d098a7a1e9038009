#include "jobs/sandbox/seccomp.h"
#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* Refused with EPERM, as without the right to: what reaches around the sandbox (namespaces, mounts,
 * other processes' memory, keys) and the parts of the kernel that are attacked most and that no
 * script needs. */
static const int REFUSED[] = {
    SCMP_SYS(mount),
    SCMP_SYS(umount),
    SCMP_SYS(umount2),
    SCMP_SYS(pivot_root),
    SCMP_SYS(chroot),
    SCMP_SYS(open_tree),
    SCMP_SYS(move_mount),
    SCMP_SYS(fsopen),
    SCMP_SYS(fsconfig),
    SCMP_SYS(fsmount),
    SCMP_SYS(fspick),
    SCMP_SYS(mount_setattr),
    SCMP_SYS(unshare),
    SCMP_SYS(setns),
    SCMP_SYS(ptrace),
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(process_madvise),
    SCMP_SYS(kcmp),
    SCMP_SYS(pidfd_getfd),
    SCMP_SYS(keyctl),
    SCMP_SYS(add_key),
    SCMP_SYS(request_key),
    SCMP_SYS(bpf),
    SCMP_SYS(perf_event_open),
    SCMP_SYS(userfaultfd),
    SCMP_SYS(fanotify_init),
    SCMP_SYS(open_by_handle_at),
    SCMP_SYS(name_to_handle_at),
    SCMP_SYS(kexec_load),
    SCMP_SYS(kexec_file_load),
    SCMP_SYS(init_module),
    SCMP_SYS(finit_module),
    SCMP_SYS(delete_module),
    SCMP_SYS(reboot),
    SCMP_SYS(swapon),
    SCMP_SYS(swapoff),
    SCMP_SYS(syslog),
    SCMP_SYS(acct),
    SCMP_SYS(quotactl),
    SCMP_SYS(quotactl_fd),
    SCMP_SYS(iopl),
    SCMP_SYS(ioperm),
    SCMP_SYS(settimeofday),
    SCMP_SYS(clock_settime),
    SCMP_SYS(clock_adjtime),
    SCMP_SYS(adjtimex),
    SCMP_SYS(vhangup),
    SCMP_SYS(nfsservctl),
    SCMP_SYS(lookup_dcookie),
    SCMP_SYS(move_pages),
    SCMP_SYS(migrate_pages),
    SCMP_SYS(mbind),
    SCMP_SYS(uselib),
    SCMP_SYS(ustat),
    SCMP_SYS(modify_ldt),
};

/* Their arguments cannot be looked at, or not enough: the C library falls back on what can. */
static const int ABSENT[] = {SCMP_SYS(clone3), SCMP_SYS(io_uring_setup), SCMP_SYS(io_uring_enter),
                             SCMP_SYS(io_uring_register)};

static const unsigned NAMESPACES[] = {CLONE_NEWUSER, CLONE_NEWNS,  CLONE_NEWPID,   CLONE_NEWNET,
                                      CLONE_NEWIPC,  CLONE_NEWUTS, CLONE_NEWCGROUP};

/* Of sockets a job has these; the others are seldom used parts of the kernel, and some have no
 * namespace of their own: AF_VSOCK leads to the machine's host. */
static bool is_family_allowed(int family)
{
    return family == AF_UNIX || family == AF_INET || family == AF_INET6 || family == AF_NETLINK;
}

static int refuse_families(scmp_filter_ctx filter, int call)
{
    int trouble = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), call, 1,
                                   SCMP_A0(SCMP_CMP_GT, AF_NETLINK, 0));
    for (int family = 0; family < AF_NETLINK && !trouble; family++) {
        if (!is_family_allowed(family)) {
            trouble = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), call, 1,
                                       SCMP_A0(SCMP_CMP_EQ, (unsigned)family, 0));
        }
    }
    return trouble;
}

/* Rules for calls that this architecture does not have are left out by libseccomp. */
static int add_rules(scmp_filter_ctx filter)
{
    int trouble = 0;
    for (size_t i = 0; i < sizeof(REFUSED) / sizeof(*REFUSED) && !trouble; i++) {
        trouble = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), REFUSED[i], 0);
    }
    for (size_t i = 0; i < sizeof(ABSENT) / sizeof(*ABSENT) && !trouble; i++) {
        trouble = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), ABSENT[i], 0);
    }
    for (size_t i = 0; i < sizeof(NAMESPACES) / sizeof(*NAMESPACES) && !trouble; i++) {
        trouble = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
                                   SCMP_A0(SCMP_CMP_MASKED_EQ, NAMESPACES[i], NAMESPACES[i]));
    }
    trouble = trouble ? trouble : refuse_families(filter, SCMP_SYS(socket));
    return trouble ? trouble : refuse_families(filter, SCMP_SYS(socketpair));
}

static int export_filter(scmp_filter_ctx filter, int fd)
{
    int trouble = add_rules(filter);
    if (!trouble) {
        trouble = seccomp_export_bpf(filter, fd);
    }
    return trouble;
}

enum arras_status ar_seccomp_filter(struct ar_diags *diags, int *ret_fd)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    if (!filter) {
        return ar_no_memory(diags);
    }
    int fd = memfd_create("arras-seccomp", MFD_CLOEXEC);
    int trouble = fd < 0 ? -errno : export_filter(filter, fd);
    seccomp_release(filter);
    if (trouble) {
        if (fd >= 0) {
            close(fd);
        }
        return ar_error(diags, ARRAS_UNSUPPORTED, "sandbox", NULL, 0,
                        "cannot make the filter of system calls: %s", strerror(-trouble));
    }
    *ret_fd = fd;
    return ARRAS_OK;
}
