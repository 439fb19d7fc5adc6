# In a guest: kills each command at random instants and compares the state of tracefs after `clean` with what it was.
# usage: kill-rounds.sh ROUNDS [COMMAND...]
#   commands: trace record flight-recorder summary connections top doctor probes list clean; all of them if none is named
# Prints a line for each command, and what differs where something does. Exit status: 0 nothing ever differed.
rounds=$1
shift
[ $# -gt 0 ] || set -- trace record flight-recorder summary connections top doctor probes list clean
tracing=/sys/kernel/tracing
mount -t debugfs nodev /sys/kernel/debug 2>/dev/null

# Settings, definitions, and what is on; not the counts and contents of buffers, which go on by themselves.
state() {
    cd $tracing || exit 1
    for file in tracing_on trace_clock current_tracer buffer_size_kb buffer_total_size_kb set_event set_event_pid \
        set_event_notrace_pid tracing_cpumask kprobe_events dynamic_events uprobe_events saved_cmdlines_size \
        set_ftrace_filter enabled_functions trace_options events/enable; do
        [ -e $file ] && echo "$file: $(cat $file)"
    done
    ls instances events
    cat /proc/sys/kernel/ftrace_enabled /sys/kernel/debug/kprobes/enabled /sys/kernel/debug/kprobes/list 2>/dev/null
    cd /
}

# A number below $1.
below() { echo $(($(od -A n -N 4 -t u4 /dev/urandom) % $1)); }

microseconds() { read -r up _ < /proc/uptime; echo $((${up%.*} * 1000000 + 1${up#*.} * 10000 - 1000000)); }

run() {
    case $1 in
    trace) exec sockftrace trace --format json -- workload flood 200 64 ;;
    record) exec sockftrace record -o /tmp/killed.dat -- workload flood 200 64 ;;
    # What it waits for is looked for in an instance of its own.
    flight-recorder)
        exec sockftrace record --flight-recorder 1M --on error=ECONNREFUSED -o /tmp/killed.dat -- workload flood 200 64 ;;
    summary) exec sockftrace summary -- workload flood 200 64 ;;
    connections) exec sockftrace connections -- workload flood 200 64 ;;
    top) exec sockftrace top --batch -- workload flood 200 64 ;;
    doctor) exec sockftrace doctor ;;
    # Where type information tells all, `list` changes nothing; `probes show` always installs what it shows.
    probes) exec sockftrace probes show ;;
    list) exec sockftrace list ;;
    clean) exec sockftrace clean ;;
    esac > /dev/null 2>&1
}

# What there is to clean away.
prepare() {
    [ "$1" = clean ] || return
    run trace & tracer=$!
    # Files of tracefs have no size.
    until grep -q . $tracing/kprobe_events; do usleep 10000; done
    kill -KILL $tracer
    wait $tracer
} 2>/dev/null

# The first event that anybody enables gives the top buffer its size; that is not the tracer's doing.
echo 1 > $tracing/events/sched/sched_switch/enable
echo 0 > $tracing/events/sched/sched_switch/enable
state > /tmp/before
failures=0
for command in "$@"; do
    prepare $command
    begin=$(microseconds)
    run $command & wait $!
    length=$(($(microseconds) - begin + 20000))
    interrupted=0 dirty=0 round=0
    while [ $round -lt $rounds ]; do
        round=$((round + 1))
        prepare $command
        run $command & victim=$!
        delay=$(below $length)
        usleep $delay
        kill -KILL $victim 2>/dev/null && interrupted=$((interrupted + 1))
        wait $victim 2>/dev/null
        # What the command had started goes on untraced; it is no part of the tracer's state.
        killall -q workload
        sockftrace clean > /tmp/cleaned 2>&1 || { echo "clean failed after $command, killed after $delay us"; cat /tmp/cleaned; }
        state > /tmp/after
        cmp -s /tmp/before /tmp/after && continue
        dirty=$((dirty + 1))
        echo "$command killed after $delay of $length us left:"
        diff /tmp/before /tmp/after
        state > /tmp/before
    done
    echo "$command: $rounds rounds over $length us, $interrupted killed, $dirty dirty"
    failures=$((failures + dirty))
done
dmesg | grep -E 'WARNING|BUG:|Oops' && failures=$((failures + 1))
[ $failures = 0 ]
