# amalgamate.awk - writes the library as one besom.c and one besom.h.
#
#     awk -f amalgamate.awk SOURCE-DIRECTORY VERSION FILE...
#
# writes both to the current directory; files that are not .c are ignored.  Every header of ours is
# put where it is first included, the public ones in besom.h.  Headers of the system stay where
# they are included, but are read with default visibility, since the rest of besom.c is hidden;
# the macros that choose among their features (_GNU_SOURCE) move to the top.
#
# In one file all static names, tags and macros share one scope.  A name that two .c files define
# at file scope is reported, and nothing is written.

BEGIN {
    top = ARGV[1]
    for (i = 3; i < ARGC; i++)
        if (ARGV[i] ~ /\.c$/) {
            sources[++n_sources] = ARGV[i]
            find_names(ARGV[i])
        }
    if (clashes)
        exit 1

    header = inline("include/besom/besom.h", 0)
    hiding = 1
    for (i = 1; i <= n_sources; i++)
        source = source "\n" inline(sources[i], 0)

    printf "%s%s", banner("besom.h"), header >"besom.h"
    printf "%s%s\n#include \"besom.h\"\n\n#pragma GCC visibility push(hidden)\n%s\n" \
           "#pragma GCC visibility pop\n", banner("besom.c"), features, source >"besom.c"
    exit 0
}

function banner(name,    text, line) {
    text = "/* " name " - Besom " ARGV[2] ", a precise, non-moving mark-and-sweep garbage " \
           "collector to embed.\n *\n" \
           " * Written by `make amalgamation` from the sources of Besom: change those.  Needs the\n" \
           " * headers of libatomic_ops, and to be linked with -pthread:\n" \
           " *     cc -O2 -c besom.c\n *\n"
    while ((getline line < (top "/LICENSE")) > 0)
        text = text (line == "" ? " *" : " * " line) "\n"
    close(top "/LICENSE")
    return text " */\n"
}

# ---- putting headers in place ----

# The text of one of our files.  `within` is true if it is included inside an #if: it may then be
# passed over, so neither it nor what it includes counts as included; its guard will do.
function inline(path, within,    file, line, text, depth, guarded) {
    if (!within)
        included[path] = 1
    file = top "/" path
    text = "/* ==== " path " ==== */\n"
    while (read(file, line_of)) {
        line = line_of[0]
        if (line ~ /^#[ \t]*if/) {
            if (!guarded && line ~ /^#ifndef [A-Z0-9_]+_H$/)
                guarded = 1
            else
                depth++
        } else if (line ~ /^#[ \t]*endif/)
            depth--
        if (line ~ /^#[ \t]*include/)
            text = text include(line, within || depth > 0)
        else if (line ~ /^#define _[A-Z0-9_]+_SOURCE/)
            need_feature(line)
        else
            text = text line "\n"
    }
    close(file)
    return text
}

function read(file, into,    status) {
    status = (getline into[0] < file)
    if (status < 0) {
        print "amalgamate: cannot read " file >"/dev/stderr"
        exit 1
    }
    return status
}

# What stands for an #include: our header's text, or the line, or nothing the second time.
function include(line, within,    path) {
    match(line, /[<"][^>"]*[>"]/)
    path = substr(line, RSTART + 1, RLENGTH - 2)
    if (path ~ /^besom\//)
        path = "include/" path
    else if (line ~ /</) {
        if (path in included)
            return ""
        if (!within)
            included[path] = 1
        if (!hiding)
            return line "\n"
        return "#pragma GCC visibility push(default)\n" line "\n#pragma GCC visibility pop\n"
    }
    return path in included ? "" : inline(path, within)
}

function need_feature(line) {
    if (!index(features, line "\n"))
        features = features line "\n"
}

# ---- names that clash ----

# Notes what a .c file defines at file scope for itself.  Such definitions begin in the first
# column, as they do everywhere in these sources.
function find_names(path,    file, line, in_enum) {
    file = top "/" path
    while (read(file, line_of)) {
        line = line_of[0]
        if (in_enum || line ~ /^enum [^;(]*[{]/) {
            note_constants(line, path)
            in_enum = line !~ /[}]/
        }
        if (line ~ /^(struct|union|enum) [A-Za-z0-9_]+ [{]/)
            note("tag", word(line, "^[a-z]+ "), path)
        else if (line ~ /^#define / && line !~ /^#define _[A-Z0-9_]+_SOURCE/)
            note("name", word(line, "^#define "), path)
        else if (line ~ /^typedef .*;$/)
            note("name", word(line, ".*[ *]"), path)
        else if (line ~ /^static /)
            note("name", static_name(line), path)
    }
    close(file)
}

# The word that begins where the pattern `before` ends.
function word(line, before) {
    sub(before, "", line)
    match(line, /^[A-Za-z0-9_]*/)
    return substr(line, 1, RLENGTH)
}

# static int f(...), static T *const v[] = ..., static void (*f)(...): f or v.
function static_name(line) {
    gsub(/__attribute__\(\([^()]*(\([^()]*\))?[^()]*\)\) */, "", line)
    if (line ~ /^[^(=]*\(\*/)
        return word(line, "^[^(]*\\(\\*(const )?")
    sub(/[[(=;].*/, "", line)
    sub(/ *$/, "", line)
    return word(line, ".*[ *]")
}

# The constants of an enum that are named in this line of it.
function note_constants(line, path,    parts, n, i) {
    sub(/^enum[^{]*/, "", line)
    gsub(/\/\*.*/, "", line)
    n = split(line, parts, /[{,]/)
    for (i = 1; i <= n; i++) {
        sub(/^ */, "", parts[i])
        if (parts[i] ~ /^[A-Za-z_][A-Za-z0-9_]* *(=.*|[}].*)?$/)
            note("name", word(parts[i], "^"), path)
    }
}

function note(kind, name, path,    key) {
    key = kind " " name
    if (key in defined_in && defined_in[key] != path) {
        print "amalgamate: " name " is defined in " defined_in[key] " and in " path >"/dev/stderr"
        clashes++
    }
    defined_in[key] = path
}
