package wrong.application.waiting;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Has a thread with a name, and yet of its own. */
final class OwnsAnExecutor {
  private final ExecutorService executor =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().name("its-own").factory());

  void execute(Runnable work) {
    executor.execute(work);
  }
}
