package io.taskbroker.testkit.store;

import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.inflight.Journal;
import io.taskbroker.testkit.journal.InMemorySpace;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;

class SharedJournalTest extends SharedStoreContract {
  @Override
  protected SharedSpace openEmptySpace(TimeSource time) {
    return new Space(time);
  }

  private static final class Space implements SharedSpace {
    private final AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);
    private final InMemorySpace space;

    Space(TimeSource time) {
      this.space =
          new InMemorySpace(
              new TimeSource() {
                @Override
                public Moment now() {
                  return time.now().plus(ahead.get());
                }
              });
    }

    @Override
    public Journal open(String broker) {
      return space.open(broker);
    }

    @Override
    public void depose(String broker) {
      space.depose(broker);
    }

    @Override
    public void advance(Duration span) {
      ahead.updateAndGet(span::plus);
    }

    @Override
    public void crash() {
      space.crash(0);
    }

    @Override
    public void close() {}
  }
}
