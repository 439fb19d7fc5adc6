# Compares a ledger with the trace that probe.sh took: for each thread, the same operations, in the same order, with the
# same results. The outermost traced function of a thread is one operation, however many more it passes. A close is
# __sock_release, or sock_close where nothing of the kind fired inside.
# usage: awk -f compare.awk LEDGER TRACE

function value(key,    i) {
    for (i = 1; i <= NF; i++) if (index($i, key "=") == 1) return substr($i, length(key) + 2)
    return "-"
}
function class_of_via(via) {
    if (via == "writev") return "aio_write"
    if (via == "readv") return "aio_read"
    return via
}
function class_of_function(name) {
    if (name == "sock_write_iter") return "aio_write"
    if (name == "sock_read_iter") return "aio_read"
    if (name == "sock_sendpage") return "sendpage"
    if (name == "sock_splice_read") return "splice"
    return name ~ /send/ ? "sendmsg" : "recvmsg"
}
function seen(tid, what,    n, wanted) {
    if (!(tid in expected)) {
        if (what ~ /^close/) in_workers++
        return
    }
    n = ++position[tid]
    wanted = want[tid, n]
    # From 6.5 on there is no sendpage: what replaced it goes through sock_sendmsg.
    if (what ~ /^sendmsg /) sub(/^sendpage /, "sendmsg ", wanted)
    if (wanted == what) {
        agreed++
    } else if (++wrong <= 20) {
        print "thread " tid ", operation " n ": the ledger has <" want[tid, n] "> (" call[tid, n] "), the kernel did <" what ">"
    }
}

function closed(tid,    family) {
    family = value("family")
    # No sk: then nothing but accept's copy of the listener's operations knows the family.
    if (value("sk") == "0x0") family = want[tid, position[tid] + 1] ~ /^close 1 [0-9]+ [0-9]+$/ && call[tid, position[tid] + 1] == "accept-eagain" ? substr(want[tid, position[tid] + 1], 9) : "-"
    sub(/^[0-9]+ /, "", family)
    return "close " value("state") " " value("type") " " family
}

FNR == NR {
    lines++
    tid = value("tid")
    if (tid == "-") { for_workers++; next }
    op = value("op")
    if (op == "close") what = "close " value("state") " " value("type") " " value("family")
    else if (op == "create") what = "create " value("family") " " value("type") " " value("protocol") " " value("requester") " " value("result")
    else what = class_of_via(value("via")) " " value("result")
    n = ++expected[tid]
    want[tid, n] = what
    call[tid, n] = value("call")
    next
}

match($0, /-[0-9]+ +\[[0-9]+\] /) {
    rest = substr($0, RSTART + RLENGTH)
    tid = substr($0, RSTART + 1); sub(/ .*/, "", tid)
    if (match(rest, /[0-9.]+: [a-z_]+: \(/) == 0) next
    event = substr(rest, RSTART, RLENGTH - 3)
    sub(/^[0-9.]+: /, "", event)
    if (event == "release") {
        delete closing[tid]
        seen(tid, closed(tid))
    } else if (event == "closing") {
        closing[tid] = value("file") == value("back") ? closed(tid) : "close of a socket that is not beside its inode"
    } else if (event == "closed") {
        if (tid in closing) seen(tid, closing[tid])
        delete closing[tid]
    } else if (event == "create_entry") {
        creating[tid] = "create " value("family") " " value("type") " " value("protocol") " " value("kern")
    } else if (event == "create_return") {
        seen(tid, creating[tid] " " value("r"))
    } else if (sub(/_entry$/, "", event)) {
        if (depth[tid]++ == 0) outermost[tid] = event
    } else if (sub(/_return$/, "", event)) {
        if (--depth[tid] == 0) seen(tid, class_of_function(outermost[tid]) " " value("r"))
    }
}

END {
    for (tid in expected) {
        if (position[tid] + 0 < expected[tid]) {
            missing += expected[tid] - position[tid]
            if (++short <= 5) print "thread " tid ": the kernel did " position[tid] + 0 " of " expected[tid] " operations"
        }
    }
    printf "%d lines, %d agree, %d differ, %d not seen; closes by others: %d expected, %d seen\n", \
        lines, agreed, wrong, missing, for_workers, in_workers
    exit wrong + missing > 0 || for_workers > in_workers
}
