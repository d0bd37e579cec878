package io.taskbroker.adapters.sqlite;

import java.nio.file.Path;

/**
 * Where the store lives, and how its space is looked after.
 *
 * @param file created if missing
 * @param reclaimPages most free pages to give back in one step
 */
public record SqliteSettings(Path file, int reclaimPages) {
  /** 1 MB in pages of 4 KB: a step of a few milliseconds. */
  public static final int DEFAULT_RECLAIM_PAGES = 256;

  public SqliteSettings {
    if (reclaimPages < 1) {
      throw new IllegalArgumentException("reclaimPages must be at least 1, was " + reclaimPages);
    }
  }
}
