;; A hash table of chains in a vector that grows, as a program without a library writes it.
(import (scheme base) (timing))
(define-record-type table (wrap count buckets) table? (count count set-count!) (buckets buckets set-buckets!))
(define (slot k v) (modulo (* k 7919) (vector-length v)))
(define (grow! t)
  (let* ((old (buckets t)) (new (make-vector (* 2 (vector-length old)) '())))
    (vector-for-each
     (lambda (chain)
       (for-each (lambda (entry) (let ((i (slot (car entry) new))) (vector-set! new i (cons entry (vector-ref new i))))) chain))
     old)
    (set-buckets! t new)))
(define (put! t k v)
  (let* ((b (buckets t)) (i (slot k b)) (entry (assv k (vector-ref b i))))
    (if entry
        (set-cdr! entry v)
        (begin
          (vector-set! b i (cons (cons k v) (vector-ref b i)))
          (set-count! t (+ 1 (count t)))
          (if (> (count t) (vector-length b)) (grow! t))))))
(define (get t k) (let ((b (buckets t))) (cond ((assv k (vector-ref b (slot k b))) => cdr) (else 0))))
(run-benchmark (lambda ()
                 (let ((t (wrap 0 (make-vector 16 '()))))
                   (do ((i 0 (+ i 1))) ((= i 20000)) (put! t (modulo (* i 12347) 8192) (+ 1 (get t (modulo (* i 12347) 8192)))))
                   (list (count t) (get t 100) (vector-length (buckets t))))))
