/*
 * Makes a folder read-only while the byte in a file is not 0, as a file system does that has met an
 * error: what is open stays open, and whatever would change something there fails with EROFS. The
 * file is mapped, so a change takes effect at once.
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
#include <unistd.h>

#define NEXT(name) ((__typeof__(&name)) dlsym(RTLD_NEXT, #name))

static const volatile char *read_only;
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
    read_only = page;
  }
}

static int is_inside(const char *path) {
  size_t length = strlen(folder);
  return strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == 0);
}

/** Whether a change of what lies at this path is refused; errno says why. */
static int refuses_path(const char *path) {
  if (read_only == NULL || !*read_only || path == NULL || !is_inside(path)) {
    return 0;
  }
  errno = EROFS;
  return 1;
}

static int refuses_file(int file) {
  if (read_only == NULL || !*read_only) {
    return 0;
  }
  char link[64];
  char path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) {
    return 0;
  }
  path[length] = 0;
  return refuses_path(path);
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
    if (is_change(flags) && refuses_path(path)) {             \
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
    if (is_change(flags) && refuses_path(path)) {             \
      return -1;                                              \
    }                                                         \
    return NEXT(name)(at, path, flags, mode);                 \
  }

OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)

ssize_t write(int file, const void *bytes, size_t count) {
  return refuses_file(file) ? -1 : NEXT(write)(file, bytes, count);
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset) {
  return refuses_file(file) ? -1 : NEXT(pwrite)(file, bytes, count, offset);
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t offset) {
  return refuses_file(file) ? -1 : NEXT(pwrite64)(file, bytes, count, offset);
}

int ftruncate(int file, off_t length) {
  return refuses_file(file) ? -1 : NEXT(ftruncate)(file, length);
}

int ftruncate64(int file, off64_t length) {
  return refuses_file(file) ? -1 : NEXT(ftruncate64)(file, length);
}

int fallocate(int file, int mode, off_t offset, off_t length) {
  return refuses_file(file) ? -1 : NEXT(fallocate)(file, mode, offset, length);
}

int unlink(const char *path) {
  return refuses_path(path) ? -1 : NEXT(unlink)(path);
}

int rename(const char *from, const char *to) {
  return refuses_path(from) || refuses_path(to) ? -1 : NEXT(rename)(from, to);
}
