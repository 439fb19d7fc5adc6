# In a guest: programs that people run, each under strace, all traced. Made for Tests/Judges/strace.
# Leaves /out/events (JSON lines), /out/strace/t.TID (one thread's system calls each) and /out/ss.
mkdir -p /out/strace /tmp/www /var/log/nginx /var/lib/nginx /run
echo 'a page' > /tmp/www/index.html
cat > /tmp/nginx.conf <<'END'
daemon off; worker_processes 1; pid /tmp/nginx.pid; user root; error_log /tmp/nginx.log;
events { worker_connections 64; }
http {
    access_log off; sendfile off; keepalive_timeout 2;
    server {
        listen 127.0.0.1:8080; listen [::1]:8080; listen unix:/tmp/nginx.sock;
        root /tmp/www;
        location /redis { proxy_pass http://127.0.0.1:6379; }
    }
}
END
cat > /tmp/datagrams.py <<'END'
import socket
def exchange(family, host):
    with socket.socket(family, socket.SOCK_DGRAM) as server, socket.socket(family, socket.SOCK_DGRAM) as client:
        server.bind((host, 0))
        for size in (1, 100, 1400):
            client.sendto(bytes(size), server.getsockname())
            data, peer = server.recvfrom(2000)
            server.sendto(data + data, peer)
            client.recv(4000)
        client.connect(server.getsockname())
        client.send(b"connected")
        server.recv(100, socket.MSG_PEEK)
        server.recv(100)
exchange(socket.AF_INET, "127.0.0.1")
exchange(socket.AF_INET6, "::1")
one, other = socket.socketpair()
one.sendall(b"to the other end")
other.recv(100)
one.close(), other.close()
server = socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True)
with socket.create_connection(("127.0.0.1", server.getsockname()[1])) as client, server.accept()[0] as accepted:
    client.sendall(b"mapped")
    accepted.recv(100)
    accepted.sendall(b"back")
    client.recv(100)
END
cat > /tmp/programs <<'END'
await() { until "$@" > /dev/null 2>&1; do usleep 50000; done; }
listens() { grep -qi ":$1 00000000:0000 0A" /proc/net/tcp; }
nginx -c /tmp/nginx.conf & nginx=$!
redis-server --save '' --port 6379 --bind 127.0.0.1 > /dev/null & redis=$!
await listens 1F90; await listens 18EB
curl -s -o /dev/null http://127.0.0.1:8080/
curl -s -o /dev/null -g 'http://[::1]:8080/' 'http://[::1]:8080/nothing'
curl -s -o /dev/null --unix-socket /tmp/nginx.sock http://localhost/
curl -s -o /dev/null http://127.0.0.1:8080/redis
curl -s -o /dev/null http://127.0.0.1:81/
redis-cli set key value
redis-benchmark -t set,lrange -n 20 -c 4 -q
iperf3 -s -1 > /dev/null & iperf3=$!
await grep -qi ':1451 00000000000000000000000000000000:0000 0A' /proc/net/tcp6
iperf3 -c 127.0.0.1 -n 256K > /dev/null
wait $iperf3
python3 /tmp/datagrams.py
nslookup answer.example 127.0.0.1
# Held open for ss to look at.
mkfifo /tmp/nothing; exec 5<> /tmp/nothing
nc 127.0.0.1 6379 <&5 > /dev/null & held=$!
await sh -c 'ss -tn | grep ESTAB | grep -c :6379 | grep -qx 2'
ss -tanpe > /out/ss 2> /dev/null
redis-cli shutdown nosave
wait $redis
kill $nginx $held
wait
END
sockftrace trace --format json -o /out/events -- \
    strace -ff -yy -s 0 -o /out/strace/t -e signal=none -e trace=network,read,write,readv,writev,close \
    sh /tmp/programs > /out/said 2>&1
echo "traced $?"
