#!/bin/sh
# Code that LLVM compiled keeps its objects: by a shadow stack, and by statepoints and stack maps.
. "${srcdir:-.}/tests/shell.sh"
make_scratch

for tool in llc opt objcopy; do
    command -v $tool >/dev/null || skip "there is no $tool (Debian: llvm, binutils)"
done
[ "$(uname -m)" = x86_64 ] || skip "the stack maps of this machine are not known here"

# Before version 15 `ptr` needs a switch, with which statepoints do not work yet.
version=$(llc --version | sed -n 's/.*LLVM version \([0-9]*\).*/\1/p')
opaque=
cp "$srcdir/tests/llvm/statepoint.ll" "$scratch/statepoint.ll"
if [ "$version" -lt 15 ]; then
    opaque=-opaque-pointers
    sed -e '/^;/d' -e 's/ptr addrspace(1)/i8 addrspace(1)*/g' -e 's/ptr/i8*/g' \
        "$srcdir/tests/llvm/statepoint.ll" >"$scratch/statepoint.ll"
fi

compile() { # compile IR OBJECT ARG...
    ir=$1 object=$2
    shift 2
    quietly llc "$@" -O2 -filetype=obj -relocation-model=static "$ir" -o "$object"
}
compile "$srcdir/tests/llvm/shadow.ll" "$scratch/shadow.o" $opaque
quietly opt -passes=rewrite-statepoints-for-gc -S "$scratch/statepoint.ll" -o "$scratch/rewritten.ll"
compile "$scratch/rewritten.ll" "$scratch/statepoint.o"
quietly objcopy --rename-section .llvm_stackmaps=llvm_stackmaps "$scratch/statepoint.o"

# shellcheck disable=SC2086 # compilers and flags may come with arguments
quietly $CC -std=c11 -O1 -Wall -Wextra $SANITIZE -pthread -no-pie -I"$srcdir/include" \
    "$srcdir/tests/llvm/driver.c" "$scratch/shadow.o" "$scratch/statepoint.o" .libs/libbesom.a \
    -o "$scratch/driver"
[ $status = 0 ] || exit $status
for mode in mode=stw mode=incremental,slow mode=concurrent,slow generational,verify \
    mode=concurrent,generational,verify stress=1,poison,verify; do
    quietly timeout 100 "$scratch/driver" "$mode"
done
exit $status
