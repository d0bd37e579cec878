package io.taskbroker.adapters.kafka;

import io.taskbroker.application.Stalls;
import io.taskbroker.domain.Moment;

/** Explains why single partitions of a topic are not read. Used by one thread at a time. */
final class PartitionWatch implements AutoCloseable {
  private final PartitionLines lines;
  private final OpenTransactions transactions;
  private final DamageLines damages;
  private final PartitionQuestions questions;
  private final SilentPartitions silent;

  PartitionWatch(KafkaTopicSettings topic, Stalls stalls) {
    this.lines = new PartitionLines(topic.name(), topic.consumerGroup(), stalls);
    this.transactions = new OpenTransactions(lines);
    this.damages = new DamageLines(lines);
    this.questions = new PartitionQuestions(topic);
    this.silent = new SilentPartitions(lines, questions);
  }

  /** To be called about once a second while the group has a member. Does not wait. */
  void look(GroupMember member, Moment now) {
    transactions.look(member.ends(), now);
    damages.look(member.damages());
    silent.look(member.readings(), member.answers(), now);
  }

  /** The membership is over: nothing is read now. */
  void abandon() {
    transactions.forget();
    damages.forget();
    silent.forget();
    lines.abandonAll();
  }

  /** Asks over a new connection from now on. For all threads. */
  void reconnect() {
    questions.disconnect();
  }

  @Override
  public void close() {
    silent.close();
  }
}
