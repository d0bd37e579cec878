package io.taskbroker.application.operations;

import io.taskbroker.application.Health.Notice;
import io.taskbroker.application.StoreException;
import io.taskbroker.application.intake.Intake;
import io.taskbroker.application.upkeep.SweepStore;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.operator.Drain;
import io.taskbroker.domain.operator.Drain.OnEmpty;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out the order to drain: while it is in force no topic is read, and what is stored is
 * served as ever. Safe for all threads; what looks is cheap, what orders blocks.
 */
public final class Draining {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::drain");

  private final SteeringStore steering;
  private final SweepStore sweeps;
  private final Collection<Intake> intakes;
  private final Operations operations;
  private final TimeSource time;
  private final CompletableFuture<Drain> exit = new CompletableFuture<>();
  private volatile @Nullable Drain inForce;

  /** Whether an order was given that {@link #look} has not settled yet. */
  private volatile boolean hasNews;

  /** Used by the thread that looks. */
  private boolean saidEmpty;

  /** The order is over for the next process, and holds on in this one. */
  private volatile boolean isLast;

  /**
   * @param intakes of all topics; must not change any more when this is asked something
   */
  public Draining(
      SteeringStore steering,
      SweepStore sweeps,
      Collection<Intake> intakes,
      Operations operations,
      TimeSource time) {
    this.steering = steering;
    this.sweeps = sweeps;
    this.intakes = intakes;
    this.operations = operations;
    this.time = time;
  }

  // ---------------------------------------------------------------- orders

  /**
   * From here on nothing is taken in, also after a restart. Takes the place of an earlier order.
   *
   * @throws IllegalArgumentException if a text is too long
   * @throws StoreException if it was not done
   */
  public DrainSight begin(Order by, OnEmpty onEmpty) {
    Drain drain = new Drain(by.actor(), by.reason(), time.now().wallMs(), onEmpty);
    return operations.order(
        by,
        switch (onEmpty) {
          case STAY -> "drain";
          case EXIT -> "drain, and exit when empty";
        },
        () -> {
          steering.drain(drain);
          hasNews = true;
          takeUp();
          return sightOf(drain);
        },
        sight -> sight.isEmpty() ? "drained" : "draining: " + sight.left());
  }

  /**
   * Tasks are taken in again; false if no order to drain is in force.
   *
   * @throws StoreException if it was not done
   */
  public boolean end(Order by) {
    return operations.order(
        by,
        "end the drain",
        () -> {
          boolean ended = steering.endDrain();
          hasNews = true;
          takeUp();
          return ended;
        },
        ended -> ended ? "takes tasks in again" : "was not draining");
  }

  /**
   * Does as the store's order says. To be called before anything is read.
   *
   * @throws StoreException if the store does not say
   */
  public void takeUp() {
    if (isLast) {
      return;
    }
    Drain drain = steering.draining().orElse(null);
    boolean isNews = (drain == null) != (inForce == null);
    inForce = drain;
    intakes.forEach(drain == null ? Intake::open : Intake::shut);
    if (isNews && drain != null) {
      LOG.info(
          "Draining, as {} has ordered: no topic is read, and what is stored is served",
          drain.by());
    } else if (isNews) {
      LOG.info("The drain has ended: topics are read again");
    }
  }

  /**
   * Says when nothing is left, and has the process end then if that was ordered. To be called each
   * second or so by one thread.
   *
   * @throws StoreException if the store does not answer
   */
  public void look() {
    if (inForce == null && !hasNews) {
      return;
    }
    hasNews = false;
    takeUp(); // of orders that were given at the same time, the last one that was written counts
    Drain drain = inForce;
    if (drain == null || !sightOf(drain).isEmpty()) {
      saidEmpty = false;
      return;
    }
    if (!saidEmpty) {
      saidEmpty = true;
      LOG.info("Drained: nothing is stored any more, and no topic is read");
    }
    if (drain.onEmpty() == OnEmpty.EXIT && !isLast) {
      exit(drain);
    }
  }

  /** The order ends before the process does, so that the next one takes tasks in. */
  private void exit(Drain drain) {
    isLast = true;
    try {
      boolean _ =
          operations.order(
              new Order(drain.by(), drain.reason()),
              "exit, since the drained broker is empty",
              steering::endDrain,
              _ -> "the process ends, and the drain with it");
    } catch (StoreException e) { // the next look tries again
      isLast = false;
      throw e;
    }
    exit.complete(drain);
  }

  /** Completes when the process is to end: it is empty, and that was ordered. */
  public CompletionStage<Drain> exit() {
    return exit;
  }

  // ---------------------------------------------------------------- how far it is

  /** The order in force, and how far it is; empty if none is. */
  public Optional<DrainSight> sight() {
    return Optional.ofNullable(inForce).map(this::sightOf);
  }

  /** Looks at the topics first: what comes before they are left is counted then. */
  private DrainSight sightOf(Drain drain) {
    List<String> read =
        intakes.stream().filter(intake -> !intake.isDeserted()).map(Intake::topic).toList();
    return DrainSight.of(
        drain, read, sweeps.depths(), sweeps.outliers().nextDelayEndMs(), time.now().wallMs());
  }

  /**
   * What probes are told. Workers are still sent to a broker that drains, since what it holds needs
   * them, and to an empty one no more.
   */
  public Optional<Notice> notice() {
    return sight()
        .map(
            sight ->
                sight.isEmpty()
                    ? new Notice("drained: nothing is stored, and no topic is read", false)
                    : new Notice("draining: " + sight.left(), true));
  }
}
