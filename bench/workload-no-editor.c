/* workload-no-editor.c - in place of the editor's workload where the editor is not built. */
#include "bench/worker.h"

void workload_editor(const struct params *params)
{
    (void)params;
    worker_fail("libpng (Debian: libpng-dev) was not there when this was built");
}
