package io.taskbroker.testkit.broker;

import io.taskbroker.application.Heartbeat;
import io.taskbroker.application.Loop;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.topics.InMemorySource;
import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The thread that reads a broker's topic, and lets events happen to it in between. */
final class SourceReader implements AutoCloseable {
  private final InMemorySource source;
  private final ConcurrentLinkedQueue<Runnable> events = new ConcurrentLinkedQueue<>();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private final Loop loop;

  /** Reads from here on. */
  SourceReader(InMemorySource source, SettableTime time) {
    this.source = source;
    Heartbeat heartbeat = new Heartbeat("reader", time, Duration.ZERO);
    loop =
        new Loop(
                SystemThreads.INSTANCE,
                "reader",
                this::turn,
                FixtureSettings.REST,
                failure::set,
                heartbeat)
            .start();
  }

  private int turn() {
    Runnable event = events.poll();
    if (event != null) {
      event.run();
    }
    return source.turn();
  }

  /** Lets it happen on the reader's thread; answers whether it has. */
  BooleanSupplier soon(Consumer<InMemorySource> event) {
    AtomicBoolean done = new AtomicBoolean();
    events.add(
        () -> {
          event.accept(source);
          done.set(true);
        });
    return done::get;
  }

  /**
   * @throws AssertionError if reading has failed
   */
  void refuseAfterFailure() {
    Throwable thrown = failure.get();
    if (thrown != null) {
      throw new AssertionError("the reader failed", thrown);
    }
  }

  @Override
  public void close() {
    loop.close();
  }
}
