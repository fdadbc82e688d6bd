# stage-03-polls: the poll of a call comes when its environment is allocated, and nowhere yet.
/besom_poll(vm->m); \/\* may collect/d
s/^    e->n = slots;/&\
    besom_poll(vm->m);/
