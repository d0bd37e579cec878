package io.taskbroker.adapters.kafka;

import java.util.Collection;
import java.util.Set;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * Which topic a name stands for. Kafka gives an id to each topic, so that one that was deleted and
 * created anew can be told from the first. Each commit of the group has the id beside its position,
 * for the next process.
 *
 * <p>Positions that were copied from another cluster bring the id of a topic there. So an id beside
 * them that is not the topic's says nothing. Used by one thread at a time, through all memberships.
 */
final class TopicIdentity {
  private @Nullable Uuid known;
  private Set<String> besidePositions = Set.of();
  private boolean isRead;

  /** Whether Kafka has no room for the id beside a position. */
  private boolean hasNoRoom;

  /** What stands beside the group's positions in all assigned partitions. */
  void positionsAre(Collection<String> beside) {
    besidePositions = Set.copyOf(beside);
  }

  /** What is to stand beside positions in the known topic. */
  String besidePositions() {
    return textOf(known);
  }

  /**
   * What is to stand beside positions in a topic.
   *
   * @param id null if Kafka does not tell
   */
  String textOf(@Nullable Uuid id) {
    return hasNoRoom || id == null || id.equals(Uuid.ZERO_UUID) ? "" : id.toString();
  }

  /** From here on nothing stands beside positions (offset.metadata.max.bytes of Kafka). */
  void hasNoRoom() {
    hasNoRoom = true;
  }

  /**
   * Whether the name stands for another topic than before.
   *
   * @param id null, or zero, if Kafka does not tell
   */
  boolean hasChanged(@Nullable Uuid id) {
    if (id == null || id.equals(Uuid.ZERO_UUID)) {
      return false;
    }
    if (known == null) {
      known = id;
    }
    return !known.equals(id);
  }

  /** Records of the known topic have come from where the group stands. */
  void isRead() {
    isRead = known != null;
  }

  /** Whether the group's positions are certainly positions in the known topic. */
  boolean isOfPositions() {
    return isRead || (known != null && besidePositions.equals(Set.of(known.toString())));
  }

  /** The group has been set back: whatever the name stands for now is read from its beginning. */
  void forget() {
    known = null;
    isRead = false;
  }
}
