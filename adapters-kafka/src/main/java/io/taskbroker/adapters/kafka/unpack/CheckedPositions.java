package io.taskbroker.adapters.kafka.unpack;

import org.apache.kafka.clients.ApiVersions;
import org.apache.kafka.clients.Metadata.LeaderAndEpoch;
import org.apache.kafka.clients.consumer.internals.AutoOffsetResetStrategy;
import org.apache.kafka.clients.consumer.internals.SubscriptionState;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.internals.LogContext;
import org.slf4j.Logger;

/**
 * Where the consumer stands in each partition. A position is checked against a leader that is new;
 * the list that the consumer asks on this occasion is filled first. Nothing else gives it out.
 */
final class CheckedPositions extends SubscriptionState {
  private final NodeVersions versions;

  CheckedPositions(LogContext log, AutoOffsetResetStrategy reset, NodeVersions versions) {
    super(new ClientLog(log), reset);
    this.versions = versions;
  }

  /** What the client says is said under the client's own name, which filters of logs know. */
  private static final class ClientLog extends LogContext {
    ClientLog(LogContext log) {
      super(log.logPrefix());
    }

    @Override
    public Logger logger(Class<?> type) {
      return super.logger(SubscriptionState.class);
    }
  }

  @Override
  public synchronized boolean maybeValidatePositionForCurrentLeader(
      ApiVersions consumers, TopicPartition partition, LeaderAndEpoch leader) {
    leader.leader.ifPresent(node -> versions.tell(consumers, node.idString()));
    return super.maybeValidatePositionForCurrentLeader(consumers, partition, leader);
  }
}
