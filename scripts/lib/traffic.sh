# Real traffic for a demonstration: a web server and its clients over loopback, and some calls that fail.
# Run by busybox sh, in the guest or on the machine itself.
pages=$(mktemp -d) || exit 1
server=
trap 'kill $server 2>/dev/null; rm -r "$pages"' EXIT
trap 'exit 1' HUP INT TERM
echo 'hello, sockets' > "$pages/index.html"
busybox httpd -f -p 127.0.0.1:18080 -h "$pages" &
server=$!
fetch() { busybox wget -q -O /dev/null "$1" 2>/dev/null; }
# Five seconds are enough for it to listen; where something else has the port, there will never be an answer.
tries=0
until fetch http://127.0.0.1:18080/; do
    tries=$((tries + 1))
    if [ $tries = 50 ] || ! kill -0 $server 2>/dev/null; then
        echo 'traffic.sh: no web server on 127.0.0.1:18080' >&2
        exit 1
    fi
    usleep 100000 2>/dev/null || sleep 1
done
for i in 1 2 3; do fetch http://127.0.0.1:18080/; done
# Nobody listens there.
fetch http://127.0.0.1:9/
busybox nslookup sockftrace.invalid 127.0.0.1 >/dev/null 2>&1
exit 0
