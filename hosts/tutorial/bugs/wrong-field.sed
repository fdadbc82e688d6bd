# stage-03-polls: the type of code takes an array of instructions for the constants.
s/besom_visit_words(tracer, code->constants, (size_t)code->n_constants);/besom_visit_words(tracer, (uint64_t *)code->ops, (size_t)code->n_ops);/
