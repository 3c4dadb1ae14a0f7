// Bare durable appends of 440-byte lines: append MODE FILE WRITERS SECONDS
// single: each writer locks, write, fdatasync. group: one log thread writes all waiting lines in
// one write, one fdatasync, then wakes their writers. Writers are threads.
#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <mutex>
#include <string>
#include <thread>
#include <time.h>
#include <unistd.h>
#include <vector>

static double now() { timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec + t.tv_nsec / 1e9; }
static void put(int fd, const char *p, size_t n) {
  if (write(fd, p, n) != (ssize_t)n || fdatasync(fd) != 0) { perror("append"); _exit(1); }
}

int main(int argc, char **argv) {
  if (argc != 5) { fprintf(stderr, "append single|group FILE WRITERS SECONDS\n"); return 2; }
  bool group = !strcmp(argv[1], "group");
  int fd = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600), writers = atoi(argv[3]);
  if (fd < 0) { perror(argv[2]); return 1; }
  const std::string line = std::string(439, 'x') + "\n";
  std::mutex mutex;
  // Two conditions in turn, so that a sync wakes only those who waited for it.
  std::condition_variable work, done[2];
  std::string collecting;
  long batch = 0, durable = -1, syncs = 0;  // number of the batch being collected; last one on disk
  bool closing = false;
  std::thread log;
  if (group) log = std::thread([&] {
    std::string writing;
    std::unique_lock<std::mutex> lock(mutex);
    while (true) {
      work.wait(lock, [&] { return closing || !collecting.empty(); });
      if (collecting.empty()) return;
      writing.swap(collecting);
      long mine = batch++;
      lock.unlock();
      put(fd, writing.data(), writing.size());
      writing.clear();
      lock.lock();
      durable = mine;
      syncs++;
      done[mine & 1].notify_all();
    }
  });
  double start = now(), end = start + atof(argv[4]);
  std::vector<std::vector<float>> times(writers);
  std::vector<std::thread> threads;
  for (int w = 0; w < writers; w++) threads.emplace_back([&, w] {
    for (double before = now(); before < end;) {
      if (group) {
        std::unique_lock<std::mutex> lock(mutex);
        bool first = collecting.empty();
        collecting += line;
        long mine = batch;
        if (first) work.notify_one();
        done[mine & 1].wait(lock, [&] { return durable >= mine; });
      } else {
        std::lock_guard<std::mutex> lock(mutex);
        put(fd, line.data(), line.size());
        syncs++;
      }
      double after = now();
      times[w].push_back(float(after - before));
      before = after;
    }
  });
  for (auto &t : threads) t.join();
  double took = now() - start;
  if (group) { { std::lock_guard<std::mutex> lock(mutex); closing = true; work.notify_one(); } log.join(); }
  std::vector<float> all;
  for (auto &t : times) all.insert(all.end(), t.begin(), t.end());
  std::sort(all.begin(), all.end());
  printf("appends_per_s=%.0f syncs_per_s=%.0f p50_us=%.0f p99_us=%.0f\n", all.size() / took, syncs / took,
         all[all.size() / 2] * 1e6, all[all.size() * 99 / 100] * 1e6);
}
