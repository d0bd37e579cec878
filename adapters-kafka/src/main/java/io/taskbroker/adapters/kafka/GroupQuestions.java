package io.taskbroker.adapters.kafka;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.intake.Intake;
import io.taskbroker.domain.Moment;
import java.time.Duration;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a member of a group asks Kafka now and then, beside reading. Used by its thread. */
final class GroupQuestions {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::kafka::consumer");

  private static final Duration QUESTION = Duration.ofSeconds(2);

  /** How often Kafka is asked where the group stands in partitions that rows wait for. */
  private static final Duration BETWEEN_QUESTIONS = Duration.ofSeconds(30);

  private static final Duration BETWEEN_CHECKS = Duration.ofSeconds(5);

  private final KafkaTopicSettings topic;
  private final Consumer<byte[], byte[]> consumer;
  private final Intake intake;
  private final StartingPoints startingPoints;
  private Moment nextQuestion;
  private Moment nextCheck;

  GroupQuestions(
      KafkaTopicSettings topic,
      Consumer<byte[], byte[]> consumer,
      Intake intake,
      StartingPoints startingPoints,
      Moment now) {
    this.topic = topic;
    this.consumer = consumer;
    this.intake = intake;
    this.startingPoints = startingPoints;
    this.nextQuestion = now;
    this.nextCheck = now;
  }

  /** Something has changed: the next turn asks where the group stands. */
  void soon(Moment now) {
    nextQuestion = now;
  }

  /**
   * Asks what it is time to ask.
   *
   * @param hasJoined whether the group has let this member in before
   * @throws UnknownTopicOrPartitionException if the topic is not there any more
   */
  void ask(Moment now, boolean hasJoined) {
    if (nextQuestion.isBefore(now)) {
      nextQuestion = now.plus(BETWEEN_QUESTIONS);
      askWhereTheGroupStands();
    }
    if (nextCheck.isBefore(now)) {
      nextCheck = now.plus(BETWEEN_CHECKS);
      if (hasJoined && consumer.assignment().isEmpty()) {
        demandTopic();
      }
    }
  }

  private void askWhereTheGroupStands() {
    try {
      Set<TopicPartition> awaited = Translation.kafkas(intake.awaited());
      if (!awaited.isEmpty()) {
        intake.groupMovedTo(Translation.positions(startingPoints.committed(awaited)));
      }
    } catch (StoreException e) { // busy; what waits there can wait until the next question
      LOG.debug("The store did not say which positions it waits for", e);
    }
  }

  /**
   * @throws UnknownTopicOrPartitionException if the topic is not there
   */
  void demandTopic() {
    if (consumer.partitionsFor(topic.name(), QUESTION).isEmpty()) {
      throw new UnknownTopicOrPartitionException(topic.name());
    }
  }
}
