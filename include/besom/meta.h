/* meta.h - the metadata byte of a granule.
 *
 * Every 16-byte granule of a heap has one byte of metadata, at an address computed from the
 * granule's own.  Memory comes in chunks of 4 MiB, aligned to their size; the first 256 KiB of a
 * chunk are its metadata, a byte a granule.  A huge object's mapping begins with the same header,
 * so the formula holds for the start of every object.
 *
 *     bits 0-1  color   0 free or inside an object, 1 young, 2 and 3 marked in turn
 *     bit 2     LEAF    holds no references
 *     bit 3     END     the last granule of an object (the first too if it has one granule)
 *     bit 4     KEYED   a weak structure must hear when this object is first marked
 *     bit 5     LARGE   over 8 KiB: logged by card
 *     bits 6-7  stamp   the epoch in which it was logged or born; 0: armed
 *
 * An object's first byte carries all but END, its last byte END; those between are 0. */
#ifndef BESOM_META_H
#define BESOM_META_H

#include <besom/base.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    BESOM__GRANULE_BYTES = 16,
    BESOM__CHUNK_BYTES = 4 << 20,
    BESOM__SMALL_MAX_BYTES = 8 << 10, /* the largest object that is not LARGE */

    BESOM__COLOR = 0x03,
    BESOM__YOUNG = 0x01,
    BESOM__LEAF = 0x04, /* = BESOM_LEAF, so that a type's flag is the byte's bit */
    BESOM__END = 0x08,
    BESOM__KEYED = 0x10,
    BESOM__LARGE = 0x20,
    BESOM__STAMP = 0xC0,
    BESOM__DESTROYED = 0xC0 /* the stamp 3, of no epoch: its destroy hook has run */
};

static inline uint8_t *besom__meta(const void *granule)
{
    const uintptr_t in_chunk = BESOM__CHUNK_BYTES - 1;
    uintptr_t p = (uintptr_t)granule;
    return (uint8_t *)((p & ~in_chunk) + ((p & in_chunk) / BESOM__GRANULE_BYTES));
}

#ifdef __cplusplus
}
#endif
#endif
