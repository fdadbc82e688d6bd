# stage-03-polls: the list that map builds is only in a C local, while the function it calls polls.
/BESOM_LOCALS/d
s/struct pair \*last = NULL;/struct pair *first = NULL, *last = NULL;/
s/my->first/first/
