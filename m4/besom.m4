# besom.m4 - the two questions that configure.ac asks again and again.

# BESOM_SWITCH(NAME, HELP, [ALLOWED = yes no])
# The configure switch --enable-NAME, off by default.  A value that is not allowed is refused.
AC_DEFUN([BESOM_SWITCH],
  [AC_ARG_ENABLE([$1], [$2], [], [enable_$1=no])
   AS_CASE([" m4_default([$3], [yes no]) "],
     [*" $enable_$1 "*], [],
     [AC_MSG_ERROR([--enable-$1 takes one of: m4_default([$3], [yes no])])])])

# BESOM_FLAGS(VARIABLE, FLAG...)
# Appends to VARIABLE those of the flags that the C compiler takes without complaint.
AC_DEFUN([BESOM_FLAGS],
  [besom_saved_CFLAGS=$CFLAGS
   m4_foreach_w([besom_flag], [$2],
    [AC_MSG_CHECKING([whether $CC takes besom_flag])
     CFLAGS="$besom_saved_CFLAGS -Werror besom_flag"
     AC_COMPILE_IFELSE([AC_LANG_PROGRAM()],
       [$1="$$1 besom_flag"; AC_MSG_RESULT([yes])],
       [AC_MSG_RESULT([no])])
    ])CFLAGS=$besom_saved_CFLAGS])
