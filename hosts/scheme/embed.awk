# embed.awk - turns boot.scm into a C array.
BEGIN { print "/* boot.scm, embedded at build time. */\n#include \"hosts/scheme/scheme.h\"\nconst char scm_boot[] =" }
/^ *;/ { print "    \"\\n\""; next }
{ gsub(/\\/, "\\\\"); gsub(/"/, "\\\""); print "    \"" $0 "\\n\"" }
END { print "    ;" }
