# Runs one guest under QEMU and says how it ended. Sourced, never run.

qemu_process=

qemu_stop() {
    if [[ -n $qemu_process ]]; then
        kill -TERM "$qemu_process" 2>/dev/null || true
        wait "$qemu_process" 2>/dev/null || true
        qemu_process=
    fi
}

# qemu_machine IMAGE INITRAMFS: sets `machine`, the command line for the kernel's architecture. Every machine has four
# lines (console, the command's output and errors, and the result's slow way) and a disk (the result's quick way).
qemu_machine() {
    local port line ports=(console stdout stderr result.serial) bases=(0x3f8 0x2f8 0x3e8 0x2e8) lines=(4 3 5 7)
    local append="quiet panic=-1 oops=panic ${option_append[*]-}" cpu=qemu64,+smap,+smep disk=nvme
    case $option_architecture in
    s390x)
        machine=(
            qemu-system-s390x -cpu max -append "console=ttysclp0 $append" -device sclpconsole,chardev=port0
            -device virtio-serial-ccw,id=lines -device virtio-blk-ccw,drive=result
        )
        for port in 1 2 3; do
            machine+=(-device "virtserialport,bus=lines.0,nr=$port,chardev=port$port")
        done
        ;;
    riscv64)
        # The kernel has four serial lines in all: the console's, and of this card the first three.
        machine=(
            qemu-system-riscv64 -machine virt -append "console=ttyS0 $append" -serial chardev:port0
            -device pci-serial-4x,chardev1=port1,chardev2=port2,chardev3=port3
            -device virtio-blk-pci,drive=result
        )
        ;;
    mips64el)
        # Three lines of the board's own and one of a card. The kernel handles breakpoints with interrupts on: one after which
        # RCU frees a dead task (kprobe_flush_task) makes it forget the probe that it is at, of which it dies. A thread of
        # RCU's own does not come in between.
        machine=(
            qemu-system-mips64el -machine malta -cpu MIPS64R2-generic -append "console=ttyS0 rcutree.use_softirq=0 $append"
            -serial chardev:port0 -serial chardev:port1 -serial chardev:port2 -device pci-serial,chardev=port3
            -device "$disk,serial=result,drive=result"
        )
        ;;
    arm64 | armhf | ppc64el)
        # One line of its own and a card with four, of which the first is left alone, as elsewhere the console's. armhf's
        # kernel has 32 bits for physical addresses, too; this model of an arm64 knows pages of 4, 16 and 64 KiB. QEMU's own
        # firmware (vof) boots ppc64el in half the time of the usual one. tcg has none of a POWER9's barriers against
        # speculation (cap-*): not told so, QEMU warns of each.
        case $option_architecture in
        arm64) machine=(qemu-system-aarch64 -machine virt -cpu neoverse-n1) line=ttyAMA0 ;;
        armhf) machine=(qemu-system-arm -machine virt,highmem=off -cpu cortex-a15) line=ttyAMA0 ;;
        ppc64el)
            machine=(qemu-system-ppc64 -machine "pseries,x-vof=on,cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken" -cpu power9)
            line=hvc0
            ;;
        esac
        # The disk is one that the kernel has a driver for.
        if [[ -e $(dirname -- "$1")/virtio_blk.ko ]]; then disk=virtio-blk-pci; fi
        machine+=(
            -append "console=$line $append" -serial chardev:port0
            -device pci-serial-4x,chardev2=port1,chardev3=port2,chardev4=port3
            -device "$disk,serial=result,drive=result"
        )
        ;;
    *)
        # `-cpu max` makes 6.12 oops under QEMU 7.2; this model boots every kernel.
        case $option_architecture/$option_accel in
        */kvm) cpu=host ;;
        i386/*) cpu=qemu32 ;;
        esac
        # Emulated, the timer's interrupt can come too late for the kernel's check of it, which then panics; and the time
        # stamp counters can seem apart, upon which it takes the HPET, whose readers share what one of them has read: where
        # that CPU waits for its turn, times are milliseconds old.
        machine=(
            "qemu-system-${option_architecture/amd64/x86_64}" -cpu "$cpu" -append "console=ttyS0 no_timer_check tsc=reliable $append"
            -device "$disk,serial=result,drive=result"
        )
        # An interrupt line each: two ports sharing one lose interrupts in some kernels.
        for port in 0 1 2 3; do
            machine+=(-device "isa-serial,index=$port,iobase=${bases[port]},irq=${lines[port]},chardev=port$port")
        done
        ;;
    esac
    # All CPUs of the guest in one thread, by turns. With a thread each, one CPU now and then runs code that another is
    # patching, as it does whenever probes come and go: the kernel then jumps to address 0 or never leaves a loop.
    # Of armhf's the second never begins so.
    local accelerator=$option_accel
    [[ $option_accel != tcg || $option_architecture == armhf ]] || accelerator=tcg,thread=single
    machine+=(
        -accel "$accelerator" -smp "$option_cpus" -m "$option_memory" -nodefaults -display none -no-reboot
        -kernel "$1" -initrd "$2" -drive "if=none,id=result,format=raw,cache=unsafe,file=$temporary/result.disk"
    )
    # Where all sleep, the clock leaps to the next timer instead of waiting for it.
    [[ $option_clock == real ]] || machine+=(-icount shift=0,sleep=off -smp 1)
    # The kernel knows of one CPU of this board only.
    [[ $option_architecture != mips64el ]] || machine+=(-smp 1)
    for port in 0 1 2 3; do
        machine+=(-chardev "file,id=port$port,path=$temporary/${ports[port]}")
    done
}

# qemu_boot IMAGE INITRAMFS: runs the guest to its end, with its console in $temporary/console, the command's
# output passed on as it comes, and the result in $temporary/result.disk or $temporary/result.serial.
# Sets qemu_outcome to one of: done timeout panic-early panic emulator lost-early lost
# ("early": before the command began; "lost": QEMU ended, and there is no result).
qemu_boot() {
    local image=$1 initramfs=$2 status=0 began= copiers=() machine=()
    : >"$temporary/console"
    rm -f "$temporary"/{stdout,stderr,result.disk,result.serial}
    truncate -s 4G "$temporary/result.disk"
    mkfifo "$temporary/stdout" "$temporary/stderr"
    cat "$temporary/stdout" &
    copiers+=($!)
    cat "$temporary/stderr" >&2 &
    copiers+=($!)
    # Opened here too, so that the copiers end even when QEMU never opens them.
    exec 8>"$temporary/stdout" 7>"$temporary/stderr"

    qemu_machine "$image" "$initramfs"

    # setpriv: QEMU must not outlive this script, not even when it is killed with SIGKILL.
    timeout --kill-after=5 "$option_timeout" setpriv --pdeathsig KILL \
        "${machine[@]}" </dev/null >"$temporary/qemu.log" 2>&1 7>&- 8>&- &
    qemu_process=$!
    wait "$qemu_process" || status=$?
    qemu_process=
    exec 7>&- 8>&-
    wait "${copiers[@]}"

    if grep -q '^guest-init: the command begins' "$temporary/console"; then
        began=yes
    fi
    if grep -q '^guest-init: the result is on the' "$temporary/console"; then
        qemu_outcome=done
    elif [[ $status == 137 ]]; then
        # It did not even end when it was asked to, which is no guest's doing: its threads wait for each other.
        qemu_outcome=emulator
    elif [[ $status == 124 ]]; then
        qemu_outcome=timeout
    elif grep -q 'Kernel panic' "$temporary/console"; then
        qemu_outcome=panic${began:--early}
    else
        qemu_outcome=lost${began:--early}
    fi
    qemu_outcome=${qemu_outcome%yes}
    # One emulated CPU may run a breakpoint of code that another has finished patching: the kernel then knows it neither
    # as its own nor as a probe's, and dies (exc_int3). No program in the guest can bring that about.
    if [[ $qemu_outcome == panic ]] && grep -q 'int3: 0000 \[#1\]' "$temporary/console"; then
        qemu_outcome=emulator
    fi
}

# qemu_take_result DIRECTORY: unpacks what the guest sent; sets guest_status to the command's.
qemu_take_result() {
    local directory=$1 way
    way=$(sed -n 's/^guest-init: the result is on the \([a-z]*\).*/\1/p' "$temporary/console" | head -n 1)
    mkdir -p "$temporary/result"
    tar -x --no-same-owner -C "$temporary/result" -f "$temporary/result.$way" ||
        die 121 "the guest's result could not be unpacked"
    guest_status=$(<"$temporary/result/status")
    if [[ -n $directory ]]; then
        mkdir -p "$directory"
        cp -a "$temporary/result/out/." "$directory/"
    fi
}

# What the kernel and QEMU said last, for an error message.
qemu_tail() {
    {
        cat "$temporary/qemu.log"
        # What it died of stands above its registers and its stack.
        tr -d '\r' <"$temporary/console" | grep -m 3 -E 'Oops|BUG:|int3: |WARNING:' || true
        tr -d '\r' <"$temporary/console" | tail -n 40
    } | sed 's/^/  | /' >&2
}
