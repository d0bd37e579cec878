package io.taskbroker.adapters.protobuf;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import io.taskbroker.application.intake.ActivationDecoder.Decoded;
import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.application.intake.SourceRecord.Header;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Delivery;
import io.taskbroker.domain.OnAttemptsExceeded;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.rules.Wanted;
import io.taskbroker.proto.v1.TaskActivation;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RawRecordDecoderTest {
  private static final long NOW = Instant.parse("2026-01-02T03:04:05.678Z").toEpochMilli();
  private static final long PRODUCED = Instant.parse("2026-01-02T03:00:00.500Z").toEpochMilli();
  private static final Partition PARTITION = new Partition("events", 3);
  private static final byte[] HELLO = utf8("hello world");

  private static final RawTopicSettings PLAIN =
      new RawTopicSettings("shop", "orders", "take_event", 30, null);

  private static final RawTopicSettings COMPRESSED =
      new RawTopicSettings("shop", "orders", "take_event", 30, 3);

  @Test
  void record_becomesTheConfiguredTask() throws Exception {
    Decoded.Wrapped task = task(PLAIN, record(42, HELLO));

    Activation activation = task.activation();
    assertThat(activation)
        .isEqualTo(
            new Activation(
                activation.id(),
                "shop",
                "orders",
                "take_event",
                PARTITION,
                42,
                PRODUCED,
                NOW,
                null,
                null,
                30,
                Delivery.AT_LEAST_ONCE,
                OnAttemptsExceeded.DISCARD,
                task.payload().length,
                null));
    TaskActivation message = TaskActivation.parseFrom(task.payload());
    assertThat(message.getId()).isEqualTo(activation.id());
    assertThat(message.getApplication()).isEqualTo("shop");
    assertThat(message.getNamespace()).isEqualTo("orders");
    assertThat(message.getTaskname()).isEqualTo("take_event");
    assertThat(message.getProcessingDeadlineDuration()).isEqualTo(30);
    assertThat(message.getReceivedAt()).isEqualTo(Timestamps.ofMillis(PRODUCED));
    assertThat(message.hasRetryState()).isFalse();
    assertThat(message.hasExpires()).isFalse();
    assertThat(message.hasDelay()).isFalse();
  }

  @Test
  @DisplayName("19.28: the value is msgpack bin, not an array")
  void value_isWrappedAsBytes() throws Exception {
    assertThat(parametersOf(PLAIN, HELLO))
        .isEqualTo(
            HexFormat.of().parseHex("82a46172677391c40b68656c6c6f20776f726c64a66b776172677380"));
  }

  @ParameterizedTest
  @DisplayName("19.28: a bin is as short as its length allows")
  @CsvSource({"0,c400", "255,c4ff", "256,c50100", "65535,c5ffff", "65536,c600010000"})
  void lengths_takeTheShortestForm(int length, String header) throws Exception {
    byte[] value = new byte[length];
    Arrays.fill(value, (byte) 'x');

    assertThat(HexFormat.of().formatHex(parametersOf(PLAIN, value)))
        .isEqualTo(
            "82a46172677391" + header + HexFormat.of().formatHex(value) + "a66b776172677380");
  }

  @Test
  @DisplayName("19.28: a record without a value counts as an empty one")
  void tombstone_isEmptyBytes() throws Exception {
    assertThat(parametersOf(PLAIN, null)).isEqualTo(parametersOf(PLAIN, new byte[0]));
  }

  @Test
  @DisplayName("19.28: compressed into one frame that states its size")
  void frame_statesItsSize() throws Exception {
    byte[] plain = parametersOf(PLAIN, HELLO);

    byte[] frame = parametersOf(COMPRESSED, HELLO);

    assertThat(Zstd.getFrameContentSize(frame)).isEqualTo(plain.length);
    assertThat(Zstd.decompress(frame, plain.length)).isEqualTo(plain);
  }

  @Test
  @DisplayName("19.28: the record's headers are kept alongside the compression header")
  void headers_areKept() throws Exception {
    var headers =
        List.of(
            new Header("trace", utf8("first")),
            new Header("compression-type", utf8("gzip")),
            new Header("trace", utf8("second")),
            new Header("empty", new byte[0]),
            new Header("absent", null),
            new Header("binary", new byte[] {(byte) 0xff}));

    assertThat(message(COMPRESSED, record(42, PRODUCED, HELLO, headers)).getHeadersMap())
        .containsOnly(
            Map.entry("trace", "second"),
            Map.entry("compression-type", "zstd"),
            Map.entry("empty", ""));
  }

  @Test
  @DisplayName("19.28: without compression there is no header, but what the producer sent")
  void withoutCompression_noHeaderIsAdded() throws Exception {
    var gzip = List.of(new Header("compression-type", utf8("gzip")));

    assertThat(message(PLAIN, record(42, HELLO)).getHeadersMap()).isEmpty();
    assertThat(message(PLAIN, record(42, PRODUCED, HELLO, gzip)).getHeadersMap())
        .containsEntry("compression-type", "gzip");
  }

  @Test
  @DisplayName("19.28: a record that is read again is the same task (on purpose)")
  void recordReadAgain_hasTheSameId() {
    String id = idOf(record(42, HELLO));

    assertThat(UUID.fromString(id)).hasToString(id);
    assertThat(idOf(record(42, HELLO))).isEqualTo(id);
    assertThat(idOf(record(43, HELLO))).isNotEqualTo(id);
    assertThat(idOf(new SourceRecord(new Partition("events", 4), 42, PRODUCED, HELLO, List.of())))
        .isNotEqualTo(id);
    assertThat(idOf(new SourceRecord(new Partition("other", 3), 42, PRODUCED, HELLO, List.of())))
        .isNotEqualTo(id);
  }

  @Test
  void recordWithoutATime_isReceivedNow() throws Exception {
    assertThat(task(PLAIN, record(42, -1, HELLO, List.of())).activation().receivedAtMs())
        .isEqualTo(NOW);
  }

  @Test
  void timeThatIsNone_isCut() throws Exception {
    Decoded.Wrapped task = task(PLAIN, record(42, Long.MAX_VALUE, HELLO, List.of()));

    assertThat(task.clamped()).isTrue();
    assertThat(task.activation().receivedAtMs()).isEqualTo(NOW);
    assertThat(TaskActivation.parseFrom(task.payload()).getReceivedAt())
        .isEqualTo(Timestamps.ofMillis(NOW));
  }

  @Test
  void whatNoWorkerTakes_isBad_andLeavesNothingButItsPlace() {
    byte[] noise = new byte[2_000];
    new Random(3).nextBytes(noise);
    var decoder = new RawRecordDecoder(COMPRESSED, new ActivationLimits(2_000, null));

    assertThat(decoder.decode(record(42, noise), NOW))
        .isInstanceOfSatisfying(
            Decoded.Bad.class,
            bad -> {
              assertThat(bad.payload()).isEmpty();
              assertThat(bad.reason()).contains("max_deliverable_size", "2000 bytes");
            });
  }

  @Test
  void whatFitsOnceItIsCompressed_isATask() {
    var decoder = new RawRecordDecoder(COMPRESSED, new ActivationLimits(2_000, null));

    assertThat(decoder.decode(record(42, new byte[1_000_000]), NOW))
        .isInstanceOf(Decoded.Wrapped.class);
  }

  @Test
  void sizeOfTheArguments_isToldIfTheyAreCompressed() throws Exception {
    SourceRecord record = record(42, new byte[10_000]);

    assertThat(task(PLAIN, record).compressedBytes()).isEmpty();
    assertThat(task(COMPRESSED, record).compressedBytes())
        .hasValue(message(COMPRESSED, record).getParametersBytes().size());
  }

  @Test
  void rawTask_cannotBeSelectedByItsArgument() {
    var reader = new MsgpackArgumentReader();

    var wanted = new Wanted(Set.of(0), Set.of(), 1_000, 100);

    assertThat(reader.read(task(PLAIN, record(42, HELLO)).payload(), wanted)).isEmpty();
    assertThat(reader.read(task(COMPRESSED, record(42, HELLO)).payload(), wanted)).isEmpty();
  }

  private static byte[] parametersOf(RawTopicSettings settings, byte @Nullable [] value)
      throws Exception {
    return message(settings, record(42, value)).getParametersBytes().toByteArray();
  }

  private static TaskActivation message(RawTopicSettings settings, SourceRecord record)
      throws Exception {
    return TaskActivation.parseFrom(task(settings, record).payload());
  }

  private static String idOf(SourceRecord record) {
    return task(COMPRESSED, record).activation().id();
  }

  private static Decoded.Wrapped task(RawTopicSettings settings, SourceRecord record) {
    var decoder = new RawRecordDecoder(settings, ActivationLimits.DEFAULT);
    return (Decoded.Wrapped) decoder.decode(record, NOW);
  }

  private static SourceRecord record(long offset, byte @Nullable [] value) {
    return record(offset, PRODUCED, value, List.of());
  }

  private static SourceRecord record(
      long offset, long timestampMs, byte @Nullable [] value, List<Header> headers) {
    return new SourceRecord(PARTITION, offset, timestampMs, value, headers);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
