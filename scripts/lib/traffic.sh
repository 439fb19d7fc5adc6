# Real traffic for a demonstration: a web server and its clients over loopback, and some calls that fail.
# Run by busybox sh, in the guest or on the machine itself.
mkdir -p /tmp/sockftrace-www
echo 'hello, sockets' > /tmp/sockftrace-www/index.html
busybox httpd -f -p 127.0.0.1:18080 -h /tmp/sockftrace-www &
server=$!
until busybox wget -q -O /dev/null http://127.0.0.1:18080/ 2>/dev/null; do :; done
for i in 1 2 3; do busybox wget -q -O /dev/null http://127.0.0.1:18080/; done
# Nobody listens there.
busybox wget -q -O /dev/null http://127.0.0.1:9/ 2>/dev/null
busybox nslookup sockftrace.invalid 127.0.0.1 >/dev/null 2>&1
kill $server
rm -r /tmp/sockftrace-www
