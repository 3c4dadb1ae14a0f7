// Linux calls and constants that the Glibc module does not export to Swift.
//
// Header only: every function is `static inline` and forwards to one libc call, so there is
// nothing to link. Failures are reported the libc way: -1 and errno.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

// Visible only with _GNU_SOURCE, which a package target cannot define for its importers.
extern int accept4(int, struct sockaddr *, socklen_t *, int);
extern int pipe2(int[2], int);

// The kernel's ABI values (asm-generic/fcntl.h); glibc hides them without _GNU_SOURCE.
static const int cs_f_ofd_getlk = 36;
static const int cs_f_ofd_setlk = 37;
static const int cs_f_ofd_setlkw = 38;
static const int cs_o_cloexec = O_CLOEXEC;
static const int cs_o_path = 010000000;

// struct ucred as the kernel fills it for SO_PEERCRED.
struct cs_credentials {
  int32_t pid;
  uint32_t uid;
  uint32_t gid;
};

// A new close-on-exec epoll instance, or -1.
static inline int cs_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

// Adds, changes or removes the interest of `fd`; `tag` comes back with its events.
static inline int cs_epoll_control(int epoll, int operation, int fd, uint32_t events,
                                   uint64_t tag) {
  struct epoll_event event;
  event.events = events;
  event.data.u64 = tag;
  return epoll_ctl(epoll, operation, fd, &event);
}

// The event bits and the tag of one entry that epoll_wait filled.
static inline uint32_t cs_event_bits(const struct epoll_event *event) { return event->events; }
static inline uint64_t cs_event_tag(const struct epoll_event *event) { return event->data.u64; }

static const uint32_t cs_epollin = EPOLLIN;
static const uint32_t cs_epollout = EPOLLOUT;
static const uint32_t cs_epollerr = EPOLLERR;
static const uint32_t cs_epollhup = EPOLLHUP;
static const uint32_t cs_epollrdhup = EPOLLRDHUP;

// A non-blocking, close-on-exec event counter, or -1.
static inline int cs_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

// The next waiting connection, non-blocking and close-on-exec, its peer address in `address`.
static inline int cs_accept(int fd, struct sockaddr_storage *address, socklen_t *length) {
  return accept4(fd, (struct sockaddr *)address, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

// A close-on-exec stream socket of the family; non-blocking when asked.
static inline int cs_socket(int family, int nonblocking) {
  return socket(family, SOCK_STREAM | SOCK_CLOEXEC | (nonblocking ? SOCK_NONBLOCK : 0), 0);
}

// A close-on-exec pipe.
static inline int cs_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

// A connected pair of close-on-exec unix stream sockets.
static inline int cs_socketpair(int ends[2]) {
  return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends);
}

// Who is at the other end of a unix socket; 0 or -1.
static inline int cs_peer_credentials(int fd, struct cs_credentials *who) {
  socklen_t length = sizeof(*who);
  return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, who, &length);
}

// The user id at the other end of a unix socket, or -1 when the kernel does not say.
static inline int64_t cs_peer_uid(int fd) {
  struct cs_credentials who = {0, 0, 0};
  return cs_peer_credentials(fd, &who) == 0 ? (int64_t)who.uid : -1;
}

// Fills `bytes` from the kernel's generator; blocks only before the pool is ready at boot.
static inline ssize_t cs_random(void *bytes, size_t count) { return getrandom(bytes, count, 0); }

// A non-blocking, close-on-exec descriptor that reads the signals of `mask`, or -1.
static inline int cs_signalfd(const sigset_t *mask) {
  return signalfd(-1, mask, SFD_NONBLOCK | SFD_CLOEXEC);
}

// Visible only with _GNU_SOURCE; glibc 2.34 or later.
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *, int);

// The started program gets no descriptor from `first` on.
static inline int cs_spawn_close_from(posix_spawn_file_actions_t *actions, int first) {
  return posix_spawn_file_actions_addclosefrom_np(actions, first);
}
