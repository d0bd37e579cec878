/*
 * Makes a folder bad while the byte in a file is not 0. What is open stays open.
 *
 * 1: read-only, as after an error: whatever would change something there fails with EROFS.
 * 2: full: what would make a file longer, or create one, fails with ENOSPC.
 * 3: slow: each write takes 2 ms longer, and each sync 300 ms.
 *
 * The file is mapped, so a change takes effect at once.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define NEXT(name) ((__typeof__(&name)) dlsym(RTLD_NEXT, #name))

enum { SOUND, READ_ONLY, FULL, SLOW };

static const volatile char *state;
static const char *folder;

__attribute__((constructor)) static void map_flag(void) {
  const char *name = getenv("BRITTLE_DISK_FILE");
  folder = getenv("BRITTLE_DISK_FOLDER");
  int file = name == NULL || folder == NULL ? -1 : NEXT(open)(name, O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    return;
  }
  void *page = mmap(NULL, 1, PROT_READ, MAP_SHARED, file, 0);
  close(file);
  if (page != MAP_FAILED) {
    state = page;
  }
}

static int is_inside(const char *path) {
  size_t length = strlen(folder);
  return strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == 0);
}

static int is(int what) {
  return state != NULL && *state == what;
}

static int fails_with(int error) {
  errno = error;
  return 1;
}

/** Whether a change of what lies at this path is refused; errno says why. */
static int refuses_path(const char *path) {
  return is(READ_ONLY) && path != NULL && is_inside(path) && fails_with(EROFS);
}

static int is_file_inside(int file) {
  char link[64];
  char path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) {
    return 0;
  }
  path[length] = 0;
  return is_inside(path);
}

static int refuses_file(int file) {
  return is(READ_ONLY) && is_file_inside(file) && fails_with(EROFS);
}

/** Whether bytes may not be written that end there; takes its time about it on a slow disk. */
static int refuses_bytes(int file, off_t end) {
  if (is(SLOW) && is_file_inside(file)) {
    nanosleep(&(struct timespec){0, 2000000}, NULL);
    return 0;
  }
  struct stat now;
  if (is(FULL) && is_file_inside(file) && fstat(file, &now) == 0 && end > now.st_size) {
    return fails_with(ENOSPC);
  }
  return refuses_file(file);
}

static int refuses_open(const char *path, int flags) {
  if (is(FULL) && (flags & O_CREAT) && is_inside(path) && access(path, F_OK) != 0) {
    return fails_with(ENOSPC);
  }
  return refuses_path(path);
}

static void sync_slowly(int file) {
  if (is(SLOW) && is_file_inside(file)) {
    nanosleep(&(struct timespec){0, 300000000}, NULL);
  }
}

static int is_change(int flags) {
  return (flags & O_ACCMODE) != O_RDONLY || (flags & (O_CREAT | O_TRUNC)) != 0;
}

#define OPEN(name)                                            \
  int name(const char *path, int flags, ...) {                \
    va_list more;                                             \
    va_start(more, flags);                                    \
    mode_t mode = (flags & O_CREAT) ? va_arg(more, mode_t) : 0; \
    va_end(more);                                             \
    if (is_change(flags) && refuses_open(path, flags)) {             \
      return -1;                                              \
    }                                                         \
    return NEXT(name)(path, flags, mode);                     \
  }

#define OPENAT(name)                                          \
  int name(int at, const char *path, int flags, ...) {        \
    va_list more;                                             \
    va_start(more, flags);                                    \
    mode_t mode = (flags & O_CREAT) ? va_arg(more, mode_t) : 0; \
    va_end(more);                                             \
    if (is_change(flags) && refuses_open(path, flags)) {             \
      return -1;                                              \
    }                                                         \
    return NEXT(name)(at, path, flags, mode);                 \
  }

OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)

ssize_t write(int file, const void *bytes, size_t count) {
  off_t position = state == NULL || !*state ? 0 : lseek(file, 0, SEEK_CUR);
  return refuses_bytes(file, position + count) ? -1 : NEXT(write)(file, bytes, count);
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset) {
  return refuses_bytes(file, offset + count) ? -1 : NEXT(pwrite)(file, bytes, count, offset);
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t offset) {
  return refuses_bytes(file, offset + count) ? -1 : NEXT(pwrite64)(file, bytes, count, offset);
}

int ftruncate(int file, off_t length) {
  return refuses_file(file) ? -1 : NEXT(ftruncate)(file, length);
}

int ftruncate64(int file, off64_t length) {
  return refuses_file(file) ? -1 : NEXT(ftruncate64)(file, length);
}

int fallocate(int file, int mode, off_t offset, off_t length) {
  return refuses_bytes(file, offset + length) ? -1 : NEXT(fallocate)(file, mode, offset, length);
}

int unlink(const char *path) {
  return refuses_path(path) ? -1 : NEXT(unlink)(path);
}

int rename(const char *from, const char *to) {
  return refuses_path(from) || refuses_path(to) ? -1 : NEXT(rename)(from, to);
}

int fsync(int file) {
  sync_slowly(file);
  return NEXT(fsync)(file);
}

int fdatasync(int file) {
  sync_slowly(file);
  return NEXT(fdatasync)(file);
}
