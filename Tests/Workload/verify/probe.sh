#!/bin/sh
# In the guest: runs the workload under plain kprobe events and leaves ledger and trace in /out.
# No part of sockftrace takes part, so that ledger and kernel can be compared without it.
set -e
cd /sys/kernel/tracing
echo mono >trace_clock
echo 24000 >buffer_size_kb

# The size of a pointer and of a long, and where struct socket has its sk.
case $(uname -m) in
i?86 | armv*) bits=32 sk=16 ;;
*) bits=64 sk=24 ;;
esac
# The arguments of a function; 32-bit ARM and POWER know no numbers for them.
case $(uname -m) in
armv*) one=%r0 two=%r1 three=%r2 four=%r3 six='$stack1' ;;
ppc64le) one=%gpr3 two=%gpr4 three=%gpr5 four=%gpr6 six=%gpr8 ;;
*) one='$arg1' two='$arg2' three='$arg3' four='$arg4' six='$arg6' ;;
esac
# probe FUNCTION RESULT-TYPE: entry and return of a function, where this kernel has it.
probe() {
    grep -q " $1\$" /proc/kallsyms || return 0
    echo "p:w/${1}_entry $1" >>kprobe_events
    echo "r2500:w/${1}_return $1 r=\$retval:$2" >>kprobe_events
}
for function in __sys_sendto __sys_recvfrom ____sys_sendmsg ____sys_recvmsg sock_sendmsg __sock_sendmsg sock_recvmsg; do
    probe "$function" s32
done
for function in sock_write_iter sock_read_iter sock_sendpage sock_splice_read; do
    probe "$function" "s$bits"
done
echo "p:w/create_entry __sock_create family=$two:s32 type=$three:s32 protocol=$four:s32 kern=$six:s32" >>kprobe_events
echo 'r64:w/create_return __sock_create r=$retval:s32' >>kprobe_events
# close(2) and exit pass sock_close, and __sock_release inside it unless that is inlined there; the sockets of failed
# calls pass __sock_release alone. A socket lies just before its inode; `file` and `back` agree where that is so.
echo "p:w/release __sock_release state=+0($one):u32 type=+4($one):u16 sk=+$sk($one):x$bits family=+16(+$sk($one)):u16" \
    >>kprobe_events
echo "p:w/closing sock_close file=$two:x64 back=-112($one):x64 state=-128($one):u32 type=-124($one):u16" \
    "sk=-104($one):x64 family=+16(-104($one)):u16" >>kprobe_events
echo 'r2500:w/closed sock_close' >>kprobe_events
echo 1 >events/w/enable
"$@"
echo 0 >events/w/enable
cat trace >/out/trace
cat kprobe_profile >/out/profile
