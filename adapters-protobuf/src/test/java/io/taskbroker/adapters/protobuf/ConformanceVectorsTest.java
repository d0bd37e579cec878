package io.taskbroker.adapters.protobuf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.github.luben.zstd.Zstd;
import com.google.protobuf.ByteString;
import io.taskbroker.application.intake.ActivationDecoder.Decoded;
import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Delivery;
import io.taskbroker.domain.NamePool;
import io.taskbroker.domain.OnAttemptsExceeded;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.rules.Arguments;
import io.taskbroker.domain.rules.Value;
import io.taskbroker.domain.rules.Wanted;
import io.taskbroker.proto.v1.RetryState;
import io.taskbroker.proto.v1.TaskActivation;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.yaml.snakeyaml.Yaml;

/** Holds the codec to the vectors that clients are held to, {@code clients/conformance}. */
class ConformanceVectorsTest {
  private static final long NOW = 1_764_300_500_000L;

  /** Any that a case uses; a name that is missing here would not be read. */
  private static final Wanted ALL =
      new Wanted(
          IntStream.range(0, 20).boxed().collect(Collectors.toSet()),
          Set.of("org_id", "address", "deep", "a", "k"),
          10_000,
          1_000_000);

  /** A worker refuses them. Rules of the broker can name such keys, or do not look that far. */
  private static final Set<String> READ_BY_THE_BROKER =
      Set.of(
          "something behind it",
          "a key that is an int",
          "a key that is an int, at the top",
          "a frame that does not say its size");

  private final MsgpackArgumentReader reader = new MsgpackArgumentReader();
  private final ProtobufActivationEncoder encoder = new ProtobufActivationEncoder();

  @TestFactory
  Stream<DynamicTest> parameters() {
    return cases("parameters.json").filter(c -> c.has("bytes_hex")).map(this::parameters);
  }

  private DynamicTest parameters(Case vector) {
    return dynamicTest(
        vector.name(),
        () -> {
          Optional<Arguments> read = read(payload(vector.bytes("bytes_hex"), Map.of()));
          if (vector.has("error")) {
            assertThat(read.isPresent()).isEqualTo(READ_BY_THE_BROKER.contains(vector.name()));
            return;
          }
          assertThat(read)
              .isEqualTo(
                  vector.has("decoded")
                      ? arguments(list(vector.get("decoded")))
                      : arguments(
                          List.of(
                              list(vector.given().get("args")),
                              map(vector.given().get("kwargs")))));
        });
  }

  /** Empty if there are bytes among them, which no rule can name. */
  private static Optional<Arguments> arguments(List<?> given) {
    Map<Integer, Value> positional = new HashMap<>();
    Map<String, Value> named = new HashMap<>();
    try {
      for (Object argument : (List<?>) given.getFirst()) {
        positional.put(positional.size(), value(argument));
      }
      for (Map.Entry<?, ?> entry : ((Map<?, ?>) given.getLast()).entrySet()) {
        named.put((String) entry.getKey(), value(entry.getValue()));
      }
    } catch (BytesException _) {
      return Optional.empty();
    }
    return Optional.of(new Arguments(positional, named));
  }

  private static Value value(@Nullable Object given) {
    return switch (given) {
      case null -> new Value.Null();
      case Boolean bool -> new Value.Bool(bool);
      case Integer whole -> new Value.Whole(BigInteger.valueOf(whole));
      case Long whole -> new Value.Whole(BigInteger.valueOf(whole));
      case BigInteger whole -> new Value.Whole(whole);
      case Double real -> new Value.Real(real);
      case String text -> new Value.Text(text);
      case List<?> list ->
          new Value.Sequence(list.stream().map(ConformanceVectorsTest::value).toList());
      case Map<?, ?> map -> valueOfMap(map);
      default -> throw new IllegalArgumentException("a value of a case: " + given);
    };
  }

  private static Value valueOfMap(Map<?, ?> map) {
    if (map.containsKey("int")) {
      return new Value.Whole(new BigInteger((String) map.get("int")));
    }
    if (map.containsKey("bytes") || map.containsKey("map")) {
      throw new BytesException();
    }
    Map<Value, Value> entries = new HashMap<>();
    map.forEach((key, value) -> entries.put(value(key), value(value)));
    return new Value.Mapping(entries);
  }

  @TestFactory
  Stream<DynamicTest> zstd() {
    return cases("zstd.json").map(this::zstd);
  }

  /** The content is no msgpack; a frame before it makes it the text of one argument. */
  private DynamicTest zstd(Case vector) {
    return dynamicTest(
        vector.name(),
        () -> {
          byte[] content =
              vector.has("content")
                  ? HexFormat.of().parseHex((String) map(vector.get("content")).get("bytes"))
                  : "hello".repeat(10).getBytes(StandardCharsets.UTF_8);
          ByteBuffer start = ByteBuffer.allocate(12);
          start.put(HexFormat.of().parseHex("81a461726773" + "91" + "db")).putInt(content.length);
          ByteString stored =
              ByteString.copyFrom(Zstd.compress(start.array()))
                  .concat(ByteString.copyFrom(vector.bytes("bytes_hex")));
          Optional<Arguments> read =
              read(payload(stored.toByteArray(), Map.of(CompressionHeader.NAME, "zstd")));
          boolean isSound = !vector.has("error") || READ_BY_THE_BROKER.contains(vector.name());
          assertThat(read)
              .isEqualTo(
                  isSound
                      ? Optional.of(
                          new Arguments(
                              Map.of(
                                  0, new Value.Text(new String(content, StandardCharsets.UTF_8))),
                              Map.of()))
                      : Optional.empty());
        });
  }

  @TestFactory
  Stream<DynamicTest> activations() {
    return cases("activation.json").map(this::activation);
  }

  private DynamicTest activation(Case vector) {
    return dynamicTest(
        vector.name(),
        () -> {
          byte[] bytes = vector.bytes("bytes_hex");
          Decoded decoded = decode(bytes);
          if (vector.has("error")) {
            assertThat(decoded).isInstanceOf(Decoded.Bad.class);
            assertThat(((Decoded.Bad) decoded).toString())
                .contains((String) Objects.requireNonNull(vector.get("error")));
            return;
          }
          Decoded.Task task = (Decoded.Task) decoded;
          assertThat(task.payload()).isEqualTo(bytes);
          assertThat(task.activation()).isEqualTo(expected(vector.given(), bytes.length));
          assertThat(read(bytes).isPresent()).isEqualTo(hasArguments(vector.given()));
          checkNextAttempt(bytes, task.activation());
        });
  }

  private static Decoded decode(byte[] bytes) {
    var decoder = new ProtobufActivationDecoder(ActivationLimits.DEFAULT, new NamePool());
    return decoder.decode(
        new SourceRecord(new Partition("taskworker", 0), 7, NOW, bytes, List.of()), NOW);
  }

  private static Activation expected(Map<?, ?> given, int size) {
    long receivedAtMs = NOW;
    if (given.containsKey("received_at")) {
      Map<?, ?> at = map(given.get("received_at"));
      receivedAtMs = number(at, "seconds", 0) * 1_000 + number(at, "nanos", 0) / 1_000_000;
    }
    Map<?, ?> state = given.containsKey("retry_state") ? map(given.get("retry_state")) : Map.of();
    return new Activation(
        text(given, "id"),
        text(given, "application"),
        text(given, "namespace"),
        text(given, "taskname"),
        new Partition("taskworker", 0),
        7,
        receivedAtMs,
        NOW,
        after(given, "expires", receivedAtMs),
        after(given, "delay", receivedAtMs),
        (int) number(given, "processing_deadline_duration", 0),
        Boolean.TRUE.equals(state.get("at_most_once"))
            ? Delivery.AT_MOST_ONCE
            : Delivery.AT_LEAST_ONCE,
        OnAttemptsExceeded.ofNumber((int) number(state, "on_attempts_exceeded", 0)),
        size,
        null);
  }

  private static @Nullable Long after(Map<?, ?> given, String name, long receivedAtMs) {
    return given.containsKey(name) ? receivedAtMs + number(given, name, 0) * 1_000 : null;
  }

  private static boolean hasArguments(Map<?, ?> given) {
    return "82a46172677390a66b776172677380".equals(given.get("parameters_bytes"));
  }

  /** A retry changes id, time, tries and delay, and nothing else. */
  private void checkNextAttempt(byte[] bytes, Activation activation) throws IOException {
    TaskActivation before = TaskActivation.parseFrom(bytes);
    TaskActivation after =
        TaskActivation.parseFrom(
            encoder.nextAttempt(activation, bytes, RetryOverride.NONE, NOW).payload());
    assertThat(unchanging(after)).isEqualTo(unchanging(before));
    assertThat(after.getUnknownFields()).isEqualTo(before.getUnknownFields());
  }

  private static TaskActivation unchanging(TaskActivation activation) {
    TaskActivation.Builder builder =
        activation.toBuilder().clearId().clearReceivedAt().clearDelay();
    if (builder.hasRetryState()) {
      builder.getRetryStateBuilder().clearAttempts();
    }
    return builder.build();
  }

  @TestFactory
  Stream<DynamicTest> headers() {
    return cases("headers.json").filter(c -> c.has("text")).map(this::headers);
  }

  private DynamicTest headers(Case vector) {
    return dynamicTest(
        vector.name(),
        () -> {
          Map<String, String> headers = new HashMap<>();
          map(vector.get("text"))
              .forEach((name, text) -> headers.put((String) name, (String) text));
          byte[] bytes = payload(new byte[0], headers);
          Activation activation = ((Decoded.Task) decode(bytes)).activation();
          byte[] next = encoder.nextAttempt(activation, bytes, RetryOverride.NONE, NOW).payload();
          assertThat(TaskActivation.parseFrom(next).getHeadersMap()).isEqualTo(headers);
        });
  }

  @TestFactory
  Stream<DynamicTest> retries() {
    return cases("retry.json").filter(c -> "retry".equals(c.get("outcome"))).map(this::retry);
  }

  /** What a worker reports is what the next try says. */
  private DynamicTest retry(Case vector) {
    return dynamicTest(
        vector.name(),
        () -> {
          Object delay = vector.get("delay");
          int attempts = (int) number(vector.fields(), "attempts", 0);
          int maxAttempts = (int) number(vector.fields(), "max_attempts", 0);
          byte[] bytes =
              TaskActivation.newBuilder()
                  .setId("a")
                  .setRetryState(RetryState.newBuilder().setAttempts(attempts).setMaxAttempts(1))
                  .build()
                  .toByteArray();
          var override =
              new RetryOverride(maxAttempts, delay == null ? null : ((Number) delay).longValue());
          Activation activation = ((Decoded.Task) decode(bytes)).activation();
          TaskActivation next =
              TaskActivation.parseFrom(
                  encoder.nextAttempt(activation, bytes, override, NOW).payload());
          assertThat(next.getRetryState().getAttempts()).isEqualTo(attempts + 1);
          assertThat(next.getRetryState().getMaxAttempts()).isEqualTo(maxAttempts);
          assertThat(next.hasDelay()).isEqualTo(delay != null);
          assertThat(next.getDelay()).isEqualTo(delay == null ? 0 : ((Number) delay).longValue());
        });
  }

  // ------------------------------------------------------------------ files

  /** A case has bytes among its arguments. */
  private static final class BytesException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private record Case(Map<?, ?> fields) {
    String name() {
      return text(fields, "name");
    }

    boolean has(String field) {
      return fields.containsKey(field);
    }

    @Nullable Object get(String field) {
      return fields.get(field);
    }

    Map<?, ?> given() {
      return map(fields.get("given"));
    }

    byte[] bytes(String field) {
      return HexFormat.of().parseHex(text(fields, field));
    }
  }

  /** JSON is YAML, but for the two halves of a character beyond the first 65,536. */
  private static Stream<Case> cases(String file) {
    Path folder = Path.of("..", "clients", "conformance");
    try {
      List<Case> cases = new ArrayList<>();
      for (Object fields : (List<?>) new Yaml().load(Files.readString(folder.resolve(file)))) {
        cases.add(new Case(map(fields)));
      }
      return cases.stream();
    } catch (IOException e) {
      throw new AssertionError("cannot read " + folder.resolve(file), e);
    }
  }

  private static List<?> list(@Nullable Object value) {
    return (List<?>) Objects.requireNonNull(value);
  }

  private static Map<?, ?> map(@Nullable Object value) {
    return (Map<?, ?>) Objects.requireNonNull(value);
  }

  private static String text(Map<?, ?> fields, String name) {
    return fields.get(name) instanceof String text ? text : "";
  }

  private static long number(Map<?, ?> fields, String name, long otherwise) {
    return fields.get(name) instanceof Number number ? number.longValue() : otherwise;
  }

  private Optional<Arguments> read(byte[] payload) {
    return reader.read(payload, ALL);
  }

  private static byte[] payload(byte[] parameters, Map<String, String> headers) {
    return TaskActivation.newBuilder()
        .setId("a")
        .putAllHeaders(headers)
        .setParametersBytes(ByteString.copyFrom(parameters))
        .build()
        .toByteArray();
  }
}
