package io.taskbroker.bootstrap;

import io.taskbroker.application.threads.Job;
import io.taskbroker.application.threads.Signal;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.application.threads.Threads;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads of the JVM, for a {@link Rehearsal}: what a job throws ends the job, and not the
 * process, which can do without it.
 */
final class ContainedThreads implements Threads {
  static final Threads INSTANCE = new ContainedThreads();

  private static final Logger LOG = LoggerFactory.getLogger("taskbroker");

  private ContainedThreads() {}

  @Override
  public Job job(String name, Kind kind, Runnable work) {
    return SystemThreads.INSTANCE.job(name, kind, () -> runContained(name, work));
  }

  private static void runContained(String name, Runnable work) {
    try {
      work.run();
    } catch (RuntimeException | Error e) {
      LOG.debug("'{}' of the rehearsal has failed", name, e);
    }
  }

  @Override
  public Signal signal() {
    return SystemThreads.INSTANCE.signal();
  }

  @Override
  public <T> T await(CompletionStage<T> stage) {
    return SystemThreads.INSTANCE.await(stage);
  }

  @Override
  public long nanos() {
    return SystemThreads.INSTANCE.nanos();
  }
}
