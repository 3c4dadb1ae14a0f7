// Re-hashes a whole log on 8 or 16 lanes: verify16 FOLDER THREADS
// Each line's hash must be SHA-256 of the 64 characters of the hash before and of its own bytes
// without the last 75. Lines are hashed in step, those of equal block count together.
#include "fold.hpp"
#include <atomic>
#if defined(__AVX512F__)
constexpr int lanes = 16;
#else
constexpr int lanes = 8;
#endif
typedef uint32_t Word __attribute__((vector_size(lanes * 4)));

static const uint32_t K[64] = {
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

#define R(x, n) ((x) >> (n) | (x) << (32 - (n)))
static void compress(Word *h, Word *w) {
  Word a = h[0], b = h[1], c = h[2], d = h[3], e = h[4], f = h[5], g = h[6], i = h[7];
#pragma GCC unroll 64
  for (int t = 0; t < 64; t++) {
    if (t >= 16) {
      Word x = w[(t + 1) & 15], y = w[(t + 14) & 15];
      w[t & 15] += (R(x, 7) ^ R(x, 18) ^ x >> 3) + w[(t + 9) & 15] + (R(y, 17) ^ R(y, 19) ^ y >> 10);
    }
    Word t1 = i + (R(e, 6) ^ R(e, 11) ^ R(e, 25)) + (g ^ (e & (f ^ g))) + K[t] + w[t & 15];
    Word t2 = (R(a, 2) ^ R(a, 13) ^ R(a, 22)) + ((a & b) | (c & (a | b)));
    i = g; g = f; f = e; e = d + t1; d = c; c = b; b = a; a = t1 + t2;
  }
  h[0] += a; h[1] += b; h[2] += c; h[3] += d; h[4] += e; h[5] += f; h[6] += g; h[7] += i;
}

struct Link { const char *before, *line; uint32_t size; };  // 64 characters; body; its bytes

static void load(Word *w, int lane, const unsigned char *p) {
  for (int t = 0; t < 16; t++) {
    uint32_t v;
    memcpy(&v, p + 4 * t, 4);
    w[t][lane] = __builtin_bswap32(v);
  }
}

// Hashes up to `lanes` links of the same number of blocks; false when one does not fit.
static bool check(const Link *links, int count) {
  static const uint32_t H[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  Word h[8], w[16] = {};
  for (int k = 0; k < 8; k++) h[k] = Word{} + H[k];
  for (int l = 0; l < count; l++) load(w, l, (const unsigned char *)links[l].before);
  compress(h, w);
  size_t blocks = (links[0].size + 8) / 64 + 1;
  for (size_t b = 0; b < blocks; b++) {
    for (int l = 0; l < count; l++) {
      const Link &k = links[l];
      if (k.size >= (b + 1) * 64) { load(w, l, (const unsigned char *)k.line + b * 64); continue; }
      unsigned char tail[64] = {};
      if (k.size >= b * 64) {
        memcpy(tail, k.line + b * 64, k.size - b * 64);
        tail[k.size - b * 64] = 0x80;
      }
      if (b + 1 == blocks) {
        uint64_t bits = __builtin_bswap64((uint64_t(k.size) + 64) * 8);
        memcpy(tail + 56, &bits, 8);
      }
      load(w, l, tail);
    }
    compress(h, w);
  }
  for (int l = 0; l < count; l++) {
    char hex[65];
    for (int k = 0; k < 8; k++)
      for (int n = 0; n < 8; n++) hex[k * 8 + n] = "0123456789abcdef"[h[k][l] >> (28 - 4 * n) & 15];
    if (memcmp(hex, links[l].line + links[l].size + 9, 64)) return false;
  }
  return true;
}

int main(int argc, char **argv) {
  if (argc != 3) { fprintf(stderr, "verify16 FOLDER THREADS\n"); return 2; }
  int threads = atoi(argv[2]);
  auto files = map_log(argv[1]);
  auto shares = share(files, threads);
  static const std::string zeros(64, '0');
  // The hash that the first line of each share follows.
  std::vector<std::vector<const char *>> first(threads);
  const char *last = zeros.data();
  for (int t = 0; t < threads; t++)
    for (auto &s : shares[t]) { first[t].push_back(last); last = s.data + s.size - 67; }
  std::atomic<long> lines{0};
  auto run = [&](int t) {
    std::vector<Link> waiting[256];
    long n = 0;
    auto give = [&](std::vector<Link> &v) {
      if (!v.empty() && !check(v.data(), int(v.size()))) { fprintf(stderr, "a hash does not fit\n"); _exit(1); }
      v.clear();
    };
    for (size_t i = 0; i < shares[t].size(); i++) {
      const char *p = shares[t][i].data, *end = p + shares[t][i].size, *before = first[t][i];
      while (p < end) {
        const char *nl = (const char *)memchr(p, '\n', size_t(end - p));
        if (!nl || nl - p <= 75) { fprintf(stderr, "bad line\n"); _exit(1); }
        Link k{before, p, uint32_t(nl - p - 75)};
        size_t blocks = (k.size + 8) / 64 + 1;
        if (blocks < 256) {
          waiting[blocks].push_back(k);
          if ((int)waiting[blocks].size() == lanes) give(waiting[blocks]);
        } else {
          std::vector<Link> alone{k};
          give(alone);
        }
        before = nl - 66;
        p = nl + 1;
        n++;
      }
    }
    for (auto &v : waiting) give(v);
    lines += n;
  };
  std::vector<std::thread> workers;
  for (int t = 1; t < threads; t++) workers.emplace_back(run, t);
  run(0);
  for (auto &w : workers) w.join();
  printf("%ld lines fit, %d lanes\n", lines.load(), lanes);
  fflush(stdout);
  _exit(0);
}
