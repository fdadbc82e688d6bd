#!/bin/sh
# java.sh - starts Latency with the collector that the mode names: g1, zgc or shenandoah.
#
# The JVM logs its safepoints to a file that has no name any more, so that nothing is left behind however
# the run ends.
if [ "$1" = about ]; then mode=$2; else
    mode=
    for word; do case $word in mode=*) mode=${word#mode=} ;; esac; done
fi
case $mode in
g1) collector=UseG1GC ;;
zgc) collector=UseZGC ;;
shenandoah) collector=UseShenandoahGC ;;
*) echo "failed mode must be g1, zgc or shenandoah" && exit 1 ;;
esac
if [ "$1" = about ]; then
    java -XX:+$collector -cp '@classes@' Latency about 2>/dev/null ||
        echo "failed java is not installed (Debian: default-jre-headless), or has no -XX:+$collector"
    exit 0
fi
log=$(mktemp) && exec 3<>"$log" && rm -f "$log" || exit 1
exec java -XX:+$collector -Xlog:disable -Xlog:all=warning:stderr \
    -Xlog:safepoint=info:file=/proc/self/fd/3::filecount=0 -Dbesom.log=/proc/self/fd/3 \
    -cp '@classes@' Latency "$@"
