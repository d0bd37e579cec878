package io.taskbroker.fuzzing;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** Something has happened that should not, whatever comes in. */
final class Finding extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  Finding(String what) {
    super(what);
  }

  Finding(String what, Throwable cause) {
    super(what, cause);
  }

  /** Fails unless this tells a person something. */
  static void unlessWords(@Nullable String words, String of) {
    if (words == null || words.isBlank() || words.equals("null")) {
      throw new Finding(of + " has no words");
    }
  }

  static void unless(boolean holds, String what) {
    if (!holds) {
      throw new Finding(what);
    }
  }
}
