# fuzz.awk - an input for the Scheme, of a seed: kind=tokens, text for the reader; kind=program, a
# program that is well-formed, though it may do what raises conditions; kind=mutant, the file that is
# read, with some of it removed, doubled, or put elsewhere.

function random(n) { return int(rand() * n) }
function pick(list,    parts, n) { n = split(list, parts, " "); return parts[1 + random(n)] }

# ---- tokens ----
function token(    k, s, n) {
    k = random(14)
    if (k < 3) return pick("( ( ( ) ) ) #( #u8( ' ` , ,@ . #; #| |# | \" \\ # #\\")
    if (k == 3) return random(1000) pick(". e5 / + - i e999999999 . .5 @ x") random(100000)
    if (k == 4) return pick("#x #b #o #d #e #i #e#x #i#b #z") pick("- + ff 101 9 1e400 .5 nan.0 inf.0 1/2")
    if (k == 5) return "#\\" pick("x41 x110000 xd800 space nul newline ( ) zz x x0 \360\237\230\200 \316")
    if (k == 6) return "#" random(4) pick("= # = # q")
    if (k == 7) return "\"" pick("a\\n \\x41; \\x; \\xfffffffff; \\ \\q \\\n\t \316\273 \377 \300\200 \355\240\200") "\""
    if (k == 8) return pick("#t #true #f #false #tru #!eof #!fold-case #!no-fold-case #!bad")
    if (k == 9) return "|" pick("a b\\x20;c \\| \n \377") "|"
    if (k == 10) return sprintf("%c", 1 + random(255))
    if (k == 11) { s = ""; for (n = random(300); n > 0; n--) s = s "("; return s }
    if (k == 12) { s = ""; for (n = 1 + random(400); n > 0; n--) s = s random(10); return s }
    return pick("a b ... _ + - -a +inf.0 -nan.0 quote lambda if define let \316\273")
}

# ---- programs ----
# Expressions of the variables v0 to v(n-1), with at most DEPTH levels.
function atom(n,    k) {
    k = random(12)
    if (k < 5 && n > 0) return "v" random(n)
    if (k < 8) return random(10) - 3
    if (k == 8) return pick("'() #t #f #\\a 1.5 -0. +inf.0 \"text\" 'sym #u8(1) '#(1) 1000000000000000000000")
    return pick("car cons + list (list) (vector) (random-size) values")
}
function body(depth, n) { return random(3) ? expr(depth, n) : "(set! v" random(n) " " expr(depth - 1, n) ") " expr(depth, n) }
function expr(depth, n,    k, d) {
    if (depth <= 0) return atom(n)
    d = depth - 1
    k = random(30)
    if (k == 0) return "(if " expr(d, n) " " expr(d, n) " " expr(d, n) ")"
    if (k == 1) return "(let ((v" n " " expr(d, n) ")) " body(d, n + 1) ")"
    if (k == 2) return "((lambda (v" n " . v" n + 1 ") " body(d, n + 2) ") " expr(d, n) " " expr(d, n) ")"
    if (k == 3) return "(lambda (v" n ") " body(d, n + 1) ")"
    if (k == 4) return "(call/cc (lambda (v" n ") " body(d, n + 1) "))"
    if (k == 5) return "(guard (e (#t (list 'caught " expr(d, n) "))) " body(d, n) ")"
    if (k == 6) return "(dynamic-wind (lambda () " expr(d, n) ") (lambda () " expr(d, n) ") (lambda () " expr(d, n) "))"
    if (k == 7) return "(let v" n " ((v" n + 1 " " random(30) ")) (if (and (number? v" n + 1 ") (> v" n + 1 " 0)) (cons " expr(d, n + 2) " (v" n " (- v" n + 1 " 1))) " expr(d, n) "))"
    if (k == 8) return "(map (lambda (v" n ") " body(d, n + 1) ") (list " expr(d, n) " " expr(d, n) "))"
    if (k == 9) return "(" pick("+ - * quotient expt max gcd = < append equal? eqv? cons list string-append apply list-tail vector-ref hash-table-ref/default") " " expr(d, n) " " expr(d, n) ")"
    if (k == 10) return "(" pick("car cdr length reverse vector->list list->vector string->symbol symbol->string number->string exact inexact sqrt vector-length not null? list-copy string->list list->string utf8->string force eval-it") " " expr(d, n) ")"
    if (k == 11) return "(apply " expr(d, n) " (list " expr(d, n) " " expr(d, n) "))"
    if (k == 12) return "(" expr(d, n) " " expr(d, n) ")"
    if (k == 13) return "(begin (hash-table-set! weak " expr(d, n) " " expr(d, n) ") (hash-table-size weak))"
    if (k == 14) return "(begin (hash-table-set! strong " expr(d, n) " " expr(d, n) ") (hash-table-size strong))"
    if (k == 15) return "(begin (guardian (list " expr(d, n) ")) (guardian))"
    if (k == 16) return "(begin (gc) " expr(d, n) ")"
    if (k == 17) return "(raise-continuable " expr(d, n) ")"
    if (k == 18) return "(with-exception-handler (lambda (v" n ") " expr(d, n + 1) ") (lambda () " expr(d, n) "))"
    if (k == 19) return "(parameterize ((parameter " expr(d, n) ")) (list (parameter) " expr(d, n) "))"
    if (k == 20) return "(begin (set! keep (cons " expr(d, n) " keep)) keep)"
    if (k == 21) return "(let ((p (make-point " expr(d, n) " 2))) (set-point-x! p p) " expr(d, n) ")"
    if (k == 22) return "(call-with-values (lambda () (values " expr(d, n) " " expr(d, n) ")) " expr(d, n) ")"
    if (k == 23) return "(thread-join! (thread-start! (make-thread (lambda () " expr(d, n) "))) 1 'late)"
    if (k == 24) return "(ephemeron-datum (make-ephemeron (list " expr(d, n) ") " expr(d, n) "))"
    if (k == 25) return "(let-values (((v" n " . v" n + 1 ") (values " expr(d, n) " " expr(d, n) "))) " body(d, n + 2) ")"
    if (k == 26) return "`(" expr(d, n) " ," expr(d, n) " ,@(list " expr(d, n) "))"
    if (k == 27) return "(let ((o (open-output-string))) (write " expr(d, n) " o) (read (open-input-string (get-output-string o))))"
    if (k == 28) return "(case " expr(d, n) " ((1 2 a) " expr(d, n) ") (else " expr(d, n) "))"
    return "(delay " expr(d, n) ")"
}
function program(    i, n) {
    print "(import (scheme base) (scheme write) (scheme read) (scheme lazy) (scheme eval) (scheme repl) (scheme inexact)"
    print "        (srfi 69) (srfi 124) (srfi 18) (besom))"
    print "(define strong (make-hash-table)) (define weak (make-weak-key-table)) (define guardian (make-guardian))"
    print "(define parameter (make-parameter 0)) (define keep '())"
    print "(define-record-type point (make-point x y) point? (x point-x set-point-x!) (y point-y))"
    print "(define (eval-it x) (eval x (interaction-environment)))"
    print "(define (random-size) " random(300) ")"
    print "(define-syntax attempt (syntax-rules () ((_ e) (guard (c (#t (write (if (error-object? c) (error-object-message c) 'raised)))) (write e)))))"
    n = 3 + random(8)
    for (i = 0; i < n; i++) {
        print "(define v" i " 0)"
        print "(attempt (eval-it '" expr(2 + random(6), i + 1) "))" # a syntax error is a condition, too
        print "(set! v" i " " (random(2) ? "keep" : "(list v" random(i + 1) ")") ")"
    }
    print "(gc) (write (length keep))"
}

# ---- mutants ----
function mutate(text,    n, from, size, to, times, part) {
    for (times = 1 + random(8); times > 0; times--) {
        n = length(text)
        from = 1 + random(n)
        size = 1 + random(random(4) ? 12 : 400)
        part = substr(text, from, size)
        to = random(5)
        if (to == 0) text = substr(text, 1, from - 1) substr(text, from + size)
        else if (to == 1) text = substr(text, 1, from) part substr(text, from + 1)
        else if (to == 2) { to = random(n); text = substr(text, 1, to) part substr(text, to + 1) }
        else if (to == 3) text = substr(text, 1, from - 1) sprintf("%c", 1 + random(255)) substr(text, from + 1)
        else text = substr(text, 1, from - 1) token() substr(text, from + 1)
    }
    return text
}

BEGIN { srand(seed) }
{ text = text $0 "\n" }
END {
    if (kind == "tokens") {
        print (random(2) ? "" : "'(")
        for (n = 5 + random(200); n > 0; n--) printf "%s%s", token(), random(4) ? " " : random(2) ? "\n" : ""
        print ""
    } else if (kind == "program")
        program()
    else
        printf "%s", mutate(text)
}
