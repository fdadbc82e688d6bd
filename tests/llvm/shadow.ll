; shadow.ll - code with LLVM's `shadow-stack` strategy: what its roots hold survives collections that
; happen below it.  Linked to tests/llvm/driver.c by tests/check_llvm.sh.

declare void @llvm.gcroot(ptr, ptr)
declare ptr @new_node(ptr, ptr)
declare void @collect(ptr)

; A list of n nodes, made with a collection after each.
define ptr @build(ptr %m, i64 %n) gc "shadow-stack" {
entry:
  %list = alloca ptr
  call void @llvm.gcroot(ptr %list, ptr null)
  store ptr null, ptr %list
  br label %loop

loop:
  %i = phi i64 [ 0, %entry ], [ %next, %more ]
  %is_over = icmp eq i64 %i, %n
  br i1 %is_over, label %done, label %more

more:
  %tail = load ptr, ptr %list
  %node = call ptr @new_node(ptr %m, ptr %tail)
  store ptr %node, ptr %list
  call void @collect(ptr %m)
  %next = add i64 %i, 1
  br label %loop

done:
  %result = load ptr, ptr %list
  ret ptr %result
}

; Holds a node in each of depth frames while the innermost collects; how many of them held theirs.
define i64 @descend(ptr %m, i64 %depth) gc "shadow-stack" {
entry:
  %kept = alloca ptr
  call void @llvm.gcroot(ptr %kept, ptr null)
  %node = call ptr @new_node(ptr %m, ptr null)
  store ptr %node, ptr %kept
  %is_last = icmp eq i64 %depth, 0
  br i1 %is_last, label %last, label %below

last:
  call void @collect(ptr %m)
  br label %done

below:
  %less = sub i64 %depth, 1
  %from_below = call i64 @descend(ptr %m, i64 %less)
  br label %done

done:
  %held = phi i64 [ 0, %last ], [ %from_below, %below ]
  %mine = load ptr, ptr %kept
  %is_there = call i64 @is_node(ptr %m, ptr %mine)
  %sum = add i64 %held, %is_there
  ret i64 %sum
}

declare i64 @is_node(ptr, ptr)
