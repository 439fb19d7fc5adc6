# Compares a ledger of endpoints with what strace saw: for each thread, the same calls in the same order, with the same
# descriptors, results and addresses; and wherever strace names a descriptor's socket, the same inode, ends and peer.
# usage: awk -f endpoints.awk LEDGER DIRECTORY/t.TID...        (strace -ff -yy -o DIRECTORY/t)

# Whether one of the ledger's values, A|B, is VALUE.
function among(values, value,    n, i, each) {
    if (values == "?") return 1
    n = split(values, each, "|")
    if (n == 0) return value == ""
    for (i = 1; i <= n; i++) if (each[i] == value) return 1
    return 0
}
# As the ledger encodes it; nothing where strace had to escape something.
function encoded(text,    out, i, byte) {
    if (text ~ /\\/) return ""
    for (i = 1; i <= length(text); i++) {
        byte = substr(text, i, 1)
        if (byte == "@") byte = "%40"
        out = out byte
    }
    return out ~ /^[-A-Za-z0-9_.\/:%]*$/ ? out : ""
}
function between(text, before, after,    start) {
    start = index(text, before)
    if (start == 0) return ""
    text = substr(text, start + length(before))
    return substr(text, 1, index(text, after) - 1)
}
# An address among the arguments, as "address port"; nothing where there is none, or none that can be compared.
function argument(text) {
    if (text ~ /sa_family=AF_INET,/) return between(text, "inet_addr(\"", "\"") " " between(text, "sin_port=htons(", ")")
    if (text ~ /sa_family=AF_INET6,/) return between(text, "inet_pton(AF_INET6, \"", "\"") " " between(text, "sin6_port=htons(", ")")
    if (text ~ /sa_family=AF_UNIX, sun_path=@"/) return encoded("@" between(text, "sun_path=@\"", "\"}")) " -"
    if (text ~ /sa_family=AF_UNIX, sun_path="/) return encoded(between(text, "sun_path=\"", "\"}")) " -"
    if (text ~ /sa_family=AF_NETLINK,/) return "- " between(text, "nl_pid=", ",")
    return ""
}
function differ(what) {
    if (++wrong <= 20) print "thread " tid ": " what "\n    ledger: " wanted "\n    strace: " $0
}
# An end as strace writes it, 127.0.0.1:80 or [::1]:80.
function end_differs(end, key,    port, address) {
    port = end; sub(/.*:/, "", port)
    address = substr(end, 1, length(end) - length(port) - 1)
    gsub(/[\[\]]/, "", address)
    ends++
    # strace remembers what a socket was when it saw it first: any time of its life will do.
    return !((value["inode"], key, address, port) in lived)
}
# All that the ledger says of a socket's ends, at whatever time.
function remember(key,    n, m, i, j, addresses_, ports) {
    n = split(value[key "_address"], addresses_, "|")
    m = split(value[key "_port"], ports, "|")
    for (i = 1; i <= n; i++) for (j = 1; j <= m; j++) lived[value["inode"], key, addresses_[i], ports[j]] = 1
}
# What strace knows of a socket, when it saw it first: TCP:[12], TCP:[a:1->b:2], UNIX-STREAM:[12->13,"/path"].
function socket_differs(text, inode_key,    kind, rest, peer, name) {
    kind = text; sub(/:.*/, "", kind)
    rest = substr(text, length(kind) + 3)
    rest = substr(rest, 1, length(rest) - 1)
    if (kind ~ /^UNIX/) {
        peer = rest; name = ""
        if (index(rest, ",") > 0) { name = substr(rest, index(rest, ",") + 1); peer = substr(rest, 1, index(rest, ",") - 1) }
        if (index(peer, "->") > 0) {
            if (!among(value["remote_inode"], substr(peer, index(peer, "->") + 2))) return "the peer's inode"
            peers++
            peer = substr(peer, 1, index(peer, "->") - 1)
        }
        inodes++
        if (!among(value[inode_key], peer)) return "the inode"
        gsub(/"/, "", name)
        # It ends a name at a 0.
        own = value["local_address"]; gsub(/%00[^|]*/, "", own)
        if (name != "" && encoded(name) != "" && !among(own, encoded(name))) return "the name"
        return ""
    }
    if (rest ~ /^[0-9]+$/) { inodes++; return among(value[inode_key], rest) ? "" : "the inode" }
    if (kind !~ /^(TCP|UDP)/) return ""
    if (index(rest, "->") > 0) {
        if (end_differs(substr(rest, index(rest, "->") + 2), "remote")) return "the remote end"
        rest = substr(rest, 1, index(rest, "->") - 1)
    }
    return end_differs(rest, "local") ? "the local end" : ""
}
function take(line,    words, n, i, at) {
    split("", value)
    n = split(line, words, " ")
    for (i = 1; i <= n; i++) {
        at = index(words[i], "=")
        value[substr(words[i], 1, at - 1)] = substr(words[i], at + 1)
    }
}

BEGIN {
    n = split("EPERM 1 ENOENT 2 EINTR 4 EBADF 9 EAGAIN 11 EFAULT 14 EINVAL 22 EPIPE 32 ENOTSOCK 88 EDESTADDRREQ 89 " \
        "EPROTOTYPE 91 EOPNOTSUPP 95 EAFNOSUPPORT 97 EADDRINUSE 98 EADDRNOTAVAIL 99 ENETUNREACH 101 ECONNRESET 104 " \
        "EISCONN 106 ENOTCONN 107 ETIMEDOUT 110 ECONNREFUSED 111 EALREADY 114 EINPROGRESS 115 ERESTARTSYS 512", names, " ")
    for (i = 1; i < n; i += 2) number[names[i]] = names[i + 1]
}

FNR == NR {
    take($0)
    remember("local")
    remember("remote")
    if (value["alias"] == "" || value["certain"] == "any" || value["call"] ~ /^uring|^exit$|^io_uring/) next
    thread = value["tid"]
    name = value["call"]
    # One line for each system call: its conclusion, or the first of its messages.
    if (name ~ /\[[1-9]\]$/) next
    sub(/\[0\]$/, "", name)
    # The C library's calls that are no system calls.
    if (name == "send") name = "sendto"
    if (name == "recv") name = "recvfrom"
    if (value["alias"] ~ /\.(connect|bind)$/) { asked[thread] = $0; next }
    if (value["alias"] ~ /\.(connected|accept|listen|shutdown)$/) next
    if (value["alias"] == "socket.close" && name != "close") next
    count = ++expected[thread]
    want[thread, count] = $0
    call[thread, count] = name
    if (value["alias"] ~ /\.(connect|bind)\.return$/) before[thread, count] = asked[thread]
    next
}

FNR == 1 { tid = FILENAME; sub(/.*\.t\.|.*\/t\./, "", tid) }

/^[a-z_0-9]+\(/ {
    name = $0; sub(/\(.*/, "", name)
    first = substr($0, length(name) + 2)
    fd = first + 0
    is_socket = first ~ /^[0-9]+<(TCP|TCPv6|UDP|UDPv6|UNIX|UNIX-STREAM|UNIX-DGRAM|UNIX-SEQPACKET|NETLINK|PACKET|socket):/
    if (name ~ /^(read|write|readv|writev|close)$/ && !is_socket) next
    wanted = want[tid, position[tid] + 1]
    take(wanted)
    # Another process or thread still has it.
    if (name == "close" && !(call[tid, position[tid] + 1] == "close" && among(value["fd"], fd))) { copies++; next }
    position[tid]++
    calls++
    if (name != call[tid, position[tid]]) { differ("another call than " call[tid, position[tid]]); next }
    returned = $0; sub(/.*\) += /, "", returned)
    result = returned + 0
    if (returned ~ /^-1 E/) { split(returned, parts, " "); result = -number[parts[2]] }
    if (returned ~ /^\? E/) { split(returned, parts, " "); result = -number[parts[2]] }
    if (name ~ /^(socket|accept4?)$/ && result >= 0) {
        if (!among(value["fd"], result)) differ("the new descriptor")
        result = 0
    } else if (name !~ /^(socket|socketpair)$/ && !among(value["fd"], fd)) {
        differ("the descriptor")
    }
    if (name !~ /^(close|sendmmsg|recvmmsg)$/ && !among(value["result"], result)) differ("the result " result)

    # After the call, what strace remembers may be from before it: of a socket that has just been made or changed.
    text = between(first, "<", ">,"); if (text == "") text = between(first, "<", ">)")
    # An arrow within the description ends it too early.
    if (is_socket && match(first, /^[0-9]+<[^<>]*(->[^<>]*)?>/)) {
        text = substr(first, RSTART, RLENGTH); sub(/^[0-9]+</, "", text); sub(/>$/, "", text)
    }
    if (is_socket && name !~ /^(accept4?|connect|bind|listen|shutdown)$/ && (fault = socket_differs(text, "inode")) != "") differ(fault)
    if (is_socket && name ~ /^accept/ && text ~ /:\[[0-9]+[\],]/) {
        inode = text; sub(/^[^\[]*\[/, "", inode)
        inodes++
        if (!among(value["listener"], inode + 0)) differ("the listener")
    }
    if (name ~ /^accept/ && match(returned, /<[A-Z].*>$/) && (fault = socket_differs(substr(returned, RSTART + 1, RLENGTH - 2), "inode")) != "") differ(fault)

    address = argument($0)
    if (address == "" || address ~ /^ /) next
    addresses++
    if (name ~ /^(connect|bind)$/) take(before[tid, position[tid]])
    split(address, parts, " ")
    key = name == "bind" ? "local" : "remote"
    if (!among(value[key "_address"], parts[1]) || !among(value[key "_port"], parts[2])) differ("the address " address)
}

END {
    for (thread in expected) {
        if (position[thread] + 0 < expected[thread]) {
            missing += expected[thread] - position[thread]
            if (++short <= 5) print "thread " thread ": strace saw " position[thread] + 0 " of " expected[thread] " calls"
        }
    }
    printf "%d calls, %d addresses, %d ends, %d inodes, %d peers compared; %d differ, %d not seen; %d copies closed\n", \
        calls, addresses, ends, inodes, peers, wrong, missing, copies
    exit wrong + missing > 0 || calls == 0
}
