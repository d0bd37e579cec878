package io.taskbroker.simulation.plan;

import io.taskbroker.simulation.world.Violation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Plays many seeds, each on one of some threads, and watches over them: a job that waits outside
 * the port, or that never waits, would stop its thread for ever.
 */
public final class Seeds {
  private static final long HANGS_NANOS = Duration.ofSeconds(30).toNanos();
  private static final long LOOK_MS = 50;

  /** A seed that does not hold. */
  public record Failure(long seed, Violation violation) {}

  /**
   * What came of all.
   *
   * @param failures by seed
   * @param steps of all plays together
   * @param virtual time in all worlds together
   */
  public record Outcome(long played, List<Failure> failures, long steps, Duration virtual) {}

  private final LongFunction<Plan> plans;
  private final AtomicLong next;
  private final long end;
  private final long endNanos;
  private final List<Failure> failures = new ArrayList<>();
  private boolean stopsAtFailure;
  private volatile boolean stopped;
  private long played;
  private long steps;
  private Duration virtual = Duration.ZERO;
  private @Nullable Throwable defect;

  private Seeds(LongFunction<Plan> plans, long from, long count, Duration longest) {
    this.plans = plans;
    this.next = new AtomicLong(from);
    this.end = from + count;
    this.endNanos = System.nanoTime() + longest.toNanos();
  }

  /**
   * Plays them in order, as far as the time goes.
   *
   * @param plans what befalls the world of each seed
   * @param count of seeds at most
   * @param longest after which no further seed is begun
   * @throws IllegalStateException if a seed hangs; its message says where
   */
  public static Outcome play(
      LongFunction<Plan> plans, long from, long count, Duration longest, int threads) {
    return play(new Seeds(plans, from, count, longest), threads);
  }

  /** As {@link #play}, but begins no seed after one that fails. */
  public static Outcome playToFailure(
      LongFunction<Plan> plans, long from, long count, Duration longest, int threads) {
    Seeds seeds = new Seeds(plans, from, count, longest);
    seeds.stopsAtFailure = true;
    return play(seeds, threads);
  }

  private static Outcome play(Seeds seeds, int threads) {
    List<Player> players = new ArrayList<>();
    for (int number = 1; number <= threads; number++) {
      players.add(seeds.new Player(number));
    }
    players.forEach(player -> player.thread.start());
    players.forEach(Player::watch);
    return seeds.outcome();
  }

  private synchronized Outcome outcome() {
    if (defect != null) {
      throw new IllegalStateException("a seed could not be played", defect);
    }
    failures.sort((one, other) -> Long.compare(one.seed(), other.seed()));
    return new Outcome(played, List.copyOf(failures), steps, virtual);
  }

  private synchronized void add(long seed, Play.Result result) {
    played++;
    steps += result.steps();
    virtual = virtual.plus(result.virtual());
    result.violation().ifPresent(violation -> failures.add(new Failure(seed, violation)));
    stopped = stopsAtFailure && !failures.isEmpty();
  }

  private synchronized void broke(Throwable thrown) {
    defect = thrown;
  }

  private final class Player {
    private final Thread thread;
    private volatile @Nullable Play current;

    Player(int number) {
      this.thread = Thread.ofPlatform().name("seeds-" + number).daemon().unstarted(this::run);
    }

    private void run() {
      try {
        long seed = next.getAndIncrement();
        while (!stopped && seed < end && System.nanoTime() < endNanos) {
          Play play = new Play(plans.apply(seed), false);
          current = play;
          add(seed, play.result());
          seed = next.getAndIncrement();
        }
      } catch (RuntimeException | Error e) {
        broke(e);
      }
    }

    /** Waits until all is played. */
    void watch() {
      Play seen = null;
      long steps = -1;
      long since = System.nanoTime();
      while (!hasEnded()) {
        Play now = current;
        long nowSteps = now == null ? -1 : now.steps();
        if (now != seen || nowSteps != steps) {
          seen = now;
          steps = nowSteps;
          since = System.nanoTime();
        } else if (now != null && System.nanoTime() - since > HANGS_NANOS) {
          throw hangs(now);
        }
      }
    }

    private boolean hasEnded() {
      try {
        thread.join(LOOK_MS);
        return !thread.isAlive();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted", e);
      }
    }

    private IllegalStateException hangs(Play play) {
      IllegalStateException failure =
          new IllegalStateException(
              "seed "
                  + play.seed()
                  + " hangs: a job waits for something other than the port, or never waits; this is"
                  + " where it is");
      failure.setStackTrace(thread.getStackTrace());
      return failure;
    }
  }
}
