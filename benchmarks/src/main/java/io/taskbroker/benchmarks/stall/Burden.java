package io.taskbroker.benchmarks.stall;

import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.benchmarks.stall.BurdenedStore.Rows;
import io.taskbroker.domain.Sweep;
import io.taskbroker.domain.rules.KillSwitch;
import io.taskbroker.domain.rules.Selector;
import io.taskbroker.domain.rules.Value;
import java.math.BigInteger;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Something that a store has to do with many rows, or with many bytes. */
enum Burden {
  /** Nothing but the asking. */
  QUIET {
    @Override
    void prepare(BurdenedStore store, Amounts amounts) {
      store.add(amounts.rows(), plain(null, null));
    }

    @Override
    void play(BurdenedStore store, Amounts amounts) {
      rest();
    }
  },
  /** All rows have expired, and a worker asks for one that comes after them. */
  EXPIRED {
    @Override
    void prepare(BurdenedStore store, Amounts amounts) {
      store.add(amounts.rows(), plain(Duration.ofHours(1), null));
      store.add(1, plain(null, null));
    }

    @Override
    void play(BurdenedStore store, Amounts amounts) {
      store.advance(Duration.ofHours(2));
      Optional<Delivered> next = store.claim();
      while (next.isEmpty()) {
        next = store.claim();
      }
      store.sweepAll(Sweep.EXPIRY);
    }
  },
  /** All rows come within the hour, and then come due. */
  DELAYED {
    @Override
    void prepare(BurdenedStore store, Amounts amounts) {
      store.add(amounts.rows(), plain(null, Duration.ofHours(3)));
    }

    @Override
    void play(BurdenedStore store, Amounts amounts) {
      store.advance(Duration.ofMinutes(150));
      store.sweepAll(Sweep.DELAYS);
      store.advance(Duration.ofMinutes(60));
      store.sweepAll(Sweep.DELAYS);
    }
  },
  /** One batch reports on many rows. */
  REPORTS {
    @Override
    void prepare(BurdenedStore store, Amounts amounts) {
      store.add(amounts.reports(), plain(null, null));
    }

    @Override
    void play(BurdenedStore store, Amounts amounts) {
      store.complete(
          IntStream.range(0, amounts.reports()).mapToObj(number -> PREFIX + number).toList());
    }
  },
  /** Operators set ten selectors, which name half of all rows and match a tenth of those. */
  RULES {
    private static final int SELECTORS = 10;

    @Override
    void prepare(BurdenedStore store, Amounts amounts) {
      store.add(amounts.rows(), new Rows(PREFIX, "shop", null, null, WITH_ARGUMENT_FIVE));
    }

    @Override
    void play(BurdenedStore store, Amounts amounts) {
      store.enforce(
          new KillSwitch(
              Set.of(), IntStream.range(0, SELECTORS).mapToObj(Burden::selector).toList()));
    }
  },
  /** Five workers take large payloads while small ones come in and go. */
  READERS {
    private static final int WORKERS = 5;
    private static final int LARGE = 2_000;

    @Override
    void prepare(BurdenedStore store, Amounts amounts) {
      store.add(LARGE, new Rows("large-", "shop", null, null, new byte[500_000]));
      store.add(50_000, new Rows("small-", "shop", null, null, new byte[1_000]));
    }

    @Override
    void play(BurdenedStore store, Amounts amounts) {
      List<Thread> workers =
          IntStream.range(0, WORKERS)
              .mapToObj(i -> Thread.ofVirtual().name("reader-" + i).start(() -> work(store)))
              .toList();
      workers.forEach(Burden::join);
    }

    private static void work(BurdenedStore store) {
      for (Optional<Delivered> next = store.claim(); next.isPresent(); next = store.claim()) {
        store.complete(List.of(next.get().claim().activation().id()));
      }
    }
  };

  /** An activation whose arguments, its field 13, are {@code {"args": [5], "kwargs": {}}}. */
  private static final byte[] WITH_ARGUMENT_FIVE =
      HexFormat.of().parseHex("6a" + "10" + "82" + "a461726773" + "9105" + "a66b7761726773" + "80");

  private static final String PREFIX = "0123456789abcdef-";
  private static final Duration REST = Duration.ofSeconds(5);

  abstract void prepare(BurdenedStore store, Amounts amounts);

  /** Does the work to its end. */
  abstract void play(BurdenedStore store, Amounts amounts);

  /**
   * How much there is to do.
   *
   * @param rows that are stored
   * @param reports of one batch
   */
  record Amounts(int rows, int reports) {}

  private static void join(Thread worker) {
    try {
      worker.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** As figures call it. */
  String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  private static Selector selector(int number) {
    long wanted = number == 0 ? 5 : 1_000 + number;
    return new Selector(
        BurdenedStore.TASK + number,
        Map.of(0, new Value.Whole(BigInteger.valueOf(wanted))),
        Map.of());
  }

  private static Rows plain(@Nullable Duration expiresIn, @Nullable Duration delay) {
    return new Rows(PREFIX, "shop", expiresIn, delay, new byte[100]);
  }

  private static void rest() {
    long end = System.nanoTime() + REST.toNanos();
    for (long left = REST.toNanos(); left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }
}
