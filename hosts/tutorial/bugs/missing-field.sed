# stage-03-polls: the type of closures leaves out their environment.
/{"environment", offsetof(struct closure, environment)},/d
/\.fields = closure_fields,/{
n
s/2/1/
}
