package io.taskbroker.adapters.grpc;

import io.taskbroker.application.Heartbeat;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Makes the threads of a pool, each with a name and a heartbeat of its own. Safe for all threads.
 */
final class WatchedThreads implements ThreadFactory {
  /** That of the thread that asks. */
  private static final ThreadLocal<Heartbeat> OWN = new ThreadLocal<>();

  private final List<Heartbeat> heartbeats;
  private final AtomicInteger made = new AtomicInteger();

  /**
   * @param most threads of the pool
   * @param name of all of them, before their number
   * @param heartbeat makes that of a thread with this name
   */
  WatchedThreads(int most, String name, Function<String, Heartbeat> heartbeat) {
    this.heartbeats =
        IntStream.range(0, most).mapToObj(number -> heartbeat.apply(name + number)).toList();
    heartbeats.forEach(Heartbeat::idle);
  }

  /** One for each thread, whether it has begun or not. */
  List<Heartbeat> heartbeats() {
    return heartbeats;
  }

  /** One that takes the place of another has its heartbeat. */
  @Override
  public Thread newThread(Runnable work) {
    Heartbeat heartbeat = heartbeats.get(made.getAndIncrement() % heartbeats.size());
    return Thread.ofPlatform()
        .daemon()
        .name(heartbeat.name())
        .unstarted(
            () -> {
              OWN.set(heartbeat);
              work.run();
            });
  }

  /** Does this, in one of these threads, which is missed if it does not come back. */
  void watch(Runnable work) {
    Heartbeat heartbeat = OWN.get();
    heartbeat.beat();
    try {
      work.run();
    } finally {
      heartbeat.idle();
    }
  }
}
