;; timing.sld - the library (timing): runs what a benchmark measures, and prints what came out.
;;
;; A program is called with N, how often it does its work; it prints one line, "result RESULT", which
;; all implementations must print alike, one, "seconds T", of the clock on the wall, and on Besom one,
;; "pauses T", of the seconds in which the collector had stopped the program.
(define-library (timing)
  (export run-benchmark)
  (import (scheme base) (scheme write) (scheme time) (scheme process-context))
  (cond-expand (besom (import (only (besom) gc-stats))) (else))
  (begin
    (cond-expand
      (besom (define (pauses) (cdr (assq 'pause-ns (gc-stats)))))
      (else (define (pauses) #f)))
    (define (repetitions)
      (let ((arguments (cdr (command-line))))
        (or (and (pair? arguments) (string->number (car arguments))) 1)))
    (define (run-benchmark thunk)
      (let ((start (current-jiffy)) (paused (pauses)))
        (let loop ((n (repetitions)) (result #f))
          (if (> n 0)
              (loop (- n 1) (thunk))
              (let ((end (current-jiffy)))
                (display "result ")
                (write result)
                (newline)
                (display "seconds ")
                (display (/ (inexact (milliseconds (- end start))) 1000.))
                (newline)
                (when paused
                  (display "pauses ")
                  (display (/ (inexact (- (pauses) paused)) 1e9))
                  (newline)))))))
    (define (milliseconds jiffies)
      (quotient (* jiffies 1000) (jiffies-per-second)))))
