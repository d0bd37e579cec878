package io.taskbroker.bootstrap;

import org.jspecify.annotations.Nullable;

/** What picocli has put into a field before it calls the command. */
final class Given {
  private Given() {}

  /** The value, which is there. */
  static <T> T that(@Nullable T value) {
    if (value == null) {
      throw new IllegalStateException("not called through picocli");
    }
    return value;
  }
}
