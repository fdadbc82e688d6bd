#!/bin/sh
# C++17 hosts compile without a warning, on the C headers and on besom.hpp, with the compiler at hand
# and with Clang; frames end with exceptions; what would go around the barrier does not compile.
. "${srcdir:-.}/tests/shell.sh"
[ -n "$CXX" ] || skip "there is no C++ compiler (Debian: g++)"
make_scratch

# ---- hosts ----

modes='heap_min=128k,mode=incremental,slow heap_min=128k,mode=concurrent,slow heap_min=128k
    heap_min=256k,generational,nursery=64k heap_min=256k,mode=concurrent,generational,nursery=64k
    stress=50,poison,verify'

build_and_run() { # build_and_run COMPILER
    # shellcheck disable=SC2086 # compilers and flags may come with arguments
    for test in test_cxx test_hpp; do
        quietly $1 -std=c++17 -O1 -pedantic -Wall -Wextra $SANITIZE -pthread \
            -I"$srcdir/include" "$srcdir/tests/$test.cc" .libs/libbesom.a -o "$scratch/$test"
        [ $status != 0 ] || quietly timeout 300 "$scratch/$test" $modes
    done
}
build_and_run "$CXX"
case $CXX in
*clang*) ;;
*) [ -n "$SANITIZE" ] || ! command -v clang++ >/dev/null || build_and_run clang++ ;;
esac

# ---- what must not compile ----

# compiles COMPILER HEADER SUFFIX - the body of a function on standard input
compiles() {
    {
        printf '#include <besom/%s>\n' "$2"
        cat "$scratch/$3.begin"
        cat
        echo '}'
    } >"$scratch/body.$3"
    # shellcheck disable=SC2086 # compilers may come with arguments
    $1 -Wall -Wextra -Werror -I"$srcdir/include" -fsyntax-only "$scratch/body.$3" \
        >"$scratch/output" 2>&1
}

accepts() { # accepts COMPILER HEADER SUFFIX BODY
    echo "$4" | compiles "$1" "$2" "$3" || fail "does not compile: $4: $(cat "$scratch/output")"
}

refuses() { # refuses COMPILER HEADER SUFFIX BODY
    ! echo "$4" | compiles "$1" "$2" "$3" || fail "compiles: $4"
}

cat >"$scratch/cc.begin" <<'END'
#include <cstring>
#include <vector>
struct node : besom::object {
    besom::ref<node> next;
    explicit node(besom::birth b) noexcept : object(b), next(b) {}
    static auto references() { return besom::references(&node::next); }
};
struct thrower : besom::object { explicit thrower(besom::birth b) : object(b) {} };
struct plain { explicit plain(besom::birth) noexcept {} };
struct virtuous : besom::object {
    explicit virtuous(besom::birth b) noexcept : object(b) {}
    virtual int f() { return 0; }
};
void use(besom::mutator &m, node *a, node *b);
void use(besom::mutator &m, node *a, node *b) {
(void)m, (void)a, (void)b;
END
for body in 'a->next = b;' 'a->next = b->next;' 'b = a->next;' 'besom::local<node> l(m, a);' \
    'a->next = besom::make<node>(m);' 'a->next.set(m, b);'; do
    accepts "$CXX -std=c++17" besom.hpp cc "$body"
done
for body in 'besom::ref<node> r;' 'besom::ref<node> r = a->next; (void)r;' 'node n;' 'new node;' \
    'node copy = *a; (void)copy;' '*a = *b;' 'node **p = &a->next; (void)p;' \
    'std::memcpy(&a->next, &b, sizeof b);' 'std::vector<besom::ref<node>> v(3);' \
    'new besom::local<node>(m);' 'besom::make<thrower>(m);' 'besom::make<plain>(m);' \
    'besom::make<virtuous>(m);' 'besom::local<node> l(m); besom::local<node> k = l; (void)k;'; do
    refuses "$CXX -std=c++17" besom.hpp cc "$body"
done

cat >"$scratch/c.begin" <<'END'
#include <besom/besom.h>
struct other;
struct node {
    const struct besom_type *type;
    BESOM_REF(struct node) next;
    BESOM_REF(struct other) other;
};
void use(struct besom_mutator *m, struct node *a, struct node *b);
void use(struct besom_mutator *m, struct node *a, struct node *b) {
(void)m, (void)a, (void)b;
END
for body in 'BESOM_SET(m, a, next, b);' 'BESOM_SET(m, a, next, NULL);' 'b = BESOM_GET(a, next);' \
    'BESOM_SET(m, BESOM_GET(a, next), next, BESOM_GET(b, next));' \
    '_Static_assert(sizeof(struct node) == 3 * sizeof(void *), "as large as pointers");'; do
    accepts "$CC -std=c11 -pedantic" checked.h c "$body"
done
for body in 'a->next = b;' 'a->next = b->next;' '*a = *b;' 'b = a->next;' 'a->next.besom__only = b;' \
    'BESOM_SET(m, a, other, b);' 'BESOM_SET(m, a, next, 1);' 'struct other *o = BESOM_GET(a, next);'; do
    refuses "$CC -std=c11 -pedantic" checked.h c "$body"
done
exit $status
