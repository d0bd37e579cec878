package io.taskbroker.adapters.protobuf;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.intake.ActivationDecoder.Decoded;
import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Delivery;
import io.taskbroker.domain.NamePool;
import io.taskbroker.domain.OnAttemptsExceeded;
import io.taskbroker.proto.v1.TaskActivation;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class CanaryTasksTest {
  private static final long NOW = Instant.parse("2026-01-02T03:04:05.678Z").toEpochMilli();

  private final NewActivation canary = CanaryTasks.make("shop", 7, NOW);

  @Test
  void isTheTaskThatEveryWorkerKnows() throws Exception {
    TaskActivation message = TaskActivation.parseFrom(canary.payload());

    assertThat(UUID.fromString(message.getId()).version()).isEqualTo(4);
    assertThat(message)
        .isEqualTo(
            TaskActivation.newBuilder()
                .setId(message.getId())
                .setApplication("shop")
                .setNamespace("internal")
                .setTaskname("canary_task")
                .setParametersBytes(message.getParametersBytes())
                .setProcessingDeadlineDuration(10)
                .setReceivedAt(Timestamps.ofMillis(NOW))
                .build());
    assertThat(HexFormat.of().formatHex(message.getParametersBytes().toByteArray()))
        .isEqualTo("82a46172677390a66b776172677380");
  }

  @Test
  void itsFactsAreThoseOfItsPayload() {
    Activation facts = canary.activation();
    var record =
        new SourceRecord(facts.partition(), facts.offset(), -1, canary.payload(), List.of());
    var decoder = new ProtobufActivationDecoder(ActivationLimits.DEFAULT, new NamePool());

    assertThat(decoder.decode(record, NOW))
        .isInstanceOfSatisfying(
            Decoded.Task.class,
            read ->
                assertThat(facts)
                    .usingRecursiveComparison()
                    .ignoringFields("onAttemptsExceeded")
                    .isEqualTo(read.activation()));
    assertThat(facts)
        .returns(7L, Activation::offset)
        .returns(Delivery.AT_LEAST_ONCE, Activation::delivery)
        .returns(OnAttemptsExceeded.DISCARD, Activation::onAttemptsExceeded);
  }

  @Test
  void eachIsAnotherOne() {
    assertThat(CanaryTasks.make("shop", 7, NOW).activation().id())
        .isNotEqualTo(canary.activation().id());
  }
}
