package wrong.domain;

/** Talks to the console. */
final class PrintsErr {
  void greet() {
    System.err.println("wrong");
  }
}
