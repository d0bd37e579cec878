package wrong.application.threads;

/** A job that is its own thread. */
final class IsAThread extends Thread {
  @Override
  public void run() {}
}
