package io.taskbroker.adapters.kafka;

import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * Which topic a name stands for. Kafka gives an id to each topic, so that one that was deleted and
 * created anew can be told from the first. Used by one thread at a time, through all memberships.
 */
final class TopicIdentity {
  private @Nullable Uuid known;

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

  /** The group has been set back: whatever the name stands for now is read from its beginning. */
  void forget() {
    known = null;
  }
}
