package io.taskbroker.adapters.protobuf;

import static io.taskbroker.proto.v1.OnAttemptsExceeded.ON_ATTEMPTS_EXCEEDED_DEADLETTER;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import io.taskbroker.application.intake.ActivationDecoder.Decoded;
import io.taskbroker.application.intake.ActivationDecoder.Decoded.Bad;
import io.taskbroker.application.intake.ActivationDecoder.Decoded.Task;
import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Delivery;
import io.taskbroker.domain.NamePool;
import io.taskbroker.domain.OnAttemptsExceeded;
import io.taskbroker.domain.Partition;
import io.taskbroker.proto.v1.RetryState;
import io.taskbroker.proto.v1.TaskActivation;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProtobufActivationDecoderTest {
  private static final long NOW = Instant.parse("2026-01-02T03:04:05.678Z").toEpochMilli();
  private static final long PRODUCED = Instant.parse("2026-01-02T03:00:00.500Z").toEpochMilli();
  private static final long END_OF_TIME = Instant.parse("9999-12-31T23:59:59.999Z").toEpochMilli();
  private static final Partition PARTITION = new Partition("taskworker", 3);

  private static final String STRICTER = "malformed varint.";

  private final ProtobufActivationDecoder decoder = decoder(ActivationLimits.DEFAULT);

  @Test
  void task_hasTheFactsOfTheMessage() {
    Task task =
        decodeTask(
            message()
                .setApplication("shop")
                .setExpires(60)
                .setDelay(7)
                .setProcessingDeadlineDuration(30)
                .setRetryState(
                    RetryState.newBuilder()
                        .setAtMostOnce(true)
                        .setOnAttemptsExceeded(ON_ATTEMPTS_EXCEEDED_DEADLETTER)));

    assertThat(task.activation())
        .isEqualTo(
            new Activation(
                "f81d4fae7dec11d0a76500a0c91e6bf6",
                "shop",
                "orders",
                "send_mail",
                PARTITION,
                42,
                PRODUCED,
                NOW,
                PRODUCED + 60_000,
                PRODUCED + 7_000,
                30,
                Delivery.AT_MOST_ONCE,
                OnAttemptsExceeded.DEAD_LETTER,
                task.payload().length,
                null));
    assertThat(task.clamped()).isFalse();
  }

  @Test
  void task_keepsItsPayloadByteForByte() {
    byte[] value = concat(message().build().toByteArray(), HexFormat.of().parseHex("a2060178"));

    assertThat(((Task) decode(value)).payload()).isEqualTo(value);
  }

  @Test
  void task_doesWithoutEverythingButItsId() {
    Activation activation = decodeTask(TaskActivation.newBuilder().setId("x")).activation();

    assertThat(activation)
        .isEqualTo(
            new Activation(
                "x",
                "",
                "",
                "",
                PARTITION,
                42,
                NOW,
                NOW,
                null,
                null,
                0,
                Delivery.AT_LEAST_ONCE,
                OnAttemptsExceeded.UNSPECIFIED,
                3,
                null));
  }

  @Test
  @DisplayName("8.1 optional fields: expires and delay of zero are present")
  void expiresAndDelayOfZero_countAsPresent() {
    Activation activation = decodeTask(message().setExpires(0).setDelay(0)).activation();

    assertThat(activation.expiresAtMs()).isEqualTo(PRODUCED);
    assertThat(activation.delayUntilMs()).isEqualTo(PRODUCED);
  }

  @Test
  void messagesGivenTwice_areMerged() {
    byte[] first =
        message().setRetryState(RetryState.newBuilder().setAtMostOnce(true)).build().toByteArray();
    byte[] second =
        TaskActivation.newBuilder()
            .setId("other")
            .setRetryState(
                RetryState.newBuilder().setOnAttemptsExceeded(ON_ATTEMPTS_EXCEEDED_DEADLETTER))
            .build()
            .toByteArray();

    Activation activation = ((Task) decode(concat(first, second))).activation();

    assertThat(activation.id()).isEqualTo("other");
    assertThat(activation.delivery()).isEqualTo(Delivery.AT_MOST_ONCE);
    assertThat(activation.onAttemptsExceeded()).isEqualTo(OnAttemptsExceeded.DEAD_LETTER);
  }

  @Test
  void names_areSharedBetweenActivations() {
    Activation one = decodeTask(message()).activation();
    Activation other = decodeTask(message()).activation();

    assertThat(one.namespace()).isSameAs(other.namespace());
    assertThat(one.taskname()).isSameAs(other.taskname());
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, Long.MIN_VALUE, Long.MAX_VALUE, 300_000_000_000L})
  void hugeExpiresAndDelay_endWithTime(long seconds) {
    Task task = decodeTask(message().setExpires(seconds).setDelay(seconds));

    assertThat(task.activation().expiresAtMs()).isEqualTo(END_OF_TIME);
    assertThat(task.activation().delayUntilMs()).isEqualTo(END_OF_TIME);
    assertThat(task.clamped()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, Long.MIN_VALUE, 1L << 31, Long.MAX_VALUE})
  void hugeDeadline_isCutToWhatARowHolds(long seconds) {
    Task task = decodeTask(message().setProcessingDeadlineDuration(seconds));

    assertThat(task.activation().processingDeadlineSec()).isEqualTo(Integer.MAX_VALUE);
    assertThat(task.clamped()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 99, -1, Integer.MAX_VALUE, Integer.MIN_VALUE})
  void unknownPolicy_isUnspecified(int number) {
    Task task =
        decodeTask(
            message().setRetryState(RetryState.newBuilder().setOnAttemptsExceededValue(number)));

    assertThat(task.activation().onAttemptsExceeded()).isEqualTo(OnAttemptsExceeded.UNSPECIFIED);
    assertThat(task.clamped()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, -62_135_596_801L, 253_402_300_800L, Long.MAX_VALUE})
  void receivedAtBeyondTime_isNow(long seconds) {
    Task task =
        decodeTask(message().setReceivedAt(Timestamp.newBuilder().setSeconds(seconds).build()));

    assertThat(task.activation().receivedAtMs()).isEqualTo(NOW);
    assertThat(task.clamped()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 1_000_000_000, Integer.MIN_VALUE})
  void receivedAtWithImpossibleNanos_isNow(int nanos) {
    Task task = decodeTask(message().setReceivedAt(Timestamp.newBuilder().setNanos(nanos)));

    assertThat(task.activation().receivedAtMs()).isEqualTo(NOW);
    assertThat(task.clamped()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(longs = {-62_135_596_800L, 0, 253_402_300_799L})
  void receivedAtWithinTime_isKept(long seconds) {
    Task task = decodeTask(message().setReceivedAt(Timestamp.newBuilder().setSeconds(seconds)));

    assertThat(task.activation().receivedAtMs()).isEqualTo(seconds * 1_000);
    assertThat(task.clamped()).isFalse();
  }

  @Test
  @DisplayName("19.23, ours: without a cap no delay is cut")
  void delay_isHonouredHoweverLong() {
    assertThat(decodeTask(message().setDelay(90_000)).activation().delayUntilMs())
        .isEqualTo(PRODUCED + 90_000_000);
  }

  @Test
  @DisplayName("19.23: a delay above the cap is capped")
  void delay_isCappedOnlyWhenALimitIsSet() {
    var capped = decoder(new ActivationLimits(1_000, 3_600L));

    Task task = (Task) capped.decode(record(message().setDelay(7_200).build()), NOW);
    Task huge = (Task) capped.decode(record(message().setDelay(-1).build()), NOW);
    Task small = (Task) capped.decode(record(message().setDelay(3).build()), NOW);

    assertThat(task.activation().delayUntilMs()).isEqualTo(PRODUCED + 3_600_000);
    assertThat(huge.activation().delayUntilMs()).isEqualTo(PRODUCED + 3_600_000);
    assertThat(small.activation().delayUntilMs()).isEqualTo(PRODUCED + 3_000);
  }

  @Test
  void tombstone_isBadAndHasNothingToKeep() {
    Bad bad = (Bad) decode((byte @Nullable []) null);

    assertThat(bad.reason()).isEqualTo("the record has no value");
    assertThat(bad.payload()).isEmpty();
  }

  @Test
  void emptyId_isBad() {
    assertThat(decodeBad(message().clearId()).reason()).isEqualTo("the id is empty");
  }

  @Test
  void emptyValue_isBad() {
    assertThat(((Bad) decode(new byte[0])).reason()).isEqualTo("the id is empty");
  }

  @Test
  void id_mayHave1024BytesInUtf8AndNoMore() {
    assertThat(decodeTask(message().setId("é".repeat(512))).activation().id()).hasSize(512);

    Bad bad = decodeBad(message().setId("é".repeat(512) + "x"));
    assertThat(bad.reason()).isEqualTo("the id has 1025 bytes, of at most 1024");
    assertThat(bad.payload()).isNotEmpty();
  }

  @Test
  void names_mayHave1024BytesAndNoMore() {
    String tooLong = "x".repeat(1_025);

    assertThat(decodeBad(message().setApplication(tooLong)).reason()).contains("application");
    assertThat(decodeBad(message().setNamespace(tooLong)).reason()).contains("namespace");
    assertThat(decodeBad(message().setTaskname(tooLong)).reason()).contains("taskname");
  }

  @Test
  void undecodable_isBadAndKeepsItsValue() {
    byte[] value = "no protobuf".getBytes(StandardCharsets.UTF_8);

    Bad bad = (Bad) decode(value);

    assertThat(bad.reason()).startsWith("not a TaskActivation: ");
    assertThat(bad.payload()).isEqualTo(value);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0a", // cut short
        "0a05 6161", // longer than what is there
        "0a ffffffff0f", // of negative length
        "07", // of a type that does not exist
        "02", // of no field
        "54", // a group ends that has not begun
        "53", // a group begins and does not end
        "53 5c", // a group is ended by another
        "48 ffffffffffffffffffff01", // a number of eleven bytes
        "0a01ff", // the id is no UTF-8
        "1201ff",
        "1a01ff",
        "2201ff",
        "6201ff",
        "2a030a01ff", // the name of a header is no UTF-8
        "2a031201ff",
        "2a0154", // a header ends a group
        "2a01ff",
        "320154", // so does a time
        "3a0154", // and a retry state
        "3202ffff"
      })
  void everyKindOfWrongEncoding_isBad(String hex) {
    byte[] wrong = HexFormat.of().parseHex(hex.replace(" ", ""));
    byte[] right = message().build().toByteArray();

    assertThat(parsed(concat(right, wrong))).as("what generated code makes of it").isNull();
    assertThat(decode(concat(right, wrong))).isInstanceOf(Bad.class);
  }

  @Test
  @DisplayName("8.1 10 MiB boundary")
  void payload_mayBeAsLargeAsTheMessageAroundItAllows() {
    TaskActivation fits = ofSize(1_000 - 3);
    TaskActivation tooLarge = ofSize(1_000 - 2);
    var limited = decoder(new ActivationLimits(1_000, null));

    assertThat(limited.decode(record(fits), NOW)).isInstanceOf(Task.class);
    Bad bad = (Bad) limited.decode(record(tooLarge), NOW);
    assertThat(bad.reason())
        .isEqualTo("a payload of 998 bytes does not fit into max_deliverable_size, 1000 bytes");
    assertThat(bad.payload()).isEmpty();
  }

  /**
   * The generated parser is the oracle. It lets one thing pass that other languages' parsers
   * refuse: a number of ten bytes in an unknown field, whose last byte says that more follow.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void accepts_whatTheGeneratedParserAccepts(long seed) {
    var random = new Random(seed);
    int accepted = 0;
    for (int step = 0; step < 10_000; step++) {
      byte[] value = mutated(RandomActivations.next(random).toByteArray(), random);
      String where = "seed " + seed + ", step " + step + ": " + HexFormat.of().formatHex(value);

      Decoded decoded = decode(value);

      TaskActivation expected = parsed(value);
      if (expected == null) {
        assertThat(decoded).as(where).isInstanceOf(Bad.class);
      } else if (decoded instanceof Task(Activation activation, byte[] payload, boolean _)) {
        accepted++;
        assertThat(payload).as(where).isEqualTo(value);
        assertThat(activation.id()).as(where).isEqualTo(expected.getId());
        assertThat(activation.application()).as(where).isEqualTo(expected.getApplication());
        assertThat(activation.namespace()).as(where).isEqualTo(expected.getNamespace());
        assertThat(activation.taskname()).as(where).isEqualTo(expected.getTaskname());
        assertThat(activation.isAtMostOnce())
            .as(where)
            .isEqualTo(expected.getRetryState().getAtMostOnce());
        assertThat(activation.expiresAtMs() != null).as(where).isEqualTo(expected.hasExpires());
        assertThat(activation.delayUntilMs() != null).as(where).isEqualTo(expected.hasDelay());
      } else {
        assertThat(((Bad) decoded).reason())
            .as(where)
            .matches(reason -> reason.equals("the id is empty") || reason.endsWith(STRICTER));
      }
    }
    assertThat(accepted).as("seed " + seed).isBetween(1_000, 9_800);
  }

  private static byte[] mutated(byte[] value, Random random) {
    byte[] mutated = value.clone();
    int mutations = value.length == 0 ? 0 : random.nextInt(3);
    for (int i = 0; i < mutations; i++) {
      mutated[random.nextInt(mutated.length)] = (byte) random.nextInt();
    }
    return switch (random.nextInt(10)) {
      case 0 -> Arrays.copyOf(mutated, random.nextInt(mutated.length + 1));
      case 1 -> concat(mutated, RandomActivations.bytes(random, 20));
      case 2 -> RandomActivations.bytes(random, 40);
      default -> mutated;
    };
  }

  private static @Nullable TaskActivation parsed(byte[] value) {
    try {
      return TaskActivation.parseFrom(value);
    } catch (InvalidProtocolBufferException e) {
      return null;
    }
  }

  private static TaskActivation ofSize(int bytes) {
    TaskActivation.Builder builder =
        message().setParametersBytes(ByteString.copyFrom(new byte[500]));
    int missing = bytes - builder.build().getSerializedSize();
    return builder.setParametersBytes(ByteString.copyFrom(new byte[500 + missing])).build();
  }

  private static TaskActivation.Builder message() {
    return TaskActivation.newBuilder()
        .setId("f81d4fae7dec11d0a76500a0c91e6bf6")
        .setNamespace("orders")
        .setTaskname("send_mail")
        .putHeaders("trace", "1")
        .setReceivedAt(
            Timestamp.newBuilder()
                .setSeconds(Math.floorDiv(PRODUCED, 1_000))
                .setNanos(500_999_999));
  }

  private static ProtobufActivationDecoder decoder(ActivationLimits limits) {
    return new ProtobufActivationDecoder(limits, new NamePool());
  }

  private static SourceRecord record(TaskActivation message) {
    return new SourceRecord(PARTITION, 42, NOW, message.toByteArray(), List.of());
  }

  private Decoded decode(byte @Nullable [] value) {
    return decoder.decode(new SourceRecord(PARTITION, 42, NOW, value, List.of()), NOW);
  }

  private Task decodeTask(TaskActivation.Builder message) {
    return (Task) decode(message.build().toByteArray());
  }

  private Bad decodeBad(TaskActivation.Builder message) {
    return (Bad) decode(message.build().toByteArray());
  }

  private static byte[] concat(byte[] first, byte[] second) {
    return ByteString.copyFrom(first).concat(ByteString.copyFrom(second)).toByteArray();
  }
}
