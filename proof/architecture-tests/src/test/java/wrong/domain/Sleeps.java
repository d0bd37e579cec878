package wrong.domain;

/** Waits in the middle of a decision. */
final class Sleeps {
  void rest() throws InterruptedException {
    Thread.sleep(1);
  }
}
