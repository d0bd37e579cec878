package wrong.application;

/** Talks to the console. */
final class PrintsOut {
  void greet() {
    System.out.println("wrong");
  }
}
