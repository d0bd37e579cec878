package io.taskbroker.application.intake;

import io.taskbroker.application.DeadLetterHeaders;
import io.taskbroker.application.upkeep.Publisher;
import io.taskbroker.application.upkeep.Publisher.Fate;
import io.taskbroker.application.upkeep.Publisher.OutgoingRecord;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Delivery;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Publishes rows that cannot be stored to the dead-letter topic, past the outbox, which would have
 * to store them. Safe for all threads.
 *
 * @param topic where dead letters go
 */
public record DirectLetters(String topic, Publisher publisher) {
  private static final byte[] NOTHING = {};

  /** Why a letter is not in Kafka. */
  record Obstacle(String reason, String remedy) {}

  /**
   * Publishes one row and waits, for a bounded time, for Kafka's answer. A repeated call may leave
   * two letters, and never none. A row that is too large to be sent at all leaves a letter without
   * content, whose headers say where its record is.
   *
   * @param error why the row cannot be stored
   * @param nowMs when it was given up, Unix milliseconds
   * @return null once Kafka has the letter
   */
  @Nullable Obstacle publish(NewActivation row, String error, long nowMs) {
    if (row.activation().partition().topic().equals(topic)) {
      return new Obstacle(
          "the dead-letter topic is where it came from",
          "Move the group's position past it with Kafka's tools, or do not consume the topic");
    }
    Map<String, byte[]> headers = headers(row.activation(), error, nowMs);
    Fate fate = fate(row.payload(), headers);
    return obstacle(fate instanceof Fate.Never ? fate(NOTHING, headers) : fate);
  }

  /**
   * What is refused may be taken later, so that its content is not given up: that goes only for a
   * record that this process can never send.
   */
  private @Nullable Obstacle obstacle(Fate fate) {
    return switch (fate) {
      case Fate.Acknowledged _ -> null;
      case Fate.NotNow(String why, String remedy) -> new Obstacle(why, remedy);
      case Fate.Unknown(String why, String remedy) -> new Obstacle(why, remedy);
      case Fate.Refused(String why) -> new Obstacle(why, settings());
      case Fate.Never(String why) -> new Obstacle(why, settings());
    };
  }

  private String settings() {
    return "It is tried again: correct the settings of topic '"
        + topic
        + "', such as max.message.bytes, or the policy that refuses it";
  }

  private Fate fate(byte[] value, Map<String, byte[]> headers) {
    var letter = new OutgoingRecord(value, headers, null, Delivery.AT_LEAST_ONCE);
    try {
      return publisher.publish(topic, List.of(letter)).getFirst();
    } catch (RuntimeException e) { // a defect of the publisher must not lose the row
      return new Fate.NotNow("publishing failed in an unexpected way: " + e);
    }
  }

  private static Map<String, byte[]> headers(Activation activation, String error, long nowMs) {
    Map<String, byte[]> headers = new LinkedHashMap<>();
    headers.put(
        DeadLetterHeaders.REASON,
        utf8(
            activation.isBadRecord()
                ? String.valueOf(activation.defect())
                : "it cannot be stored: " + error));
    headers.put(DeadLetterHeaders.ATTEMPTS, utf8("0"));
    headers.put(DeadLetterHeaders.FIRST_TIME, utf8(Long.toString(activation.receivedAtMs())));
    headers.put(DeadLetterHeaders.LAST_TIME, utf8(Long.toString(nowMs)));
    headers.put(DeadLetterHeaders.LAST_ERROR, utf8(error));
    headers.put(DeadLetterHeaders.SOURCE_TOPIC, utf8(activation.partition().topic()));
    headers.put(
        DeadLetterHeaders.SOURCE_PARTITION,
        utf8(Integer.toString(activation.partition().number())));
    headers.put(DeadLetterHeaders.SOURCE_OFFSET, utf8(Long.toString(activation.offset())));
    headers.put(DeadLetterHeaders.SOURCE_TIMESTAMP, utf8(Long.toString(activation.receivedAtMs())));
    return headers;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
