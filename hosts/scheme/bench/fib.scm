;; Calls and small integers; allocates nothing.
(import (scheme base) (timing))
(define (fib n) (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2)))))
(run-benchmark (lambda () (fib 25)))
