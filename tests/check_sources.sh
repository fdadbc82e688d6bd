#!/bin/sh
# Every file of the project is named in the makefile, so that none is left out of the library, the
# tests or the archive; the version is the same wherever it stands; and README.md names what is installed.
. "${srcdir:-.}/tests/shell.sh"
cd "$srcdir" || exit 1

make_scratch

cat Makefile.am ./*/*.am | tr -s ' \t=' '\n' | sort -u >"$scratch/named"
find bench doc gc hosts include inspect tests weak -type f ! -name '.*' ! -name '*.am' 2>/dev/null |
    while read -r file; do
        # A program of one source may be named without it.
        grep -qxF -e "$file" -e "${file%.c}" "$scratch/named" || echo "$file"
    done >"$scratch/unnamed"
[ ! -s "$scratch/unnamed" ] || fail "not named in Makefile.am: $(cat "$scratch/unnamed")"

version=$(sed -n 's/^AC_INIT(\[besom\], \[\(.*\)\])$/\1/p' configure.ac)
header=$(awk '/define BESOM_VERSION_M/ { printf "%s%s", dot, $3; dot = "." }' include/besom/base.h)
[ "${version%.*}" = "$header" ] ||
    fail "configure.ac says version $version, include/besom/base.h $header"

# packages COMMAND - what run installs for it: the first words of the tables that it needs.
packages() {
    sed -n "/^$1)/,/;;/s/.*need \"\(.*\)\".*/\1/p" run | head -n 1 | tr -s '$' '\n' | while read -r table; do
        [ -z "$table" ] || sed -n "/^$table='/,/^'/s/ .*//p" run
    done | sort
}
# listed FOR... - what the README's rows for these list.
listed() {
    for row in "$@"; do sed -n "s/^| $row | \(.*\) |\$/\1/p" README.md; done | tr ' ' '\n' | sort
}
for command in check bench; do
    packages $command >"$scratch/installed"
    listed both "\`$command\`" >"$scratch/listed"
    [ "$(wc -l <"$scratch/installed")" -gt 10 ] || fail "run: the packages of $command are not found"
    difference=$(comm -3 "$scratch/installed" "$scratch/listed")
    [ -z "$difference" ] || fail "installed for $command, and in the second column listed in README.md, only: $difference"
done
exit $status
