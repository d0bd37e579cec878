package io.taskbroker.adapters.postgres;

/** Names in SQL that are not ours. */
final class Identifiers {
  private Identifiers() {}

  /** The name in quotes, so that it is taken as it is written. */
  static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }
}
