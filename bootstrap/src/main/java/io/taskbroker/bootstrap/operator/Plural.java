package io.taskbroker.bootstrap.operator;

/** Numbers with what they count. */
final class Plural {
  private Plural() {}

  /** "1 task waits", "2 tasks wait". */
  static String of(long number, String one, String many) {
    return number + " " + (number == 1 ? one : many);
  }
}
