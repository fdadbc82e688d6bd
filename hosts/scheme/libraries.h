/* libraries.h - what the standard libraries export. */
#ifndef SCHEME_LIBRARIES_H
#define SCHEME_LIBRARIES_H
struct standard_library {
    const char *name, *names;
};
extern const struct standard_library standard_libraries[]; /* ends with NULL */
#endif
