package io.taskbroker.adapters.protobuf;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import com.google.protobuf.ByteString;
import io.taskbroker.application.operations.TaskContents;
import io.taskbroker.proto.v1.RetryState;
import io.taskbroker.proto.v1.TaskActivation;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What people see of what producers wrote, whatever that is. */
class ReadableActivationsTest {
  /** {@code {"args": ["foo", 1, nil, true, 1.5], "kwargs": {"org_id": 2}}}. */
  private static final byte[] PACKED =
      HexFormat.of()
          .parseHex(
              "82a46172677395a3666f6f01c0c3cb3ff8000000000000a66b776172677381a66f72675f696402");

  private static TaskContents read(TaskActivation.Builder task) {
    return new ReadableActivations().read(task.build().toByteArray());
  }

  private static TaskActivation.Builder packed(byte[] parameters) {
    return TaskActivation.newBuilder().setParametersBytes(ByteString.copyFrom(parameters));
  }

  @Test
  void argumentsHeadersAndTries_areRead() {
    TaskContents contents =
        read(
            packed(PACKED)
                .putHeaders("trace", "abc")
                .setRetryState(RetryState.newBuilder().setAttempts(2).setMaxAttempts(5)));

    assertThat(contents.unreadable()).isNull();
    assertThat(contents.encoding()).isEqualTo("msgpack");
    assertThat(contents.bytes()).isEqualTo(PACKED.length);
    assertThat(contents.headers()).containsExactly(Map.entry("trace", "abc"));
    assertThat(contents.earlierTries()).isEqualTo(2);
    assertThat(contents.mostTries()).isEqualTo(5);
    assertThat(contents.arguments())
        .isEqualTo(
            Map.of(
                "args", Arrays.asList("foo", BigInteger.ONE, null, true, 1.5),
                "kwargs", Map.of("org_id", BigInteger.TWO)));
  }

  @Test
  void compressedArguments_areRead() {
    TaskContents contents =
        read(packed(Zstd.compress(PACKED)).putHeaders("compression-type", "zstd"));

    assertThat(contents.unreadable()).isNull();
    assertThat(contents.encoding()).isEqualTo("msgpack, zstd");
    assertThat(contents.arguments()).asString().startsWith("{args=[foo, 1, null, true, 1.5]");
  }

  @Test
  @SuppressWarnings("deprecation") // old producers still send JSON
  void argumentsInJson_areHandedOn() {
    TaskContents contents = read(TaskActivation.newBuilder().setParametersJson("{\"args\": []}"));

    assertThat(contents.json()).isEqualTo("{\"args\": []}");
    assertThat(contents.encoding()).isEqualTo("JSON");
  }

  @Test
  void bytesAmongTheArguments_areBytes() {
    assertThat(read(packed(HexFormat.of().parseHex("91c4020102"))).arguments())
        .isInstanceOfSatisfying(
            List.class, list -> assertThat((byte[]) list.getFirst()).containsExactly(1, 2));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "dd7fffffff", // claims two thousand million elements
        "df7fffffff", // and as many entries
        "c67fffffff", // and as many bytes
        "c1", // is no msgpack
        "91" // ends too early
      })
  void whatCannotBeRead_saysWhy_andTakesNoMemory(String hex) {
    assertThat(read(packed(HexFormat.of().parseHex(hex))).unreadable())
        .startsWith("they cannot be read");
  }

  @Test
  void whatIsNestedTooDeeply_orUnpacksToTooMuch_isNotRead() {
    byte[] deep = new byte[1_000];
    Arrays.fill(deep, (byte) 0x91);
    byte[] bomb = new byte[4 * 1024 * 1024];
    bomb[0] = (byte) 0xdd;
    bomb[1] = 0x00;
    bomb[2] = 0x3f;
    bomb[3] = (byte) 0xff;

    assertThat(read(packed(deep)).unreadable()).contains("nested");
    assertThat(
            read(packed(Zstd.compress(bomb)).putHeaders("compression-type", "zstd")).unreadable())
        .startsWith("they cannot be read");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void rubbish_isNeverThrownAt(long seed) {
    var random = new Random(seed);
    for (int i = 0; i < 2_000; i++) {
      byte[] rubbish = new byte[random.nextInt(64)];
      random.nextBytes(rubbish);
      assertThat(new ReadableActivations().read(rubbish)).isNotNull();
      assertThat(read(packed(rubbish))).isNotNull();
    }
  }
}
