# The main job, three ways, on real traffic. Run by busybox sh with sockftrace in the path.
# usage: demonstration.sh [DIRECTORY]     where trace.dat goes
directory=${1:-.}
say() { printf '\n\033[1m$ %s\033[0m\n' "$*"; }

say "sockftrace trace -- sh traffic.sh"
sockftrace trace -- busybox sh ./traffic.sh

say "sockftrace record -o trace.dat -- sh traffic.sh"
sockftrace record -o "$directory/trace.dat" -- busybox sh ./traffic.sh

say "sockftrace report trace.dat --errors"
sockftrace report "$directory/trace.dat" --errors
