;; R7RS 4.3: macros.
(import (scheme base) (check))
(section "4.3 macros")

(define-syntax swap!
  (syntax-rules () ((_ a b) (let ((tmp a)) (set! a b) (set! b tmp)))))
(test '(2 1) (let ((x 1) (y 2)) (swap! x y) (list x y)))
;; What a macro binds is not what its user means by the same name.
(test '(2 1) (let ((tmp 1) (other 2)) (swap! tmp other) (list tmp other)))

(define-syntax my-or
  (syntax-rules () ((_) #f) ((_ e) e) ((_ e r ...) (let ((t e)) (if t t (my-or r ...))))))
(test 5 (let ((t 5)) (my-or #f t)))
;; What a macro mentions is what was visible where it was defined.
(test 'ok (let ((if list)) (my-or #f 'ok)))
(define helper (lambda (x) (* x 3)))
(define-syntax thrice (syntax-rules () ((_ x) (helper x))))
(test 9 (let ((helper list)) (thrice 3)))

;; Ellipses.
(define-syntax my-let
  (syntax-rules () ((_ ((n v) ...) body ...) ((lambda (n ...) body ...) v ...))))
(test 3 (my-let ((a 1) (b 2)) (+ a b)))
(test 1 (my-let () 1))
(define-syntax flatten
  (syntax-rules () ((_ ((a b ...) ...)) '(a ... (b ...) ...))))
(test '(1 4 6 (2 3) (5) ()) (flatten ((1 2 3) (4 5) (6))))
(define-syntax pairs
  (syntax-rules () ((_ (k v ...) ...) '((k v ... end) ...))))
(test '((a 1 2 end) (b 3 end)) (pairs (a 1 2) (b 3)))
(define-syntax last-of
  (syntax-rules () ((_ first ... last) 'last)))
(test 'c (last-of a b c))
(test 'a (last-of a))
(define-syntax ends
  (syntax-rules () ((_ a m ... y z) '(a (m ...) y z))))
(test '(1 (2 3) 4 5) (ends 1 2 3 4 5))
(test '(1 () 2 3) (ends 1 2 3))
(define-syntax dotted
  (syntax-rules () ((_ a b ... . c) '(a (b ...) c))))
(test '(1 (2 3) 4) (dotted 1 2 3 . 4))
(test '(1 (2) ()) (dotted 1 2))
(define-syntax in-vector
  (syntax-rules () ((_ #(a b ...)) '(b ... a))))
(test '(2 3 1) (in-vector #(1 2 3)))
(define-syntax in-rows
  (syntax-rules () ((_ #(a (b c) ...)) '(a b ... c ...))))
(test '(1 2 4 3 5) (in-rows #(1 (2 3) (4 5))))
(define-syntax to-vector
  (syntax-rules () ((_ a ...) #(a ... end))))
(test '#(1 2 end) (to-vector 1 2))
(define-syntax deep
  (syntax-rules () ((_ ((a ...) ...)) '(a ... ...))))
(test '(1 2 3 4) (deep ((1 2) () (3 4))))

;; An ellipsis of another name, and one that is meant.
(define-syntax tag
  (syntax-rules ::: () ((_ a :::) '(... a :::))))
(test '(... 1 2) (tag 1 2))
(define-syntax flat
  (syntax-rules ::: () ((_ (a :::) :::) '(a ::: :::))))
(test '(1 2 3) (flat (1 2) (3)))
(define-syntax be-like-begin
  (syntax-rules ()
    ((_ name) (define-syntax name (syntax-rules () ((_ e (... ...)) (begin e (... ...))))))))
(be-like-begin sequence)
(test 3 (sequence 1 2 3))

;; Literals and underscores.
(define-syntax arrow
  (syntax-rules (=>) ((_ a => b) '(to a b)) ((_ a b c) '(plain a b c))))
(test '(to 1 2) (arrow 1 => 2))
(test '(plain 1 x 2) (arrow 1 x 2))
(test '(plain 1 => 2) (let ((=> 0)) (arrow 1 => 2)))
(define-syntax second (syntax-rules () ((_ _ x _) 'x)))
(test 'b (second a b c))
(define-syntax by-datum
  (syntax-rules () ((_ 1) 'one) ((_ "s") 'string) ((_ #\c) 'char) ((_ #t) 'true) ((_ ()) 'nil) ((_ x) 'other)))
(test '(one string char true nil other)
      (list (by-datum 1) (by-datum "s") (by-datum #\c) (by-datum #t) (by-datum ()) (by-datum 2)))

;; Scope.
(test 'inner (let ((x 'outer)) (let-syntax ((m (syntax-rules () ((_) x)))) (let ((x 'unseen)) (m)) (let ((x 'inner)) x))))
(test 'outer (let ((x 'outer)) (let-syntax ((m (syntax-rules () ((_) x)))) (let ((x 'inner)) (m)))))
(test 'now (let ((if list)) (let-syntax ((when (syntax-rules () ((_ c e) (cond (c e)))))) (when #t 'now))))
(test #t (letrec-syntax ((ev? (syntax-rules () ((_) #t) ((_ a r ...) (od? r ...))))
                         (od? (syntax-rules () ((_) #f) ((_ a r ...) (ev? r ...)))))
           (ev? 1 2 3 4)))
(test 7 (let () (define-syntax seven (syntax-rules () ((_) 7))) (define x (seven)) x))
(define-syntax def (syntax-rules () ((_ n v) (define n v))))
(def from-macro 12)
(test 12 from-macro)
(test '(1 2) (let () (def a 1) (def b 2) (list a b)))
;; A macro that defines a name of its own defines it anew each time.
(define-syntax counter-of
  (syntax-rules () ((_ get) (begin (define hidden 0) (define (get) (set! hidden (+ hidden 1)) hidden)))))
(test '(1 2 1) (let () (counter-of a) (let () (counter-of b) (let* ((p (a)) (q (a)) (r (b))) (list p q r)))))

;; A macro that makes a macro with a name of the user's.
(define-syntax make-constant
  (syntax-rules () ((_ name v) (define-syntax name (syntax-rules () ((_) v))))))
(make-constant nine 9)
(test 9 (nine))

(define-syntax my-if
  (syntax-rules (then else) ((_ c then a else b) (cond (c a) (else b)))))
(test 'n (my-if #f then 'y else 'n))

(define-syntax while
  (syntax-rules () ((_ c e ...) (let loop () (when c e ... (loop))))))
(test 10 (let ((i 0)) (while (< i 10) (set! i (+ i 1))) i))

;; A loop whose clauses are rewritten in continuation-passing style.
(define-syntax reverse-syntax
  (syntax-rules () ((_ () acc) 'acc) ((_ (x y ...) (z ...)) (reverse-syntax (y ...) (x z ...)))))
(test '(c b a) (reverse-syntax (a b c) ()))
(summary)
