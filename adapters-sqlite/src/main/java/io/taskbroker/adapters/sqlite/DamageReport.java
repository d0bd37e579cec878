package io.taskbroker.adapters.sqlite;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** What could not be read of a damaged file, in the order in which it was found. */
public final class DamageReport {
  /** To be filled with the file; without a full stop. */
  static final String REMEDY =
      "Stop the broker and copy what can be read into a sound file (taskbroker salvage %s OUT), or"
          + " restore it from a backup";

  private static final int SHOWN = 10;

  /**
   * What a tool advises after a failure, without a full stop.
   *
   * @param otherwise where the failure is none of damage
   */
  public static String remedy(Exception failure, Path file, String otherwise) {
    return failure instanceof SQLException e && SqliteErrors.isDamage(e)
        ? file + " is damaged. " + REMEDY.formatted(file)
        : otherwise;
  }

  private final List<String> parts = new ArrayList<>();
  private boolean isHopeless;

  /**
   * A part that was left out.
   *
   * @param part for people, with the reason
   */
  void add(String part) {
    parts.add(part);
  }

  /** What was found makes it pointless to serve the rest. */
  void giveUp() {
    isHopeless = true;
  }

  boolean isHopeless() {
    return isHopeless;
  }

  boolean isEmpty() {
    return parts.isEmpty();
  }

  /** All parts. */
  List<String> parts() {
    return List.copyOf(parts);
  }

  /** For one line of a log: the first parts, and how many more there are. */
  @Override
  public String toString() {
    String first = String.join("; ", parts.subList(0, Math.min(SHOWN, parts.size())));
    return parts.size() <= SHOWN ? first : first + "; and " + (parts.size() - SHOWN) + " more";
  }
}
