#!/bin/sh
# Every file of the project is named in the makefile, so that none is left out of the library, the
# tests or the archive; and the version is the same wherever it stands.
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
exit $status
