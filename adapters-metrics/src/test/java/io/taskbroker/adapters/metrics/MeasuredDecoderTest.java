package io.taskbroker.adapters.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.intake.ActivationDecoder.Decoded;
import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.domain.Activation;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class MeasuredDecoderTest {
  private static final Activation TASK = Activations.pending("a").build();
  private static final SourceRecord RECORD =
      new SourceRecord(TASK.partition(), 0, 0, new byte[100], List.of());

  private final Meters meters = new Meters();

  private Decoded decode(Decoded decoded) {
    RecordCounts counts = new RecordCounts(meters, "t");
    return new MeasuredDecoder((_, _) -> decoded, counts, new SettableTime()).decode(RECORD, 0);
  }

  private List<String> counted() {
    List<String> counted = new ArrayList<>();
    for (Series series : meters.all()) {
      if (series instanceof Histogram || (series instanceof Counter some && some.total() > 0)) {
        counted.add(series.name());
      }
    }
    return counted;
  }

  @Test
  void aTaskIsCountedByItsSize() {
    Decoded task = new Decoded.Task(TASK, new byte[100], false);

    assertThat(decode(task)).isSameAs(task);
    assertThat(counted()).containsExactly("consumer.message.payload_size_bytes");
  }

  @Test
  void aRecordOfARawTopicIsCountedApart_andSoAreNumbersThatWereCut() {
    Decoded wrapped = new Decoded.Wrapped(TASK, new byte[150], true, OptionalInt.of(60));

    assertThat(decode(wrapped)).isSameAs(wrapped);
    assertThat(counted())
        .containsExactlyInAnyOrder(
            "consumer.raw.payload_size_bytes",
            "consumer.raw.compressed_payload_size_bytes",
            "consumer.clamped");
  }

  @Test
  void aRecordThatIsNoTaskIsLeftToIntake() {
    Decoded bad = new Decoded.Bad("no task", new byte[100]);

    assertThat(decode(bad)).isSameAs(bad);
    assertThat(counted()).isEmpty();
  }

  @Test
  void aFaultInCountingReachesNobody() {
    Decoded broken = new Decoded.Wrapped(TASK, new byte[150], true, sizeOfABrokenDecoder());

    assertThat(decode(broken)).isSameAs(broken);
    assertThat(counted()).containsExactly("consumer.raw.payload_size_bytes");
  }

  @SuppressWarnings({"NullAway", "OptionalAssignedToNull"}) // which only a broken decoder does
  private static OptionalInt sizeOfABrokenDecoder() {
    return null;
  }
}
