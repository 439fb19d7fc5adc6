#!/bin/sh
# Records what sockets do, through the kernel's tracefs, for sockftrace to report on any machine.
# Made by `sockftrace probes script`; `sh recorder.sh help` says how it is used.
#
# It needs root, a kernel with kprobe events, and what BusyBox has: cat, dd, grep, ls, mkdir, mv, rm, rmdir, sed, sleep, sort,
# tar, uname. Where the kernel does not state where fields lie, mkfifo, nc, ping, ping6, tftp, ip and ifconfig help to find out.
set -eu
umask 077
LC_ALL=C
export LC_ALL

usage() {
    cat <<'END_OF_USAGE'
usage: sh recorder.sh facts >FACTS.tar
       sh recorder.sh [-o FILE] [-t SECONDS] [-b KIB] [-- COMMAND [ARGUMENT...]]
       sh recorder.sh clean

facts    collects what sockftrace has to know of this kernel, as a tar archive; as root. A kernel without type information
         (/sys/kernel/btf) is looked at while sockets of the loopback device are made and used. Then, anywhere:
           sockftrace probes script --for FACTS.tar >recorder.sh
else     records until COMMAND ends, SECONDS are over, or a signal (Ctrl-C) comes. Then, anywhere:
           sockftrace report FILE
clean    removes from the kernel what a killed recorder left there

  -o FILE      the capture, a tar archive (default: capture.tar)
  -t SECONDS   how long to record
  -b KIB       size of the kernel's buffer for each CPU (default: 4096)

Exit status: 0 recorded, 1 failed, 2 wrong usage; with COMMAND its own.
END_OF_USAGE
}

# The kernel that this script was made for, as `uname -rvm` names it; empty where it only collects facts.
made_for() {
    cat <<'END_OF_KERNEL'
@kernel@
END_OF_KERNEL
}

# The probes, a line each: must, may (it can be done without) or list (lists the sockets that there are), the function, the
# kind, the event, and the rest of the definition.
probes() {
    cat <<'END_OF_PROBES'
@probes@
END_OF_PROBES
}

# Events of the kernel's own: SYSTEM/EVENT.
kernel_events() {
    cat <<'END_OF_EVENTS'
@events@
END_OF_EVENTS
}

# What a reader has to know of the probes.
notes() {
    cat <<'END_OF_NOTES'
@notes@
END_OF_NOTES
}

# Functions of which a plan has to know whether the kernel has them.
functions() {
    cat <<'END_OF_FUNCTIONS'
@functions@
END_OF_FUNCTIONS
}

# The registers in which functions get their arguments: the machine, then the first one's, the second one's, and so on.
argument_registers() {
    cat <<'END_OF_REGISTERS'
@registers@
END_OF_REGISTERS
}

say() { echo "recorder: $*" >&2; }

fail() {
    say "$*"
    exit 1
}

misuse() {
    say "$*"
    usage >&2
    exit 2
}

# Sets tracing to the mounted tracefs.
find_tracefs() {
    tracing=
    while read -r _ place type _; do
        case $type in
            tracefs)
                tracing=$place
                break
                ;;
            debugfs) tracing=$place/tracing ;;
        esac
    done </proc/mounts
    [ -n "$tracing" ] || fail "tracefs is not mounted. Fix: mount -t tracefs nodev /sys/kernel/tracing"
    [ -r "$tracing/README" ] || fail "cannot read $tracing/README. Fix: run it as root"
    [ -e "$tracing/kprobe_events" ] ||
        fail "this kernel has no kprobe events. Fix: build it with CONFIG_KPROBES=y and CONFIG_KPROBE_EVENTS=y"
}

# member FILE NAME offset|size: where a field of header_page lies.
member() {
    case $3 in
        offset) sed -n "s/.*[ *]$2;[^a-z]*offset:\([0-9]*\);.*/\1/p" "$1" ;;
        size) sed -n "s/.*[ *]$2;[^a-z]*offset:[0-9]*;[^a-z]*size:\([0-9]*\);.*/\1/p" "$1" ;;
    esac
}

# What the archive is, and how to read its numbers.
describe() {
    echo "sockftrace $1 1"
    # In an ELF file, as dd is one, the sixth byte tells the byte order.
    case $(dd if=/proc/self/exe bs=1 skip=5 count=1 2>/dev/null) in
        "$(printf '\001')") echo "endian little" ;;
        "$(printf '\002')") echo "endian big" ;;
        *) fail "cannot find out this machine's byte order: /proc/self/exe is no ELF file" ;;
    esac
    echo "long $(member "$2" commit size)"
    echo "page $(($(member "$2" data offset) + $(member "$2" data size)))"
}

# The lines of /proc/kallsyms for the functions that a file names. grep takes ten times as long.
find_functions() {
    if command -v awk >/dev/null; then
        awk -v names="$1" 'BEGIN { while ((getline name <names) > 0) wanted[name] } $3 in wanted' /proc/kallsyms
    else
        grep -w -F -f "$1" /proc/kallsyms || true
    fi
}

# Kernels for MIPS handle breakpoints with interrupts on.
warn_of_processor() {
    case $(uname -m) in
        mips*) say "warning: probes can crash this kernel. Fix: start it with rcutree.use_softirq=0" ;;
    esac
}

collect_facts() {
    [ ! -t 1 ] || fail "the facts are a tar archive. Fix: sh recorder.sh facts >facts.tar"
    find_tracefs
    warn_of_processor
    facts=${TMPDIR:-/tmp}/sockftrace-facts.$$
    mkdir "$facts" || fail "cannot make the directory $facts"
    name=sockftrace_sh_$$ children='' trouble=''
    instance=$tracing/instances/$name
    trap leave_facts EXIT
    trap 'exit 1' HUP INT QUIT PIPE ALRM TERM USR1 USR2
    describe facts "$tracing/events/header_page" >"$facts/sockftrace"
    uname -r -v -m >"$facts/kernel"
    uname -m >"$facts/machine"
    cat "$tracing/README" >"$facts/README"
    ls "$tracing" >"$facts/files"
    ls "$tracing/options" >"$facts/options"
    grep -E '^(sched|sock|task|tcp):' "$tracing/available_events" >"$facts/events" || true
    functions >"$facts/functions"
    find_functions "$facts/functions" >"$facts/kallsyms"
    [ -s "$facts/kallsyms" ] ||
        fail "/proc/kallsyms names none of the functions that sockets use"
    if [ -r /sys/kernel/btf/vmlinux ]; then
        cat /sys/kernel/btf/vmlinux >"$facts/btf"
    else
        parts=$facts/memory
        record_memory
    fi
    (cd "$facts" && tar -cf - *)
}

# set_up_instance KIB: a buffer of that size for each CPU, with its switch off, the best clock, and a file for what it records.
set_up_instance() {
    echo 0 >"$instance/tracing_on"
    clock=mono
    echo mono 2>/dev/null >"$instance/trace_clock" || {
        clock=global
        echo global >"$instance/trace_clock"
    }
    echo "$1" >"$instance/buffer_size_kb"
    cpus=
    for cpu in "$instance"/per_cpu/cpu*; do
        cpus="$cpus${cpus:+ }${cpu##*/}"
        mkdir -p "$parts/per_cpu/${cpu##*/}"
        : >"$parts/per_cpu/${cpu##*/}/trace_pipe_raw"
    done
}

# remove NAME: takes an instance and its probes out of the kernel.
remove() {
    if [ -d "$tracing/instances/$1" ]; then
        echo 0 >"$tracing/instances/$1/tracing_on"
        echo 0 >"$tracing/instances/$1/events/enable"
        rmdir "$tracing/instances/$1" || say "left behind: $tracing/instances/$1; later: sh recorder.sh clean"
    fi
    for probe in $(sed -n "s|^[a-z][0-9]*:\($1/[^ ]*\) .*|\1|p" "$tracing/kprobe_events"); do
        echo "-:$probe" >>"$tracing/kprobe_events" || say "left behind: the probe $probe; later: sh recorder.sh clean"
    done
}

clean() {
    find_tracefs
    found=
    for name in $({
        ls "$tracing/instances"
        sed -n 's|^[a-z][0-9]*:\([^/]*\)/.*|\1|p' "$tracing/kprobe_events"
    } | grep '^sockftrace_sh_[0-9]*$' | sort -u); do
        found=yes
        if [ -d "/proc/${name##*_}" ]; then
            say "the recorder ${name##*_} is at work: left as it is"
        else
            remove "$name"
            say "removed $name"
        fi
    done
    [ -n "$found" ] || say "there is nothing to remove"
}

# The net for every end: the kernel is left as it was found.
leave() {
    status=$?
    trap '' HUP INT QUIT PIPE ALRM TERM USR1 USR2
    [ -z "$command" ] || kill "$command" 2>/dev/null || true
    remove "$name"
    [ -n "$keeps_parts" ] || rm -rf "$parts"
    exit "$status"
}

install_probes() {
    probes >"$parts/probes"
    refused=
    while read -r need function kind event definition; do
        case " $refused " in *" $function "*) continue ;; esac
        if echo "$kind:$name/$event $definition" 2>/dev/null >>"$tracing/kprobe_events"; then
            echo "probe $kind:$name/$event $definition" >>"$parts/notes"
            mkdir -p "$parts/events/$name/$event"
            cat "$instance/events/$name/$event/format" >"$parts/events/$name/$event/format"
            if [ "$need" = list ]; then lists="$lists $event"; else events="$events $name/$event"; fi
            continue
        fi
        if [ "$need" = must ]; then
            [ ! -e "$tracing/error_log" ] || tail -n 4 "$tracing/error_log" >&2
            fail "the kernel refuses the probe $kind:$name/$event $definition. Fix: boot another kernel. Some, such as" \
                "riscv64's before 7, take no probe at the entry of a function"
        fi
        refused="$refused $function"
        echo "remark the kernel refuses a probe of $function" >>"$parts/notes"
    done <"$parts/probes"
    rm "$parts/probes"
    for event in $(kernel_events); do
        [ -e "$instance/events/$event/enable" ] || continue
        mkdir -p "$parts/events/$event"
        cat "$instance/events/$event/format" >"$parts/events/$event/format"
        case $event in
            task/* | sched/*) task_events="$task_events $event" ;;
            *) events="$events $event" ;;
        esac
    done
}

# switch 0|1 EVENT...
switch() {
    value=$1
    shift
    for event in "$@"; do echo "$value" >"$instance/events/$event/enable"; done
}

# Which thread had which name. One that holds a line end is left out: it is not known whole.
list_tasks() {
    for task in /proc/[0-9]*/task/[0-9]*; do
        process=${task#/proc/}
        { IFS= read -r comm && ! IFS= read -r _; } 2>/dev/null <"$task/comm" || comm=
        if [ -n "$comm" ]; then
            printf 'task-name %s %s %s\n' "${task##*/}" "${process%%/*}" "$comm"
        elif [ -d "$task" ]; then
            echo "task ${task##*/} ${process%%/*} -"
        fi
    done 2>/dev/null
}

# The kernel passes the probed functions for each line of these files.
list_sockets() {
    [ -n "$lists" ] || return 0
    for event in $lists; do switch 1 "$name/$event"; done
    # One process of each network namespace.
    for process in self $(ls -l /proc/[0-9]*/ns/net 2>/dev/null |
        sed -n 's|.* /proc/\([0-9]*\)/ns/net -> \(.*\)|\2 \1|p' | sort -u -k 1,1 | sed 's/.* //'); do
        for list in tcp tcp6 udp udp6 raw raw6 icmp icmp6 unix netlink; do
            [ ! -e "/proc/$process/net/$list" ] || cat "/proc/$process/net/$list"
        done >/dev/null 2>&1 || true
    done
    for event in $lists; do switch 0 "$name/$event"; done
}

# The trace clock now, in nanoseconds: the kernel tells seconds with six digits behind the point.
clock_now() {
    sed -n 's/^now ts: *\([0-9]*\)\.\([0-9]*\)$/\1\2000/p' "$instance/per_cpu/${cpus%% *}/stats"
}

# Waits for the second to change: BusyBox's date tells nothing finer.
note_time() {
    before=$(date +%s)
    while after=$(date +%s) && [ "$after" = "$before" ]; do :; done
    echo "wall-time $(clock_now) ${after}000000000" >>"$parts/notes"
}

# Sets entries to the records that a CPU's buffer holds.
count_entries() {
    entries=0
    while IFS=': ' read -r key value; do
        [ "$key" != entries ] || entries=$value
    done <"$instance/per_cpu/$1/stats"
}

# take CPU PAGES: moves so many sub-buffers. Each read takes one, and waits where there is no record at all.
take() {
    dd if="$instance/per_cpu/$1/trace_pipe_raw" bs="$page" count="$2" 2>/dev/null >>"$parts/per_cpu/$1/trace_pipe_raw" &&
        return 0
    stopping=yes
    trouble="the records of $1 could not be written to $parts"
}

# Moves what is certainly there. No record takes fewer than 16 bytes, so so many records fill so many sub-buffers.
drain() {
    is_busy=
    for cpu in $cpus; do
        count_entries "$cpu"
        pages=$((entries * 16 / page))
        [ "$pages" -gt 0 ] || continue
        take "$cpu" "$pages"
        [ "$((pages * page / 128))" -lt "$kilobytes" ] || is_busy=yes
    done
}

drain_all() {
    for cpu in $cpus; do
        while count_entries "$cpu" && [ "$entries" -gt 0 ] && [ -z "$trouble" ]; do
            pages=$((entries * 16 / page))
            [ "$pages" -gt 0 ] || pages=1
            take "$cpu" "$pages"
        done
        cat "$instance/per_cpu/$cpu/stats" >"$parts/per_cpu/$cpu/stats"
    done
}

# Returns that the kernel could not record. On some kernels the counts of closings say nothing: there each look behind a null
# pointer counts.
note_misses() {
    missed=0
    while read -r event _ count _; do
        case " $events " in *" $name/$event "*) ;; *) continue ;; esac
        case $event in
            close_*) ;;
            *_return*) missed=$((missed + count)) ;;
        esac
    done <"$tracing/kprobe_profile"
    echo "missed $missed" >>"$parts/notes"
}

is_running() {
    case $(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null) in
        '' | Z* | X*) return 1 ;;
    esac
}

uptime_seconds() { sed 's/\..*//' /proc/uptime; }

# span NAME POINTER BYTES: what records the memory behind a pointer. The kernel takes arrays of at most 64 elements.
span() {
    start=0
    while [ "$start" -lt "$3" ]; do
        words=$((($3 - start) / 8))
        [ "$words" -le 63 ] || words=63
        printf ' %s_%s=+%s(%s):x64[%s]' "$1" "$start" "$start" "$2" "$words"
        start=$((start + 8 * words))
    done
}

# span_behind NAME POINTER WORD: what records the memory behind each of the first 16 words behind a pointer.
span_behind() {
    word=0
    while [ "$word" -lt 16 ]; do
        printf ' %s_%s_0=+0(+%s(%s)):x64[16]' "$1" "$((word * $3))" "$((word * $3))" "$2"
        word=$((word + 1))
    done
}

# Sets argument1 to argument4 to what a probe calls a function's arguments.
name_arguments() {
    # shellcheck disable=SC2016
    set -- '$arg1' '$arg2' '$arg3' '$arg4'
    # shellcheck disable=SC2016
    if ! grep -q -F '$arg<N>' "$tracing/README"; then
        # shellcheck disable=SC2046
        set -- $(argument_registers | sed -n "s/^$(uname -m) //p")
        [ $# -ge 4 ] || return 1
    fi
    argument1=$1 argument2=$2 argument3=$3 argument4=$4
}

# memory_probes WORD: probes that record memory whose contents follow from what the functions are given and from /proc/net,
# a line each: the kind, the event, the function, the rest. Words have so many bytes.
memory_probes() {
    hex=x$((8 * $1))
    echo "p create___sock_create __sock_create family=$argument2:s32 type=$argument3:s32 protocol=$argument4:s32"
    echo "p made_sock_init_data sock_init_data socket=$argument1:$hex sock=$argument2:$hex"
    echo "p connect_inet_stream_connect inet_stream_connect socket=$argument1:$hex$(span memory "$argument1" 640)"
    # shellcheck disable=SC2016
    echo 'r connected_inet_stream_connect inet_stream_connect result=$retval:s32'
    # Where a connection is refused, its sock holds the error here, and none when connect(2) has told it.
    echo "p ended_tcp_done tcp_done sock=$argument1:$hex$(span memory "$argument1" 1056)"
    for function in inet_sendmsg inet6_sendmsg unix_stream_sendmsg unix_dgram_sendmsg netlink_sendmsg packet_sendmsg \
        inet_recvmsg inet6_recvmsg unix_stream_recvmsg unix_dgram_recvmsg netlink_recvmsg packet_recvmsg; do
        echo "p message_$function $function socket=$argument1:$hex header=$argument2:$hex size=$argument3:$hex$(
            span memory "$argument1" 640; span message "$argument2" 192)"
    done
    echo "p copy_skb_copy_datagram_iter skb_copy_datagram_iter iterator=$argument3:$hex"
    for function in sock_read_iter sock_write_iter; do
        echo "p control_$function $function$(span memory "$argument1" 96)"
    done
    echo "p close_sock_close sock_close file=$argument2:$hex$(span memory "$argument2" 496)"
    # These give on the file that they are given in a struct kiocb, each from its own place on the stack.
    for function in seq_read kernel_read; do echo "p file_$function $function file=$argument1:$hex"; done
    for function in seq_read_iter generic_file_read_iter shmem_file_read_iter; do
        echo "p kiocb_$function $function$(span memory "$argument1" 96)"
    done
    for function in inet_release inet6_release unix_release netlink_release packet_release; do
        echo "p release_$function $function socket=$argument1:$hex$(
            span memory "$argument1" 640; span_behind behind "$argument1" "$1")"
    done
    for function in tcp4_seq_show tcp6_seq_show udp4_seq_show udp6_seq_show raw_seq_show raw6_seq_show unix_seq_show \
        netlink_seq_show netlink_native_seq_show; do
        echo "p row_$function $function sock=$argument2:$hex$(span memory "$argument2" 1056)"
    done
}

# start INPUT COMMAND...: runs it beside the script. What is not there leaves something unknown.
start() {
    input=$1
    shift
    "$@" <"$input" >/dev/null 2>&1 &
    children="$children $!"
}

# await_socket PATTERN: waits for a line of /proc/net/tcp or tcp6, three seconds at most.
await_socket() {
    until=$(($(uptime_seconds) + 3))
    while ! cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | grep -q "$1" && [ "$(uptime_seconds)" -lt "$until" ]; do :; done
}

# What /proc/net tells of the sockets at this moment, each file behind the number of the process that reads it: the kernel
# passes a probed function for each line.
read_rows() {
    for file in tcp tcp6 udp udp6 raw raw6 unix netlink; do
        [ ! -r "/proc/net/$file" ] ||
            sh -c 'echo $$; exec cat "$1"' sh "/proc/net/$file" >"$parts/rows/$1.$file" 2>/dev/null || true
    done
}

# Makes sockets of as many kinds as there are programs for it, all on the loopback device, and looks at them.
make_sockets() {
    mkdir "$parts/rows"
    mkfifo "$parts/idle" "$parts/words1" "$parts/words2" "$parts/words3" "$parts/words4"
    exec 4<>"$parts/idle" 5<>"$parts/words1" 6<>"$parts/words2" 7<>"$parts/words3" 8<>"$parts/words4"
    port=$((20000 + $$ % 10000))
    for number in 1 2 3 4; do
        start "$parts/idle" nc -l -p "$((port + number))"
        await_socket ":$(printf %04X "$((port + number))") .* 0A "
    done
    read_rows 1
    for number in 2 3 4; do
        start /dev/null ping -I "127.0.0.$number" 127.0.0.1
    done
    start /dev/null ping6 ::1
    start /dev/null tftp -g -r sockftrace -l /dev/null 127.0.0.1
    for number in 1 2 3; do
        start "$parts/words$number" nc "127.0.0.$((number + 1))" "$((port + number))"
    done
    start "$parts/words4" nc ::1 "$((port + 4))"
    for number in 1 2 3 4; do
        await_socket " [0-9A-F]*:[0-9A-F]* [0-9A-F]*:$(printf %04X "$((port + number))") 01 "
    done
    read_rows 2
    for size in 137 1139 541; do
        for number in 1 2 3 4; do
            printf "%0$((size + number))d" 0 >"$parts/words$number"
        done
        sleep 1
    done
    for number in 1 2 3; do
        ip link || true
        ifconfig lo || true
        ls -l / || true
        cat "$tracing/kprobe_profile"
    done >/dev/null 2>&1
    end_sockets
    # Nobody listens there any more.
    for number in 1 2 3; do start /dev/null nc 127.0.0.1 "$((port + number))"; done
    sleep 1
    end_sockets
    rm -f "$parts/idle" "$parts"/words?
}

end_sockets() {
    exec 4<&- 5<&- 6<&- 7<&- 8<&-
    # shellcheck disable=SC2086
    [ -z "$children" ] || kill $children 2>/dev/null || true
    for child in $children; do wait "$child" 2>/dev/null || true; done
    children=
}

# Records the memory of sockets whose kind, ends and numbers are known otherwise.
record_memory() {
    name_arguments && mkdir "$parts" "$instance" || return 0
    set_up_instance 1024
    cat "$tracing/events/header_page" >"$parts/header_page"
    page=$(sed -n 's/^page //p' "$facts/sockftrace")
    memory_probes "$(sed -n 's/^long //p' "$facts/sockftrace")" >"$parts/probes"
    while read -r kind event function arguments; do
        # One that is refused leaves something unknown.
        echo "$kind:$name/$event $function $arguments" 2>/dev/null >>"$tracing/kprobe_events" || continue
        mkdir -p "$parts/events/$name/$event"
        cat "$instance/events/$name/$event/format" >"$parts/events/$name/$event/format"
        echo 1 >"$instance/events/$name/$event/enable" || true
    done <"$parts/probes"
    rm "$parts/probes"
    echo 1 >"$instance/tracing_on"
    make_sockets
    echo 0 >"$instance/tracing_on"
    echo 0 >"$instance/events/enable"
    drain_all
    [ -z "$trouble" ] || fail "$trouble"
}

leave_facts() {
    trap '' HUP INT QUIT PIPE ALRM TERM USR1 USR2
    [ -z "$children" ] || end_sockets
    remove "$name"
    rm -rf "$facts"
}

pack() {
    cat "$tracing/saved_cmdlines" >"$parts/saved_cmdlines"
    cat "$tracing/kprobe_profile" >"$parts/kprobe_profile"
    # First what describes the records, so that an archive that was cut short can be read as far as it goes.
    if (cd "$parts" && tar -cf - sockftrace kernel header_page header_event notes saved_cmdlines kprobe_profile events \
        per_cpu) >"$output.partial" && mv "$output.partial" "$output"; then
        return 0
    fi
    rm -f "$output.partial"
    keeps_parts=yes
    fail "cannot write $output; what was recorded is in $parts. Fix: make room, then: tar -cf FILE -C $parts ."
}

prepare() {
    find_tracefs
    warn_of_processor
    [ -n "$(made_for)" ] ||
        fail "this script knows no kernel yet. Fix: sh recorder.sh facts >facts.tar, then elsewhere: sockftrace probes" \
            "script --for facts.tar >recorder.sh"
    [ "$(made_for)" = "$(uname -r -v -m)" ] ||
        fail "this script was made for the kernel $(made_for), and this is $(uname -r -v -m). Fix: collect the facts anew:" \
            "sh recorder.sh facts >facts.tar"
    [ -w "$tracing/kprobe_events" ] || fail "cannot write to $tracing/kprobe_events. Fix: run it as root"
    # PROC_PID_INIT_INO in the kernel's include/linux/proc_ns.h.
    case $(ls -l /proc/self/ns/pid 2>/dev/null) in
        '' | *'pid:[4026531836]') ;;
        *) fail "processes have other numbers here than in the kernel. Fix: run it outside of the container" ;;
    esac
    mkdir "$parts" || fail "cannot make the directory $parts"
    trap leave EXIT
    trap 'stopping=yes' HUP INT QUIT PIPE ALRM TERM USR1 USR2
    mkdir "$instance" || fail "cannot make $instance"
    set_up_instance "$kilobytes"
    header=$instance/events/header_page
    [ -e "$header" ] || header=$tracing/events/header_page
    cat "$header" >"$parts/header_page"
    cat "$tracing/events/header_event" >"$parts/header_event"
    describe capture "$header" >"$parts/sockftrace"
    echo "clock $clock" >>"$parts/sockftrace"
    page=$(sed -n 's/^page //p' "$parts/sockftrace")
    uname -s -n -r -v -m >"$parts/kernel"
    notes >"$parts/notes"
    {
        echo "tracer $$"
        [ ! -r /proc/sys/kernel/random/boot_id ] || sed 's/^/boot /' /proc/sys/kernel/random/boot_id
    } >>"$parts/notes"
    [ "$clock" != mono ] || note_time
    install_probes
}

# Births and names of tasks first, then the tasks that live, then the probes, all at once, then the sockets that live.
begin() {
    # shellcheck disable=SC2086
    switch 1 $task_events
    echo 1 >"$instance/tracing_on"
    list_tasks >>"$parts/notes"
    echo 0 >"$instance/tracing_on"
    # shellcheck disable=SC2086
    switch 1 $events
    echo 1 >"$instance/tracing_on"
    list_sockets
    echo "begin $(clock_now)" >>"$parts/notes"
}

record() {
    output=capture.tar seconds='' kilobytes=4096
    while [ $# -gt 0 ]; do
        case $1 in
            -o | -t | -b)
                [ $# -ge 2 ] || misuse "$1 needs a value"
                case $1 in
                    -o) output=$2 ;;
                    -t) seconds=$2 ;;
                    -b) kilobytes=$2 ;;
                esac
                shift 2
                ;;
            --)
                shift
                [ $# -gt 0 ] || misuse "there is no command behind --"
                break
                ;;
            *) misuse "$1 is no option" ;;
        esac
    done
    case $seconds$kilobytes in *[!0-9]*) misuse "-t and -b take whole numbers" ;; esac
    name=sockftrace_sh_$$
    parts=$output.parts command='' stopping='' trouble='' keeps_parts='' events='' task_events='' lists='' status=0
    # Found here, as the net below needs it.
    tracing=''
    find_tracefs
    instance=$tracing/instances/$name
    prepare
    begin
    if [ $# -gt 0 ]; then
        "$@" <&3 3<&- &
        command=$!
        printf 'follow-tracer\ncommand %s\n' "$command" >>"$parts/notes"
    else
        say "recording; Ctrl-C ends it"
    fi
    end=
    [ -z "$seconds" ] || end=$(($(uptime_seconds) + seconds))
    while [ -z "$stopping" ]; do
        drain
        [ -z "$command" ] || is_running "$command" || break
        [ -z "$end" ] || [ "$(uptime_seconds)" -lt "$end" ] || break
        [ -z "$is_busy" ] || continue
        # A signal ends wait at once, and would not end sleep.
        sleep 1 &
        wait $! || true
    done
    if [ -n "$command" ]; then
        ! is_running "$command" || kill "$command" || true
        wait "$command" || status=$?
        command=
    fi
    echo 0 >"$instance/tracing_on"
    echo 0 >"$instance/events/enable"
    drain_all
    note_misses
    [ -z "$trouble" ] || echo "early-end $trouble" >>"$parts/notes"
    pack
    say "$output is complete. Next, on any machine: sockftrace report $output"
    [ -z "$trouble" ] || fail "$trouble"
    exit "$status"
}

exec 3<&0
case ${1:-} in
    facts) collect_facts ;;
    clean) clean ;;
    help | -h | --help) usage ;;
    *) record "$@" ;;
esac
