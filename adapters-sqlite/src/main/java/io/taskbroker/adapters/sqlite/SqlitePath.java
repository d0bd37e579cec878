package io.taskbroker.adapters.sqlite;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The forms in which {@code store.sqlite.path} may be written: a plain path, {@code sqlite:path} or
 * {@code sqlite://path}, each optionally with {@code ?mode=rwc} or {@code ?mode=rw}.
 */
public final class SqlitePath {
  private static final Pattern FORM = Pattern.compile("(sqlite:(?://)?)?([^?]*)(?:\\?(.*))?");

  private SqlitePath() {}

  /**
   * The file that {@code text} names; a relative one is relative to the working folder.
   *
   * @throws IllegalArgumentException if it names none, or one that could not keep tasks; the
   *     message says what to write instead
   */
  public static Path parse(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw new IllegalArgumentException("'" + text + "' is no path");
    }
    String name = form.group(2);
    if (name.startsWith(":memory:")) {
      throw inMemory(text);
    }
    if (name.isBlank()) {
      throw new IllegalArgumentException("'" + text + "' names no file");
    }
    if (form.group(3) != null) {
      checkOptions(text, form.group(3));
    }
    try {
      boolean isUri = form.group(1) != null;
      return Path.of(isUri ? decode(name) : name);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException(
          "'%s' is no path: %s. Letters outside ASCII need a UTF-8 locale, such as LC_ALL=C.UTF-8"
              .formatted(text, e.getReason()),
          e);
    }
  }

  private static void checkOptions(String text, String options) {
    for (String option : options.split("&", -1)) {
      switch (option) {
        case "", "mode=rwc", "mode=rw" -> {}
        case "mode=memory" -> throw inMemory(text);
        case "mode=ro" ->
            throw new IllegalArgumentException(
                "'"
                    + text
                    + "' asks for a read-only store, which could keep no task; remove mode=ro");
        default ->
            throw new IllegalArgumentException(
                "'" + text + "' has the unknown option '" + option + "'; known is mode=rwc");
      }
    }
  }

  private static IllegalArgumentException inMemory(String text) {
    return new IllegalArgumentException(
        "'"
            + text
            + "' is a store in memory, which would lose every task at the end of the process; name a"
            + " file, on a RAM disk if need be");
  }

  /** As in a URI, where a plus sign is a plus sign. */
  private static String decode(String name) {
    return URLDecoder.decode(name.replace("+", "%2B"), StandardCharsets.UTF_8);
  }
}
