package wrong.application.waiting;

/** Waits as in the nineties. */
final class AwaitsAMonitor {
  private boolean open;

  synchronized void await() throws InterruptedException {
    while (!open) {
      wait();
    }
  }

  synchronized void open() {
    open = true;
    notifyAll();
  }
}
