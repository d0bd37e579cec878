package io.taskbroker.application.letters;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.taskbroker.application.DeadLetterHeaders;
import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.application.intake.SourceRecord.Header;
import io.taskbroker.domain.Ordered;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Makes new tasks of dead letters. Safe for all threads.
 *
 * @param topic of dead letters
 * @param targets where tasks go that came from a topic, by its name
 * @param otherwise where tasks go of which it is not known where they came from
 */
public record Resending(
    String topic, Map<String, String> targets, String otherwise, LetterCodec codec) {
  public Resending {
    targets = Ordered.copyOf(targets);
  }

  /** Why this one cannot be sent again; null if it can. */
  @Nullable String obstacle(DeadLetter letter) {
    if (letter.names() == null) {
      return "it is no task";
    }
    return targetOf(letter) == null && letter.source() != null
        ? "it came from topic '%s', which this broker does not declare on the cluster of its dead letters"
            .formatted(letter.source().topic())
        : null;
  }

  private @Nullable String targetOf(DeadLetter letter) {
    return letter.source() == null ? otherwise : targets.get(letter.source().topic());
  }

  /** The topic it would go to; null if it cannot be sent. */
  public @Nullable String target(DeadLetter letter) {
    return obstacle(letter) == null ? targetOf(letter) : null;
  }

  /** The id of the task that a letter becomes: always the same one. */
  public String idOf(String identity, LetterPosition at) {
    String name = String.join("\0", identity, topic, at.partition() + "", at.offset() + "");
    return UUID.nameUUIDFromBytes(name.getBytes(UTF_8)).toString();
  }

  /**
   * The new task's record: our words about the dead letter are left out, and where it came from is
   * put in.
   */
  DeadLetterTopic.Resent again(
      String identity, DeadLetter letter, SourceRecord record, long nowMs) {
    String target = target(letter);
    byte[] value = record.value();
    if (target == null || value == null) {
      throw new IllegalArgumentException("nothing can be sent for " + letter.at().words());
    }
    String origin = "%s %s".formatted(topic, letter.at().words());
    return new DeadLetterTopic.Resent(
        target,
        codec.fresh(value, idOf(identity, letter.at()), nowMs),
        List.of(new Header(DeadLetterHeaders.REQUEUED_FROM, origin.getBytes(UTF_8))));
  }
}
