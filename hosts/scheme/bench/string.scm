;; Strings appended, cut, and searched, characters of more than a byte among them.
(import (scheme base) (timing))
(define (grow s n) (if (>= (string-length s) n) s (grow (string-append "abλ" s "xyz" s) n)))
(define (count-char c s) (let loop ((l (string->list s)) (n 0)) (if (null? l) n (loop (cdr l) (if (char=? c (car l)) (+ n 1) n)))))
(define (halves s) (let ((n (quotient (string-length s) 2))) (string-append (substring s n (string-length s)) (substring s 0 n))))
(run-benchmark (lambda ()
                 (let loop ((i 0) (n 0))
                   (if (= i 20)
                       n
                       (let ((s (grow (number->string i) 4000)))
                         (loop (+ i 1) (+ n (count-char #\λ (halves s)) (string-length s))))))))
