/*
 * Records what a process does to one SQLite database: every write, truncation, sync and change of
 * name, in the order in which they took effect. Loaded into the process by LD_PRELOAD.
 *
 *   RECORDED_STORE  absolute path of the database; files whose path begins with it are recorded,
 *                   except for the -shm file, which does not outlive a power cut
 *   RECORD_FILE     takes the record; appended to, so that several processes, one after the other,
 *                   make one record
 *
 * An entry is a header of 40 bytes, little endian, and data: kind (1 byte, then 3 unused), length of
 * the data (4), inode (8), number (8), name of the thread (16).
 *
 *   'C'  a file was created; data: its path
 *   'W'  data was written at offset <number>
 *   'T'  the file was cut or extended to <number> bytes
 *   'B'  a sync has begun; 'E': the sync that began as entry <number> has succeeded. The inode is 0
 *        for a sync of the folder
 *   'R'  a file was renamed; data: old path, zero byte, new path
 *   'L'  a file was given a second name; data: its path, zero byte, the second path
 *   'U'  a name was removed; data: its path
 *   'X'  something happened of which the record knows too little; data: what
 *
 * Everything but a sync happens under one lock together with its entry. A sync has an entry before
 * and one after it, so it is known of each write whether it was over when the sync began.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define DESCRIPTORS 65536
#define FOLDER UINT64_MAX

struct entry {
  uint8_t kind;
  uint8_t unused[3];
  uint32_t length;
  uint64_t inode;
  int64_t number;
  char thread[16];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int record = -1;
static int64_t entries;
static const char *store;
static char folder[4096];

/* By descriptor: 0 if it is none of ours, FOLDER, or the inode. */
static uint64_t known[DESCRIPTORS];

#define NEXT(name, result, ...)                          \
  static result (*next)(__VA_ARGS__);                    \
  if (next == NULL) {                                    \
    *(void **)(&next) = dlsym(RTLD_NEXT, name);          \
  }

/* How many there are in a record already. */
static int64_t entries_of(int descriptor) {
  struct entry entry;
  int64_t count = 0;
  off_t at = 0;
  NEXT("pread", ssize_t, int, void *, size_t, off_t)
  while (next(descriptor, &entry, sizeof entry, at) == (ssize_t)sizeof entry) {
    at += sizeof entry + entry.length;
    count++;
  }
  return count;
}

static void begin(void) {
  const char *file = getenv("RECORD_FILE");
  store = getenv("RECORDED_STORE");
  if (file == NULL || store == NULL || strlen(store) >= sizeof folder) {
    store = NULL;
    return;
  }
  strcpy(folder, store);
  char *slash = strrchr(folder, '/');
  if (slash != NULL) {
    *slash = 0;
  }
  NEXT("open", int, const char *, int, ...)
  record = next(file, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (record < 0) {
    perror("power-cut recorder: cannot open RECORD_FILE");
    _exit(70);
  }
  entries = entries_of(record);
}

static int is_ours(const char *path) {
  pthread_once(&once, begin);
  if (store == NULL || path == NULL || strncmp(path, store, strlen(store)) != 0) {
    return 0;
  }
  size_t length = strlen(path);
  return length < 4 || strcmp(path + length - 4, "-shm") != 0;
}

static uint64_t known_as(int descriptor) {
  return descriptor >= 0 && descriptor < DESCRIPTORS ? known[descriptor] : 0;
}

/* Under the lock; returns the entry's number. */
static int64_t put(char kind, uint64_t inode, int64_t number, const void *data, size_t length) {
  struct entry entry = {
      .kind = (uint8_t)kind, .length = (uint32_t)length, .inode = inode, .number = number};
  prctl(PR_GET_NAME, entry.thread);
  struct iovec parts[2] = {{&entry, sizeof entry}, {(void *)data, length}};
  NEXT("writev", ssize_t, int, const struct iovec *, int)
  if (next(record, parts, 2) != (ssize_t)(sizeof entry + length)) {
    perror("power-cut recorder: cannot write the record");
    _exit(70);
  }
  return entries++;
}

static void put_unknown(const char *what) { put('X', 0, 0, what, strlen(what)); }

static int opened(const char *path, int flags, int existed, int descriptor) {
  if (descriptor < 0 || descriptor >= DESCRIPTORS) {
    return descriptor;
  }
  struct stat status;
  if (fstat(descriptor, &status) != 0) {
    return descriptor;
  }
  if (S_ISDIR(status.st_mode)) {
    struct stat ours;
    if (stat(folder, &ours) == 0 && ours.st_ino == status.st_ino && ours.st_dev == status.st_dev) {
      known[descriptor] = FOLDER;
    }
    return descriptor;
  }
  if (!is_ours(path)) {
    return descriptor;
  }
  known[descriptor] = status.st_ino;
  if (!existed) {
    put('C', status.st_ino, 0, path, strlen(path));
  } else if (flags & O_TRUNC) {
    put('T', status.st_ino, 0, NULL, 0);
  }
  return descriptor;
}

/* Whether an open of this path may matter; a folder's does. */
static int may_matter(const char *path) {
  pthread_once(&once, begin);
  return store != NULL && path != NULL && strncmp(path, folder, strlen(folder)) == 0;
}

#define OPEN_BODY(name, path, call_mode)                 \
  va_list rest;                                          \
  va_start(rest, flags);                                 \
  mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(rest, mode_t) : 0; \
  va_end(rest);                                          \
  if (!may_matter(path)) {                               \
    return call_mode;                                    \
  }                                                      \
  pthread_mutex_lock(&lock);                             \
  int existed = access(path, F_OK) == 0;                 \
  int descriptor = opened(path, flags, existed, call_mode); \
  int error = errno;                                     \
  pthread_mutex_unlock(&lock);                           \
  errno = error;                                         \
  return descriptor;

int open(const char *path, int flags, ...) {
  NEXT("open", int, const char *, int, ...)
  OPEN_BODY("open", path, next(path, flags, mode))
}

int open64(const char *path, int flags, ...) {
  NEXT("open64", int, const char *, int, ...)
  OPEN_BODY("open64", path, next(path, flags, mode))
}

int openat(int at, const char *path, int flags, ...) {
  NEXT("openat", int, int, const char *, int, ...)
  OPEN_BODY("openat", path, next(at, path, flags, mode))
}

int openat64(int at, const char *path, int flags, ...) {
  NEXT("openat64", int, int, const char *, int, ...)
  OPEN_BODY("openat64", path, next(at, path, flags, mode))
}

int close(int descriptor) {
  NEXT("close", int, int)
  if (known_as(descriptor) == 0) {
    return next(descriptor);
  }
  pthread_mutex_lock(&lock);
  known[descriptor] = 0;
  int result = next(descriptor);
  pthread_mutex_unlock(&lock);
  return result;
}

#define WRITE_BODY(call, at)                             \
  if (known_as(descriptor) == 0) {                       \
    return call;                                         \
  }                                                      \
  pthread_mutex_lock(&lock);                             \
  off64_t offset = at;                                   \
  ssize_t written = call;                                \
  int error = errno;                                     \
  if (written > 0) {                                     \
    put('W', known[descriptor], offset, data, (size_t)written); \
  }                                                      \
  pthread_mutex_unlock(&lock);                           \
  errno = error;                                         \
  return written;

ssize_t write(int descriptor, const void *data, size_t length) {
  NEXT("write", ssize_t, int, const void *, size_t)
  WRITE_BODY(next(descriptor, data, length), lseek64(descriptor, 0, SEEK_CUR))
}

ssize_t pwrite(int descriptor, const void *data, size_t length, off_t where) {
  NEXT("pwrite", ssize_t, int, const void *, size_t, off_t)
  WRITE_BODY(next(descriptor, data, length, where), where)
}

ssize_t pwrite64(int descriptor, const void *data, size_t length, off64_t where) {
  NEXT("pwrite64", ssize_t, int, const void *, size_t, off64_t)
  WRITE_BODY(next(descriptor, data, length, where), where)
}

#define TRUNCATE_BODY                                    \
  if (known_as(descriptor) == 0) {                       \
    return next(descriptor, length);                     \
  }                                                      \
  pthread_mutex_lock(&lock);                             \
  int result = next(descriptor, length);                 \
  int error = errno;                                     \
  if (result == 0) {                                     \
    put('T', known[descriptor], length, NULL, 0);        \
  }                                                      \
  pthread_mutex_unlock(&lock);                           \
  errno = error;                                         \
  return result;

int ftruncate(int descriptor, off_t length) {
  NEXT("ftruncate", int, int, off_t)
  TRUNCATE_BODY
}

int ftruncate64(int descriptor, off64_t length) {
  NEXT("ftruncate64", int, int, off64_t)
  TRUNCATE_BODY
}

#define SYNC_BODY                                        \
  uint64_t inode = known_as(descriptor);                 \
  if (inode == 0) {                                      \
    return next(descriptor);                             \
  }                                                      \
  if (inode == FOLDER) {                                 \
    inode = 0;                                           \
  }                                                      \
  pthread_mutex_lock(&lock);                             \
  int64_t number = put('B', inode, 0, NULL, 0);          \
  pthread_mutex_unlock(&lock);                           \
  int result = next(descriptor);                         \
  int error = errno;                                     \
  if (result == 0) {                                     \
    pthread_mutex_lock(&lock);                           \
    put('E', inode, number, NULL, 0);                    \
    pthread_mutex_unlock(&lock);                         \
  }                                                      \
  errno = error;                                         \
  return result;

int fsync(int descriptor) {
  NEXT("fsync", int, int)
  SYNC_BODY
}

int fdatasync(int descriptor) {
  NEXT("fdatasync", int, int)
  SYNC_BODY
}

#define NAMES_BODY(kind, call)                           \
  if (!is_ours(from) && !is_ours(to)) {                  \
    return call;                                         \
  }                                                      \
  pthread_mutex_lock(&lock);                             \
  int result = call;                                     \
  int error = errno;                                     \
  if (result == 0) {                                     \
    char names[2 * sizeof folder];                       \
    int length = snprintf(names, sizeof names, "%s%c%s", from, 0, to); \
    put(kind, 0, 0, names, (size_t)length);              \
  }                                                      \
  pthread_mutex_unlock(&lock);                           \
  errno = error;                                         \
  return result;

int rename(const char *from, const char *to) {
  NEXT("rename", int, const char *, const char *)
  NAMES_BODY('R', next(from, to))
}

int renameat(int from_at, const char *from, int to_at, const char *to) {
  NEXT("renameat", int, int, const char *, int, const char *)
  NAMES_BODY('R', next(from_at, from, to_at, to))
}

int link(const char *from, const char *to) {
  NEXT("link", int, const char *, const char *)
  NAMES_BODY('L', next(from, to))
}

#define REMOVE_BODY(call)                                \
  if (!is_ours(path)) {                                  \
    return call;                                         \
  }                                                      \
  pthread_mutex_lock(&lock);                             \
  int result = call;                                     \
  int error = errno;                                     \
  if (result == 0) {                                     \
    put('U', 0, 0, path, strlen(path));                  \
  }                                                      \
  pthread_mutex_unlock(&lock);                           \
  errno = error;                                         \
  return result;

int unlink(const char *path) {
  NEXT("unlink", int, const char *)
  REMOVE_BODY(next(path))
}

int unlinkat(int at, const char *path, int flags) {
  NEXT("unlinkat", int, int, const char *, int)
  REMOVE_BODY(next(at, path, flags))
}

/* What follows changes files in ways that are not recorded; a record that has it is refused. */
#define UNKNOWN_BODY(what, descriptor, call)             \
  if (known_as(descriptor) != 0) {                       \
    pthread_mutex_lock(&lock);                           \
    put_unknown(what);                                   \
    pthread_mutex_unlock(&lock);                         \
  }                                                      \
  return call;

ssize_t writev(int descriptor, const struct iovec *parts, int count) {
  NEXT("writev", ssize_t, int, const struct iovec *, int)
  UNKNOWN_BODY("writev", descriptor, next(descriptor, parts, count))
}

ssize_t pwritev(int descriptor, const struct iovec *parts, int count, off_t where) {
  NEXT("pwritev", ssize_t, int, const struct iovec *, int, off_t)
  UNKNOWN_BODY("pwritev", descriptor, next(descriptor, parts, count, where))
}

int fallocate(int descriptor, int mode, off_t from, off_t length) {
  NEXT("fallocate", int, int, int, off_t, off_t)
  UNKNOWN_BODY("fallocate", descriptor, next(descriptor, mode, from, length))
}

int posix_fallocate(int descriptor, off_t from, off_t length) {
  NEXT("posix_fallocate", int, int, off_t, off_t)
  UNKNOWN_BODY("posix_fallocate", descriptor, next(descriptor, from, length))
}

void *mmap(void *address, size_t length, int protection, int flags, int descriptor, off_t from) {
  NEXT("mmap", void *, void *, size_t, int, int, int, off_t)
  int changes = (protection & PROT_WRITE) && (flags & MAP_SHARED);
  UNKNOWN_BODY("a mapping", changes ? descriptor : -1,
               next(address, length, protection, flags, descriptor, from))
}
