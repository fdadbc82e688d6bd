;; Takeuchi's function: calls of three arguments, nested.
(import (scheme base) (timing))
(define (tak x y z)
  (if (< y x)
      (tak (tak (- x 1) y z) (tak (- y 1) z x) (tak (- z 1) x y))
      z))
(run-benchmark (lambda () (tak 16 10 4)))
