;; check.sld - the library (check): what every file of tests here counts with.
;;
;; (section NAME) comes first and (summary) last, which prints "N passed, N failed" and exits.  A claim
;; that fails, or ends with an exception that it should not raise, is printed, and the next one is tried.

(define-library (check)
  (export section test test-values test-error test-raises summary said)
  (import (scheme base) (scheme write) (scheme process-context))
  (begin
    (define name "?")
    (define passed 0)
    (define failed 0)

    (define (section text)
      (set! name text))

    (define (show label datum)
      (display label)
      (write datum)
      (newline))

    (define (complain expression)
      (set! failed (+ failed 1))
      (display "FAIL: ")
      (display name)
      (show ": " expression))

    ;; As equal?, but that a number that is none equals itself.
    (define (same? a b)
      (cond ((and (number? a) (number? b)) (or (eqv? a b) (not (or (= a a) (= b b)))))
            ((and (pair? a) (pair? b)) (and (same? (car a) (car b)) (same? (cdr a) (cdr b))))
            (else (equal? a b))))

    (define (what-was-raised e)
      (if (error-object? e) (cons (error-object-message e) (error-object-irritants e)) e))

    (define (judge wanted thunk expression)
      (define (report label datum)
        (complain expression)
        (show "    wanted: " wanted)
        (show label datum))
      ((guard (e (#t (lambda () (report "    raised: " (what-was-raised e)))))
         (let ((got (thunk)))
           (lambda ()
             (if (same? wanted got)
                 (set! passed (+ passed 1))
                 (report "    got:    " got)))))))

    ;; WANTED is equal to what EXPRESSION returns.
    (define-syntax test
      (syntax-rules ()
        ((_ wanted expression) (judge wanted (lambda () expression) 'expression))))

    ;; The list WANTED is that of the values which EXPRESSION returns.
    (define-syntax test-values
      (syntax-rules ()
        ((_ wanted expression)
         (judge wanted (lambda () (call-with-values (lambda () expression) list)) 'expression))))

    (define (judge-error holds? thunk expression)
      (let ((outcome (guard (e (#t (if (holds? e) 'held 'other))) (thunk) 'returned)))
        (if (eq? outcome 'held)
            (set! passed (+ passed 1))
            (begin
              (complain expression)
              (show "    no such exception, but: " outcome)))))

    ;; EXPRESSION raises what error makes, or the system does.
    (define-syntax test-error
      (syntax-rules ()
        ((_ expression) (judge-error error-object? (lambda () expression) 'expression))))

    ;; EXPRESSION raises an object of which HOLDS? says true.
    (define-syntax test-raises
      (syntax-rules ()
        ((_ holds? expression) (judge-error holds? (lambda () expression) 'expression))))

    ;; What (f port) writes.
    (define (said f)
      (let ((port (open-output-string)))
        (f port)
        (get-output-string port)))

    (define (summary)
      (display passed)
      (display " passed, ")
      (display failed)
      (display " failed")
      (newline)
      (exit (= failed 0)))))
