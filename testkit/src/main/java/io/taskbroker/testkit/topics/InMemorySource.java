package io.taskbroker.testkit.topics;

import io.taskbroker.application.intake.Intake;
import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.domain.Partition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Feeds one topic of {@link InMemoryTopics} to an intake, as the member of a consumer group: it
 * reads from the last committed position, commits what the intake allows, leaves the group while
 * the topic is not to be read, and can lose its partitions.
 *
 * <p>To be used by one thread.
 */
public final class InMemorySource {
  private static final int MAX_POLL = 500;

  /** Longer than a batch takes on the busiest machine; a consumer has less. */
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final InMemoryTopics topics;
  private final Intake intake;
  private final Map<Partition, Long> next = new HashMap<>();
  private boolean committing = true;

  /** Whether it has left the group since the topic is not to be read. */
  private boolean aside;

  /** Begins at the group's positions, or at the beginning where there are none. */
  public InMemorySource(InMemoryTopics topics, Intake intake) {
    this.topics = topics;
    this.intake = intake;
    this.aside = !intake.mayBeRead();
    if (!aside) {
      assign();
    }
  }

  /** Reads some records, if the intake wants any, and commits what it allows; how many it read. */
  public int turn() {
    stepAsideOrBack();
    commit(intake.committable());
    tellWhatOthersCommitted();
    if (aside || !intake.wantsMore()) {
      return 0;
    }
    List<SourceRecord> records = new ArrayList<>();
    for (Partition partition : Set.copyOf(next.keySet())) {
      List<SourceRecord> read = topics.read(partition, next.getOrDefault(partition, 0L), MAX_POLL);
      next.merge(partition, (long) read.size(), Long::sum);
      records.addAll(read);
    }
    if (!records.isEmpty()) {
      intake.accept(records);
    }
    return records.size();
  }

  private void stepAsideOrBack() {
    boolean mayRead = intake.mayBeRead();
    if (!mayRead && !aside) {
      leave();
    } else if (mayRead && aside) {
      assign();
    }
    aside = !mayRead;
    if (aside) {
      intake.deserted();
    }
  }

  /** From here on no commit reaches the group. */
  public void stopCommitting() {
    committing = false;
  }

  /** The partitions are handed over in good order, and come back at once. */
  public void rebalance() {
    leave();
    assign();
  }

  /** The partitions are handed over in good order, for good. */
  public void leave() {
    commit(intake.revoke(PATIENCE));
    next.clear();
  }

  /** The partitions are lost, nothing committed, and come back at once. */
  public void lose() {
    intake.lost();
    assign();
  }

  private void assign() {
    Map<Partition, Long> committed = topics.committed();
    next.clear();
    for (Partition partition : topics.partitions(intake.topic())) {
      next.put(partition, committed.getOrDefault(partition, 0L));
    }
    intake.assigned(Map.copyOf(next));
  }

  private void commit(Map<Partition, Long> positions) {
    if (committing && !positions.isEmpty()) {
      topics.commit(positions);
      intake.committed(positions);
    }
  }

  private void tellWhatOthersCommitted() {
    Map<Partition, Long> positions = new HashMap<>(topics.committed());
    positions.keySet().retainAll(intake.awaited());
    if (!positions.isEmpty()) {
      intake.groupMovedTo(positions);
    }
  }
}
