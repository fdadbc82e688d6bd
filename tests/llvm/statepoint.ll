; statepoint.ll - code with LLVM's statepoints: what its stack maps name survives collections that
; happen below it.  Rewritten by opt, compiled by llc, linked to tests/llvm/driver.c by
; tests/check_llvm.sh, which writes `ptr` as older LLVMs want it.

declare ptr addrspace(1) @managed_node(ptr, ptr addrspace(1)) "gc-leaf-function"
declare i64 @is_managed_node(ptr, ptr addrspace(1)) "gc-leaf-function"
declare i32 @besom_collect(ptr, i32)

; Holds a node in each of depth frames while the innermost collects; how many of them held theirs.
define i64 @descend_managed(ptr %m, i64 %depth) gc "statepoint-example" {
entry:
  %node = call ptr addrspace(1) @managed_node(ptr %m, ptr addrspace(1) null)
  %is_last = icmp eq i64 %depth, 0
  br i1 %is_last, label %last, label %below

last:
  %status = call i32 @besom_collect(ptr %m, i32 0)
  br label %done

below:
  %less = sub i64 %depth, 1
  %from_below = call i64 @descend_managed(ptr %m, i64 %less)
  br label %done

done:
  %held = phi i64 [ 0, %last ], [ %from_below, %below ]
  %is_there = call i64 @is_managed_node(ptr %m, ptr addrspace(1) %node)
  %sum = add i64 %held, %is_there
  ret i64 %sum
}
