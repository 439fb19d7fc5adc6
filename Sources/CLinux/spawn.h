#pragma once
// Starting a program with signals, limits and user of one's own choice: posix_spawn(3) has no attribute for the last two.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct linux_command {
    const char *path;
    char *const *arguments;
    char *const *environment;
    sigset_t mask;         // signals that are blocked in the program
    sigset_t defaults;     // signals that get their default action back
    struct rlimit files;   // RLIMIT_NOFILE
    int outputToError;     // whether its standard output is this process's standard error
    int changesUser;       // whether the next four count
    uid_t user;
    gid_t group;
    const gid_t *groups;
    size_t groupCount;
};

// The C library's setuid(2) and its kin signal all threads of the process; a child between fork and exec has one.
static inline int linux_change_user(const struct linux_command *command) {
#ifdef SYS_setuid32
    enum { setGroups = SYS_setgroups32, setGroup = SYS_setresgid32, setUser = SYS_setresuid32 };
#else
    enum { setGroups = SYS_setgroups, setGroup = SYS_setresgid, setUser = SYS_setresuid };
#endif
    if (syscall(setGroups, command->groupCount, command->groups) != 0) return -1;
    if (syscall(setGroup, command->group, command->group, command->group) != 0) return -1;
    return (int)syscall(setUser, command->user, command->user, command->user);
}

static inline void linux_run(const struct linux_command *command, int reports) {
    struct sigaction standard = {0};
    standard.sa_handler = SIG_DFL;
    for (int number = 1; number < NSIG; number++)
        if (sigismember(&command->defaults, number) == 1) sigaction(number, &standard, NULL);
    int failed = setrlimit(RLIMIT_NOFILE, &command->files);
    if (failed == 0 && command->outputToError && dup2(STDERR_FILENO, STDOUT_FILENO) < 0) failed = -1;
    if (failed == 0 && command->changesUser) failed = linux_change_user(command);
    if (failed == 0) failed = sigprocmask(SIG_SETMASK, &command->mask, NULL);
    if (failed == 0) execve(command->path, command->arguments, command->environment);
    int32_t code = errno;
    while (write(reports, &code, sizeof code) < 0 && errno == EINTR) {}
    _exit(127);
}

// Returns the process, or -1 and errno where the program does not run.
static inline pid_t linux_start(const struct linux_command *command) {
    int ends[2];
    if (syscall(SYS_pipe2, ends, O_CLOEXEC) != 0) return -1;
    pid_t process = fork();
    if (process == 0) linux_run(command, ends[1]);
    int32_t code = errno;
    close(ends[1]);
    if (process > 0) {
        // The end of the pipe comes when the program runs.
        ssize_t count;
        while ((count = read(ends[0], &code, sizeof code)) < 0 && errno == EINTR) {}
        if (count == (ssize_t)sizeof code) {
            while (waitpid(process, NULL, 0) < 0 && errno == EINTR) {}
            process = -1;
        }
    }
    close(ends[0]);
    if (process < 0) errno = code;
    return process;
}
