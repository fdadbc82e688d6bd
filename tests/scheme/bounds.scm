;; What is too deep or too large: a condition that a program can catch, or no matter at all.  Run with
;; a limit of the heap, --heap-max 128m.
(import (scheme base) (scheme read) (scheme write) (scheme eval) (scheme repl) (besom) (check))
(section "limits")

(define (caught thunk) (guard (e ((error-object? e) (condition-kind e)) (#t 'other)) (thunk)))

;; ---- recursion ----
(define (sum n) (if (= n 0) 0 (+ n (sum (- n 1)))))
(test 5000050000 (sum 100000))
(define (forever n) (+ 1 (forever n)))
(test 'recursion (caught (lambda () (forever 1))))
(test 'recursion (caught (lambda () (forever 1))))
(define (mutual a) (cons a (mutual (list a))))
(test 'recursion (caught (lambda () (mutual 1))))
(test 'recursion (caught (lambda () (let loop ((n 0)) (apply loop (list (+ 1 (loop n))))))))
(test 'recursion (caught (lambda () (map (letrec ((f (lambda (x) (map f (list x))))) f) '(1)))))
(test 'recursion (caught (lambda () (let loop () (dynamic-wind (lambda () #f) (lambda () (+ 1 (loop))) (lambda () #f))))))
;; The program goes on after it.
(test 5000050000 (sum 100000))

;; ---- memory ----
(define (fill) (let loop ((l '())) (loop (cons (make-vector 100 l) l))))
(test 'memory (caught fill))
(test 'memory (caught fill))
(test 'memory (caught (lambda () (make-vector 100000000 0))))
(test 'memory (caught (lambda () (make-string 1000000000 #\a))))
(test 'memory (caught (lambda () (make-bytevector 1000000000 0))))
(test 'memory (caught (lambda () (let loop ((s "abcdefgh")) (loop (string-append s s))))))
(test 'range (caught (lambda () (let loop ((x 3)) (loop (* x x))))))
(test 'memory (caught (lambda () (let ((p (open-output-string))) (let loop () (write-string "0123456789012345678901234567890123456789" p) (loop))))))
(test 'range (caught (lambda () (expt 7 (expt 10 30)))))
(test 'range (caught (lambda () (expt 7 (expt 10 10)))))
(test 'memory (caught (lambda () (make-list 1000000000 0))))
(test 1000 (begin (gc) (length (make-list 1000 'a))))
(test 1000 (vector-length (make-vector 1000 'a)))

;; ---- deep data ----
(define (deep n) (let loop ((n n) (x '())) (if (= n 0) x (loop (- n 1) (list x)))))
(define (deep-vector n) (let loop ((n n) (x '())) (if (= n 0) x (loop (- n 1) (vector x)))))
(define depth 300000)
(define text (said (lambda (p) (write (deep depth) p))))
(test (* 2 (+ depth 1)) (string-length text))
(test #t (equal? (deep depth) (deep depth)))
(test #f (equal? (deep depth) (deep (+ depth 1))))
(test #t (equal? (deep-vector depth) (deep-vector depth)))
(test #t (equal? (deep depth) (read (open-input-string text))))
(test (* 2 (+ depth 1)) (string-length (said (lambda (p) (write-shared (deep depth) p)))))
(test (+ 2 (* 3 depth)) (string-length (said (lambda (p) (write (deep-vector depth) p)))))
(test #t (let ((x (eval (list 'quote (deep depth)) (interaction-environment)))) (equal? x (deep depth))))
(define (nested n) (let loop ((n n) (x 1)) (if (= n 0) x (loop (- n 1) (list '+ 1 x)))))
(test 1001 (eval (nested 1000) (interaction-environment)))
(test 'syntax (caught (lambda () (eval (deep depth) (interaction-environment)))))
;; A compiler may refuse a program so deep, but not die of it.
(test #t (and (memv (caught (lambda () (eval (nested 100000) (interaction-environment)))) '(syntax recursion memory 100001)) #t))
(test #t (and (memq (caught (lambda () (eval (list 'quasiquote (deep 100000)) (interaction-environment)) 'made)) '(syntax recursion memory made)) #t))
(test #t (and (memq (caught (lambda () (eval (let loop ((n 100000) (x 1)) (if (= n 0) x (loop (- n 1) (list 'let '() x)))) (interaction-environment)) 'made)) '(syntax recursion memory made)) #t))
(test #t (begin
           (eval '(define-syntax growing (syntax-rules () ((_ x ...) (growing x ... x ... 1)))) (interaction-environment))
           (and (memq (caught (lambda () (eval '(growing 1) (interaction-environment)))) '(syntax memory)) #t)))

;; ---- text that is no UTF-8 ----
(for-each (lambda (bytes)
            (test 'encoding (caught (lambda () (utf8->string bytes)))))
          '(#u8(128) #u8(192 128) #u8(193 191) #u8(194) #u8(194 65) #u8(224 128 128) #u8(224 159 191) #u8(226 130)
            #u8(237 160 128) #u8(240 128 128 128) #u8(244 144 128 128) #u8(245 128 128 128) #u8(248 136 128 128 128) #u8(254) #u8(255)))
(test '(127 128 2047 2048 65535 65536 1114111)
      (map (lambda (bytes) (char->integer (string-ref (utf8->string bytes) 0)))
           '(#u8(127) #u8(194 128) #u8(223 191) #u8(224 160 128) #u8(239 191 191) #u8(240 144 128 128) #u8(244 143 191 191))))

;; ---- numerals ----
(define (digits n) (make-string n #\7))
(test #t (= (string->number (digits 20000)) (quotient (* 7 (- (expt 10 20000) 1)) 9)))
(test 20000 (string-length (number->string (string->number (digits 20000)))))
(test #t (exact-integer? (read (open-input-string (digits 20000)))))
(test +inf.0 (string->number (string-append (digits 5000) ".")))
(test +inf.0 (string->number "1e999999999999999999999"))
(test 0. (string->number "1e-999999999999999999999"))
(test 0. (string->number "0e999999999999999999999"))
(test .7777777777777778 (string->number (string-append "." (digits 5000))))
(test #t (let ((x (caught (lambda () (string->number "#e1e999999999999999"))))) (or (eq? x 'range) (eq? x #f))))
(test 100000 (string-length (number->string (string->number (digits 100000)))))
(test #t (symbol? (string->symbol (make-string 100000 #\a))))
(summary)
