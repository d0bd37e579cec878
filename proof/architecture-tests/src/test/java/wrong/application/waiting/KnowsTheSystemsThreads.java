package wrong.application.waiting;

import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.application.threads.Threads;

/** Starts a job where no seed decides when it runs. */
final class KnowsTheSystemsThreads {
  void start(Runnable work) {
    SystemThreads.INSTANCE.job("work", Threads.Kind.VIRTUAL, work).start();
  }
}
