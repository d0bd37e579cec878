package io.taskbroker.adapters.protobuf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import com.google.protobuf.UnknownFieldSet;
import io.taskbroker.application.upkeep.ActivationEncoder.Retry;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Delivery;
import io.taskbroker.domain.OnAttemptsExceeded;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.proto.v1.RetryState;
import io.taskbroker.proto.v1.TaskActivation;
import java.time.Instant;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProtobufActivationEncoderTest {
  private static final long NOW = Instant.parse("2026-01-02T03:04:05.678Z").toEpochMilli();

  private final ProtobufActivationEncoder encoder = new ProtobufActivationEncoder();

  @Test
  @DisplayName("8.1 RETRY: without attempt fields the payload stays as it is")
  void withOverride_ofNothing_givesTheSameBytes() {
    byte[] payload = full().build().toByteArray();

    assertThat(encoder.withOverride(payload, RetryOverride.NONE)).isSameAs(payload);
  }

  @Test
  void withOverride_thatSaysWhatIsThereAlready_givesTheSameBytes() {
    byte[] payload = full().build().toByteArray();

    assertThat(encoder.withOverride(payload, new RetryOverride(5, 9L))).isSameAs(payload);
  }

  @Test
  void withOverride_changesOnlyWhatDiffers() throws Exception {
    TaskActivation before = full().setUnknownFields(unknown()).build();

    byte[] after = encoder.withOverride(before.toByteArray(), new RetryOverride(6, null));

    assertThat(TaskActivation.parseFrom(after))
        .isEqualTo(
            before.toBuilder()
                .setRetryState(before.getRetryState().toBuilder().setMaxAttempts(6))
                .build());
  }

  @Test
  void withOverride_makesARetryStateWhereThereIsNone() throws Exception {
    byte[] before = full().clearRetryState().build().toByteArray();

    byte[] after = encoder.withOverride(before, new RetryOverride(4, 7L));

    assertThat(TaskActivation.parseFrom(after).getRetryState())
        .isEqualTo(RetryState.newBuilder().setMaxAttempts(4).setDelayOnRetry(7).build());
  }

  @Test
  @DisplayName("8.1 optional fields: zero is not absence")
  void withOverride_tellsADelayOfZeroFromNone() throws Exception {
    byte[] before = TaskActivation.newBuilder().setId("x").build().toByteArray();

    byte[] after = encoder.withOverride(before, new RetryOverride(null, 0L));

    assertThat(TaskActivation.parseFrom(after).getRetryState().hasDelayOnRetry()).isTrue();
  }

  @Test
  @DisplayName("19.35: payload and names are kept; id, attempts and received_at are new")
  void nextAttempt_keepsEverythingButWhatARetryChanges() throws Exception {
    TaskActivation before = full().setUnknownFields(unknown()).build();

    Retry retry = nextAttempt(before, RetryOverride.NONE);

    assertThat(TaskActivation.parseFrom(retry.payload()))
        .isEqualTo(
            before.toBuilder()
                .setId(retry.id())
                .setReceivedAt(Timestamp.newBuilder().setSeconds(NOW / 1_000).setNanos(678_000_000))
                .setDelay(9)
                .setRetryState(before.getRetryState().toBuilder().setAttempts(3))
                .build());
    assertThat(UUID.fromString(retry.id())).hasToString(retry.id());
  }

  @Test
  @DisplayName("19.35: the delay is removed, or replaced by delay_on_retry")
  void nextAttempt_forgetsTheDelayOfTheLast() throws Exception {
    TaskActivation before =
        full().setDelay(100).setRetryState(RetryState.newBuilder().setAttempts(1)).build();

    assertThat(parse(nextAttempt(before, RetryOverride.NONE)).hasDelay()).isFalse();
  }

  @Test
  @DisplayName("8.1 RETRY: an activation without retry state gets none")
  void nextAttempt_withoutRetryState_stillHasNone() throws Exception {
    TaskActivation next = parse(nextAttempt(full().clearRetryState().build(), RetryOverride.NONE));

    assertThat(next.hasRetryState()).isFalse();
    assertThat(next.hasDelay()).isFalse();
  }

  @Test
  @DisplayName("8.1 RETRY: attempt fields of the report are written into the next attempt")
  void nextAttempt_obeysTheOverride() throws Exception {
    TaskActivation next =
        parse(nextAttempt(full().clearRetryState().build(), new RetryOverride(4, 7L)));

    assertThat(next.getDelay()).isEqualTo(7);
    assertThat(next.getRetryState())
        .isEqualTo(
            RetryState.newBuilder().setAttempts(1).setMaxAttempts(4).setDelayOnRetry(7).build());
  }

  @Test
  void nextAttempt_stopsCountingAtTheEndOfTheField() throws Exception {
    TaskActivation before = full().setRetryState(RetryState.newBuilder().setAttempts(-1)).build();

    assertThat(parse(nextAttempt(before, RetryOverride.NONE)).getRetryState().getAttempts())
        .isEqualTo(-1);
  }

  @Test
  void nextAttempt_ofTheSameRow_hasTheSameId() {
    assertThat(nextAttempt(full().build(), RetryOverride.NONE).id())
        .isEqualTo(nextAttempt(full().build(), new RetryOverride(9, 9L)).id());
  }

  @Test
  void nextAttempt_hasAnotherIdForAnotherRow() {
    byte[] payload = full().build().toByteArray();
    Partition partition = new Partition("tasks", 1);

    assertThat(
            new String[] {
              id(activation("old", partition, 5), payload),
              id(activation("other", partition, 5), payload),
              id(activation("old", partition, 6), payload),
              id(activation("old", new Partition("tasks", 2), 5), payload),
              id(activation("old", new Partition("others", 1), 5), payload),
              id(
                  activation("old", partition, 5),
                  full()
                      .setRetryState(RetryState.newBuilder().setAttempts(7))
                      .build()
                      .toByteArray())
            })
        .doesNotHaveDuplicates();
  }

  @Test
  void whatIsNoActivation_isRefused() {
    byte[] payload = {(byte) 0xff};

    assertThatIllegalArgumentException()
        .isThrownBy(() -> encoder.withOverride(payload, new RetryOverride(1, null)));
    assertThatIllegalArgumentException().isThrownBy(() -> id(activation("x"), payload));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void whateverWasAccepted_canBeTriedAgain(long seed) throws Exception {
    var random = new Random(seed);
    for (int step = 0; step < 5_000; step++) {
      String where = "seed " + seed + ", step " + step;
      TaskActivation before = RandomActivations.next(random);
      var override =
          new RetryOverride(
              random.nextBoolean() ? random.nextInt() : null,
              random.nextBoolean() ? random.nextLong() : null);

      TaskActivation next = parse(nextAttempt(before, override));
      byte[] overridden = encoder.withOverride(before.toByteArray(), override);

      assertThat(next.getTaskname()).as(where).isEqualTo(before.getTaskname());
      assertThat(next.getHeadersMap()).as(where).isEqualTo(before.getHeadersMap());
      assertThat(next.getUnknownFields()).as(where).isEqualTo(before.getUnknownFields());
      assertThat(next.getRetryState().getOnAttemptsExceededValue())
          .as(where)
          .isEqualTo(before.getRetryState().getOnAttemptsExceededValue());
      assertThat(next.hasDelay())
          .as(where)
          .isEqualTo(TaskActivation.parseFrom(overridden).getRetryState().hasDelayOnRetry());
    }
  }

  private Retry nextAttempt(TaskActivation before, RetryOverride override) {
    return encoder.nextAttempt(activation(before.getId()), before.toByteArray(), override, NOW);
  }

  private String id(Activation activation, byte[] payload) {
    return encoder.nextAttempt(activation, payload, RetryOverride.NONE, NOW).id();
  }

  private static TaskActivation parse(Retry retry) throws InvalidProtocolBufferException {
    return TaskActivation.parseFrom(retry.payload());
  }

  private static TaskActivation.Builder full() {
    return TaskActivation.newBuilder()
        .setId("old")
        .setNamespace("orders")
        .setTaskname("send_mail")
        .putHeaders("trace", "1")
        .setReceivedAt(Timestamp.newBuilder().setSeconds(1))
        .setExpires(60)
        .setDelay(1)
        .setProcessingDeadlineDuration(30)
        .setApplication("shop")
        .setParametersBytes(ByteString.copyFromUtf8("parameters"))
        .setRetryState(
            RetryState.newBuilder()
                .setAttempts(2)
                .setMaxAttempts(5)
                .setOnAttemptsExceededValue(77)
                .setAtMostOnce(true)
                .setDelayOnRetry(9));
  }

  private static UnknownFieldSet unknown() {
    return UnknownFieldSet.newBuilder()
        .addField(100, UnknownFieldSet.Field.newBuilder().addVarint(7).build())
        .build();
  }

  private static Activation activation(String id) {
    return activation(id, new Partition("tasks", 1), 5);
  }

  private static Activation activation(String id, Partition partition, long offset) {
    return new Activation(
        id,
        "",
        "",
        "",
        partition,
        offset,
        0,
        0,
        null,
        null,
        0,
        Delivery.AT_LEAST_ONCE,
        OnAttemptsExceeded.UNSPECIFIED,
        0,
        null);
  }
}
