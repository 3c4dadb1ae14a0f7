// What the C++ peers share: the files of a log in memory, and the four questions over its events.
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <map>
#include <string>
#include <string_view>
#include <sys/mman.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <unordered_map>
#include <unordered_set>
#include <vector>

struct Span { const char *data; size_t size; };

inline void die(const char *what) { perror(what); exit(2); }

// Maps a file with a page of zeros behind it, so that it may be over-read.
inline Span map_file(const std::string &path) {
  int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat st;
  if (fd < 0 || fstat(fd, &st) != 0) die(path.c_str());
  size_t size = size_t(st.st_size), room = (size + 4095) / 4096 * 4096 + 4096;
  char *base = (char *)mmap(nullptr, room, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (base == MAP_FAILED) die("mmap");
  if (size && mmap(base, size, PROT_READ, MAP_PRIVATE | MAP_FIXED | MAP_POPULATE, fd, 0) == MAP_FAILED)
    die("mmap");
  close(fd);
  return {base, size};
}

// All segments of a ledger folder, in order.
inline std::vector<Span> map_log(const char *folder) {
  std::vector<std::string> names;
  DIR *d = opendir(folder);
  if (!d) die(folder);
  while (dirent *e = readdir(d)) {
    std::string n = e->d_name;
    if (n.size() > 6 && n.substr(n.size() - 6) == ".jsonl") names.push_back(n);
  }
  closedir(d);
  std::sort(names.begin(), names.end());
  std::vector<Span> files;
  for (auto &n : names) files.push_back(map_file(std::string(folder) + "/" + n));
  return files;
}

// Contiguous shares of the log, cut at line ends.
inline std::vector<std::vector<Span>> share(const std::vector<Span> &files, int threads) {
  size_t total = 0, before = 0;
  for (auto &f : files) total += f.size;
  std::vector<std::vector<Span>> shares(threads);
  for (auto &f : files) {
    size_t start = 0;
    while (start < f.size) {
      int t = int(std::min<size_t>(threads - 1, (before + start) * threads / (total ? total : 1)));
      size_t end = t + 1 == threads ? f.size
        : std::min(f.size, (total * (t + 1) + threads - 1) / threads - before);
      if (end < f.size) {
        const char *nl = end > start ? (const char *)memchr(f.data + end - 1, '\n', f.size - end + 1) : nullptr;
        end = nl ? size_t(nl - f.data) + 1 : f.size;
      }
      if (end <= start) end = f.size;
      shares[t].push_back({f.data + start, end - start});
      start = end;
    }
    before += f.size;
  }
  return shares;
}

using std::string_view;

inline int two(const char *p) { return (p[0] - '0') * 10 + p[1] - '0'; }
inline int64_t days_from_civil(int y, unsigned m, unsigned d) {
  y -= m <= 2;
  const int era = (y >= 0 ? y : y - 399) / 400;
  const unsigned yoe = unsigned(y - era * 400), doy = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
  return era * 146097 + int64_t(yoe * 365 + yoe / 4 - yoe / 100 + doy) - 719468;
}
inline int64_t millis(string_view t) {
  const char *p = t.data();
  int64_t day = days_from_civil(two(p) * 100 + two(p + 2), unsigned(two(p + 5)), unsigned(two(p + 8)));
  return ((day * 24 + two(p + 11)) * 60 + two(p + 14)) * 60000 + two(p + 17) * 1000 + two(p + 20) * 10 + (p[22] - '0');
}
// Digits without the point: atomic units at the scale that the log always writes in full.
inline int64_t units(string_view t) {
  int64_t n = 0;
  for (char c : t) if (c != '.') n = n * 10 + (c - '0');
  return n;
}

// Partial answers over a contiguous share of the log; `merge` takes in the share behind it.
struct Facts {
  struct Hash { size_t operator()(string_view s) const { return std::hash<string_view>()(s); } };
  std::unordered_map<string_view, int, Hash> names;
  std::vector<string_view> name_of;
  std::unordered_map<uint64_t, __int128> sums;            // agent, day, asset
  std::unordered_map<int, int64_t> counts;                // by type
  std::unordered_map<string_view, int64_t, Hash> open;    // payment -> start; these lie in the file
  std::vector<string_view> closed;                        // ended here, begun in a share before
  struct Streak { bool completed = false; int64_t failures = 0; };
  std::unordered_map<int, Streak> streaks;                // by vendor
  int64_t last = 0;

  Facts() { open.reserve(1 << 16); }
  // Names are copied when they are new: a parser's own strings do not outlive the next line.
  int intern(string_view s) {
    auto it = names.find(s);
    if (it != names.end()) return it->second;
    string_view kept(strndup(s.data(), s.size()), s.size());
    names.emplace(kept, int(name_of.size()));
    name_of.push_back(kept);
    return int(name_of.size()) - 1;
  }
  void end(string_view payment) { if (!open.erase(payment)) closed.push_back(payment); }
  void started(string_view payment, int64_t at) { open.emplace(payment, at); }
  void completed(string_view payment, string_view agent, string_view vendor, string_view amount,
                 string_view asset, int64_t when) {
    end(payment);
    sums[uint64_t(intern(agent)) << 40 | uint64_t(when / 86400000) << 16 | uint64_t(intern(asset))] += units(amount);
    streaks[intern(vendor)] = {true, 0};
  }
  void failed(string_view payment, string_view vendor, bool fault) {
    end(payment);
    if (fault) streaks[intern(vendor)].failures++;
  }
  void merge(Facts &later) {
    for (auto &[key, sum] : later.sums)
      sums[uint64_t(intern(later.name_of[key >> 40])) << 40 | (key & 0xFFFFFF0000) |
           uint64_t(intern(later.name_of[key & 0xFFFF]))] += sum;
    for (auto &[type, n] : later.counts) counts[intern(later.name_of[type])] += n;
    for (auto &p : later.closed) end(p);
    for (auto &[p, at] : later.open) open.emplace(p, at);
    for (auto &[v, s] : later.streaks) {
      Streak &mine = streaks[intern(later.name_of[v])];
      mine = s.completed ? s : Streak{mine.completed, mine.failures + s.failures};
    }
    if (later.last) last = later.last;
  }
  static const char *status(string_view t) {
    static const std::map<string_view, const char *> words = {
      {"ledger.opened", "open"}, {"segment.opened", "open"}, {"segment.sealed", "sealed"},
      {"ledger.tail_repaired", "repaired"}, {"ledger.restored", "repaired"},
      {"clock.adjusted", "applied"}, {"config.applied", "applied"}, {"payment.started", "pending"},
      {"payment.completed", "completed"}, {"payment.failed", "failed"},
      {"gateway.payment_accepted", "accepted"}, {"gateway.response_recorded", "recorded"},
      {"gateway.offers_counted", "counted"}, {"ratelimit.trips_counted", "counted"}};
    auto it = words.find(t);
    return it == words.end() ? "?" : it->second;
  }
  void print() {
    for (auto &[key, sum] : sums) {
      string_view asset = name_of[key & 0xFFFF];
      time_t day = time_t((key >> 16 & 0xFFFFFF) * 86400);
      char date[16];
      struct tm tm;
      strftime(date, sizeof date, "%Y-%m-%d", gmtime_r(&day, &tm));
      int scale = asset == "BTC" ? 11 : 6;
      std::string digits = std::to_string((long long)sum);
      while ((int)digits.size() <= scale) digits.insert(0, "0");
      digits.insert(digits.size() - scale, ".");
      printf("D %.*s %s %.*s %s\n", int(name_of[key >> 40].size()), name_of[key >> 40].data(), date,
             int(asset.size()), asset.data(), digits.c_str());
    }
    for (auto &[number, n] : counts) {
      string_view type = name_of[number];
      printf("C %.*s %s %lld\n", int(type.size()), type.data(), status(type), (long long)n);
    }
    for (auto &[p, at] : open)
      if (last - at > 900000) printf("P %.*s\n", int(p.size()), p.data());
    for (auto &[v, s] : streaks)
      if (s.failures) printf("F %.*s %lld\n", int(name_of[v].size()), name_of[v].data(), (long long)s.failures);
  }
};

template <class Fold> void fold_log(const char *folder, int threads, Fold fold) {
  auto files = map_log(folder);
  auto shares = share(files, threads);
  std::vector<Facts> facts(threads);
  std::vector<std::thread> workers;
  for (int t = 1; t < threads; t++)
    workers.emplace_back([&, t] { for (auto &s : shares[t]) fold(s, facts[t]); });
  for (auto &s : shares[0]) fold(s, facts[0]);
  for (auto &w : workers) w.join();
  for (int t = 1; t < threads; t++) facts[0].merge(facts[t]);
  facts[0].print();
  fflush(stdout);
  _exit(0);
}
