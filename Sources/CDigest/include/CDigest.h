// SHA-256 by vector units: kernels that the Digest module picks from at run time.
//
// Every kernel computes FIPS 180-4 SHA-256 and nothing else. The pure Swift code in Digest is
// the oracle; a kernel that disagrees with its known answers at start is not used.
// Nothing here allocates, keeps state between calls, or reads a byte outside the given ranges.
#ifndef CDIGEST_H
#define CDIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// One message: the bytes of `prefix` followed by the bytes of `body`, which need not be
/// adjacent. A pointer may be NULL when its count is 0. No alignment is asked for.
/// The counts together are less than 2^61.
struct cdigest_message {
  const void *prefix;
  size_t prefix_count;
  const void *body;
  size_t body_count;
};

/// Whether processor and operating system both support the kernel of that name.
bool cdigest_has_avx2x8(void);
bool cdigest_has_avx512x16(void);
bool cdigest_has_shani(void);

/// Hashes `count` messages, 8 or 16 in step; a lane that is done takes the next message.
///
/// Message i's digest lands in words[4 * i] to words[4 * i + 3], each word holding eight bytes
/// of the digest as one big-endian number. Only to be called where `cdigest_has_…` said true.
void cdigest_hash_avx2x8(const struct cdigest_message *messages, size_t count, uint64_t *words);
void cdigest_hash_avx512x16(const struct cdigest_message *messages, size_t count, uint64_t *words);

/// Takes `count` blocks of 64 bytes into the eight words of `state`, one message at a time.
///
/// Only to be called where `cdigest_has_shani` said true.
void cdigest_absorb_shani(uint32_t *state, const void *blocks, size_t count);

#endif
