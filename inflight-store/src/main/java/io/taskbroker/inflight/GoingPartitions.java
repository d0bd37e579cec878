package io.taskbroker.inflight;

import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Partition;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the rows of partitions out of the engine and gives up their custody, where other brokers
 * want them. Used on the custodian's thread.
 */
final class GoingPartitions {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::store");

  /** How long rows on their way through Kafka or to a worker are waited for at a hand-over. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final CommandSender sender;
  private final Custodian.Desk desk;
  private final OwnPartitions own;
  private final Consumer<Partition> whenLeaving;

  /** Until when what is on its way is waited for. */
  private final Map<Partition, Moment> going = new LinkedHashMap<>();

  /**
   * @param whenLeaving told on the writer's thread of each partition that is here and begins to go
   */
  GoingPartitions(
      CommandSender sender,
      Custodian.Desk desk,
      OwnPartitions own,
      Consumer<Partition> whenLeaving) {
    this.sender = sender;
    this.desk = desk;
    this.own = own;
    this.whenLeaving = whenLeaving;
  }

  /** What is being given up. */
  Set<Partition> all() {
    return going.keySet();
  }

  /** Begins to give these up, as far as they are here. */
  void leave(Set<Partition> wanted, Moment now) {
    for (Partition partition : wanted) {
      if (own.leaves(partition, now.plus(Custody.SILENCE))) {
        leave(partition, now);
      }
    }
  }

  private void leave(Partition partition, Moment now) {
    going.put(partition, now.plus(PATIENCE));
    var _ =
        sender.ask(
            (engine, _) -> {
              if (engine.share().isHere(partition)) { // not if the engine has just forgotten it
                whenLeaving.accept(partition);
              }
              engine.share().leave(partition);
              return true;
            });
  }

  /** Gives up what has nothing on its way any more, and what has been waited for long enough. */
  void letGo(Moment now) {
    List.copyOf(going.keySet()).forEach(partition -> letGo(partition, now));
  }

  private void letGo(Partition partition, Moment now) {
    Moment until = going.getOrDefault(partition, now);
    int left = sender.ask(new ShareCommands.Forget(now, partition));
    if ((left == 0 || !now.isBefore(until)) && giveUp(partition, now)) {
      going.remove(partition);
      LOG.info(
          "{} is given up, since another broker wants it; {} rows were on their way",
          partition,
          left);
    }
  }

  private boolean giveUp(Partition partition, Moment now) {
    return sender.ask(
        new ShareCommands.GiveUp(
            now, partition, sender::factsRest, () -> desk.rowsAreGone(partition)));
  }

  /** The engine has forgotten everything. Returns what was being given up. */
  List<Partition> startOver() {
    List<Partition> were = List.copyOf(going.keySet());
    going.clear();
    return were;
  }
}
