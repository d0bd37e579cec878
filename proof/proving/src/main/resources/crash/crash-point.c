/*
 * Kills the process just before it does something with a file of a folder: before the first such
 * operation, the second, and so on, as the number in a file says. The file is mapped; each operation
 * takes one from the number, and the one that makes it 0 does not happen. What it would have been
 * stands behind the number then.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define NEXT(name) ((__typeof__(&name)) dlsym(RTLD_NEXT, #name))

struct point {
  int64_t left;
  char operation[248];
};

static struct point *point;
static const char *folder;

__attribute__((constructor)) static void map_point(void) {
  const char *name = getenv("CRASH_POINT_FILE");
  folder = getenv("CRASH_POINT_FOLDER");
  int file = name == NULL || folder == NULL ? -1 : NEXT(open)(name, O_RDWR | O_CLOEXEC);
  if (file < 0) {
    return;
  }
  void *page = mmap(NULL, sizeof *point, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (page != MAP_FAILED) {
    point = page;
  }
}

static int is_armed(void) {
  return point != NULL && __atomic_load_n(&point->left, __ATOMIC_SEQ_CST) > 0;
}

static int is_inside(const char *path) {
  size_t length = strlen(folder);
  return strncmp(path, folder, length) == 0 && path[length] == '/';
}

static void at_path(const char *operation, const char *path) {
  if (!is_armed() || path == NULL || !is_inside(path)) {
    return;
  }
  if (__atomic_sub_fetch(&point->left, 1, __ATOMIC_SEQ_CST) == 0) {
    snprintf(point->operation, sizeof point->operation, "%s %s", operation,
             path + strlen(folder) + 1);
    kill(getpid(), SIGKILL);
    pause();
  }
}

static void at_file(const char *operation, int file) {
  if (!is_armed()) {
    return;
  }
  char link[64];
  char path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length >= 0) {
    path[length] = 0;
    at_path(operation, path);
  }
}

#define OPEN(name)                                              \
  int name(const char *path, int flags, ...) {                  \
    va_list more;                                               \
    va_start(more, flags);                                      \
    mode_t mode = (flags & O_CREAT) ? va_arg(more, mode_t) : 0; \
    va_end(more);                                               \
    if ((flags & O_TRUNC) || ((flags & O_CREAT) && access(path, F_OK) != 0)) { \
      at_path("create", path);                                  \
    }                                                           \
    return NEXT(name)(path, flags, mode);                       \
  }

OPEN(open)
OPEN(open64)

ssize_t write(int file, const void *bytes, size_t count) {
  at_file("write", file);
  return NEXT(write)(file, bytes, count);
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset) {
  at_file("write", file);
  return NEXT(pwrite)(file, bytes, count, offset);
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t offset) {
  at_file("write", file);
  return NEXT(pwrite64)(file, bytes, count, offset);
}

int ftruncate(int file, off_t length) {
  at_file("cut", file);
  return NEXT(ftruncate)(file, length);
}

int ftruncate64(int file, off64_t length) {
  at_file("cut", file);
  return NEXT(ftruncate64)(file, length);
}

int fsync(int file) {
  at_file("sync", file);
  return NEXT(fsync)(file);
}

int fdatasync(int file) {
  at_file("sync", file);
  return NEXT(fdatasync)(file);
}

int unlink(const char *path) {
  at_path("remove", path);
  return NEXT(unlink)(path);
}

int rename(const char *from, const char *to) {
  at_path("rename", from);
  return NEXT(rename)(from, to);
}
