#!/bin/sh
# In the guest: counts how often each function fires under a kprobe while a command runs, in /out/hits:
# FUNCTION COUNT, "-" where the kernel has no such symbol, "refused" where it takes no probe there.
# usage: hits.sh FUNCTIONS COMMAND [ARGUMENT...]     (FUNCTIONS: a file, one name a line)
set -e
functions=$1
shift
cd /sys/kernel/tracing
grep ' [tTwW] ' /proc/kallsyms | sed 's/.* [tTwW] //; s/\t.*//' | sort -u >/tmp/symbols
while read -r function; do
    grep -qx "$function" /tmp/symbols || continue
    echo "p:w/$function $function" >>kprobe_events 2>/dev/null || true
done <"/test/$functions"
echo 1 >events/w/enable
"$@"
echo 0 >events/w/enable
while read -r function; do
    hits=$(awk -v name="$function" '$1 == name { print $2; exit }' kprobe_profile)
    if [ -z "$hits" ]; then
        hits=-
        ! grep -qx "$function" /tmp/symbols || hits=refused
    fi
    echo "$function $hits"
done <"/test/$functions" >/out/hits
