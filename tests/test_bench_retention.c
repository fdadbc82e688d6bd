/* test_bench_retention.c - of a known history the instrument tells the known split, RGI and drag. */
#include "bench/retention.h"

#include "support.h"

int main(void)
{
    return run_tests("bench_retention", NULL, 0);
}
