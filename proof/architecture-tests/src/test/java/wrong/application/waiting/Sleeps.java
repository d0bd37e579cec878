package wrong.application.waiting;

/** Waits for nothing. */
final class Sleeps {
  void rest() throws InterruptedException {
    Thread.sleep(1);
  }
}
