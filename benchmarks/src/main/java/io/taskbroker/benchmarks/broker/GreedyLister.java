package io.taskbroker.benchmarks.broker;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/** Lists without pause, over some connections at a time. Until closed. */
final class GreedyLister implements AutoCloseable {
  private final AdminClient broker;
  private final String path;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicLong answered = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private volatile boolean closing;

  GreedyLister(AdminClient broker, String path, int connections) {
    this.broker = broker;
    this.path = path;
    for (int i = 0; i < connections; i++) {
      threads.execute(this::list);
    }
  }

  private void list() {
    while (!closing) {
      try {
        boolean isAnswered = broker.ask(path) == AdminClient.OK;
        (isAnswered ? answered : refused).incrementAndGet();
      } catch (IllegalStateException e) {
        if (!closing) {
          throw e;
        }
      }
    }
  }

  long answered() {
    return answered.get();
  }

  long refused() {
    return refused.get();
  }

  @Override
  public void close() {
    closing = true;
    broker.close();
    threads.close();
  }
}
