package io.taskbroker.adapters.sqlite;

import java.nio.file.Path;

/**
 * Where the store lives, and how its space is looked after.
 *
 * @param file created if missing
 * @param reclaimPages most free pages to give back in one step
 * @param rewriteAtStart whether the whole file is rewritten, without free pages, before it is used
 * @param mode who may read and write the file and its companions
 */
public record SqliteSettings(Path file, int reclaimPages, boolean rewriteAtStart, FileMode mode) {
  /** 1 MB in pages of 4 KB: a step of a few milliseconds. */
  public static final int DEFAULT_RECLAIM_PAGES = 256;

  public SqliteSettings(Path file, int reclaimPages) {
    this(file, reclaimPages, false);
  }

  public SqliteSettings(Path file, int reclaimPages, boolean rewriteAtStart) {
    this(file, reclaimPages, rewriteAtStart, FileMode.DEFAULT);
  }

  public SqliteSettings {
    if (reclaimPages < 1) {
      throw new IllegalArgumentException("reclaimPages must be at least 1, was " + reclaimPages);
    }
  }
}
