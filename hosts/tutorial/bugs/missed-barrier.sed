# stage-05-barrier: set-tail changes a pair and does not say so.
/    besom_write(vm->m, p);/d
