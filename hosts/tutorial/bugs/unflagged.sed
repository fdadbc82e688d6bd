# stage-09-coroutines: the stacks of coroutines are written without a barrier, and do not say so.
s/\.flags = BESOM_UNBARRIERED | BESOM_RACY, .*/.flags = BESOM_RACY,/
