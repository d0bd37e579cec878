package io.taskbroker.adapters.protobuf;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import com.google.protobuf.ByteString;
import io.taskbroker.domain.rules.Arguments;
import io.taskbroker.domain.rules.Value;
import io.taskbroker.domain.rules.Wanted;
import io.taskbroker.proto.v1.TaskActivation;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessagePacker;

class MsgpackArgumentReaderTest {
  private static final String ARGS = "a461726773";
  private static final String KWARGS = "a66b7761726773";

  /** All that the tests here pass. */
  private static final Wanted ALL =
      new Wanted(Set.of(0, 1, 2, 3, 4), Set.of("k", "a", "b", "org_id"), 1_000, 100);

  private final MsgpackArgumentReader reader = new MsgpackArgumentReader();

  @ParameterizedTest
  @DisplayName("8.1 golden payloads: arguments with bytes among them cannot be selected")
  @ValueSource(
      strings = {
        "82a46172677396a3666f6f01c4026162c0c3cb3ff8000000000000a66b776172677381a66f72675f696402",
        "82a46172677392c40178920102a66b776172677381a16b01"
      })
  void bytesAmongTheArguments_areUnreadable(String golden) {
    assertThat(read(golden)).isEmpty();
  }

  @Test
  @DisplayName("8.1 golden payloads: the same arguments without the bytes")
  void everyOtherKind_isRead() {
    String golden =
        "82a46172677395a3666f6f01c0c3cb3ff8000000000000a66b776172677381a66f72675f696402";

    assertThat(read(golden))
        .contains(
            given(
                List.of(
                    new Value.Text("foo"),
                    whole(1),
                    new Value.Null(),
                    new Value.Bool(true),
                    new Value.Real(1.5)),
                Map.of("org_id", whole(2))));
  }

  @Test
  @DisplayName("8.1 golden payloads: a canary's parameters are no arguments at all")
  void noArguments_areRead() {
    assertThat(read("82" + ARGS + "90" + KWARGS + "80")).contains(given(List.of(), Map.of()));
  }

  @Test
  @DisplayName("8.1 golden payloads: a zstd frame of another encoder")
  void aFrameOfAnotherEncoder_isRead() {
    byte[] tenHellos = HexFormat.of().parseHex("28b52ffd20325d00002868656c6c6f0100c22c5a");
    byte[] beforeThem = HexFormat.of().parseHex("81" + ARGS + "91" + "d932"); // 50 bytes of text

    assertThat(read(payload(joined(Zstd.compress(beforeThem), tenHellos), ZSTD)))
        .contains(given(List.of(new Value.Text("hello".repeat(10))), Map.of()));
  }

  @Test
  void arguments_mayBeAnArrayOfBoth() {
    assertThat(read("92910781a16b08")).contains(given(List.of(whole(7)), Map.of("k", whole(8))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"91", "9191", "93919080", "c0", "07", "a3616263", "", "c1"})
  void whatIsNeitherAMapNorAPair_isUnreadable(String parameters) {
    assertThat(read(parameters)).isEmpty();
  }

  @Test
  void missingAndUnknownEntries_doNotMatter() {
    assertThat(read("80")).contains(given(List.of(), Map.of()));
    assertThat(read("83a161c401ff07c0" + ARGS + "9105"))
        .contains(given(List.of(whole(5)), Map.of()));
  }

  @Test
  void whatFollowsTheObject_isIgnored() {
    assertThat(read("81" + ARGS + "9105" + "c1c1")).contains(given(List.of(whole(5)), Map.of()));
  }

  @ParameterizedTest
  @CsvSource({
    "00,0",
    "7f,127",
    "ff,-1",
    "cc07,7",
    "cd0007,7",
    "ce00000007,7",
    "cf0000000000000007,7",
    "cfffffffffffffffff,18446744073709551615",
    "d0ff,-1",
    "d1ffff,-1",
    "d2ffffffff,-1",
    "d3ffffffffffffffff,-1",
    "d38000000000000000,-9223372036854775808"
  })
  void wholeNumbers_areTheSameInEveryEncoding(String encoded, BigInteger number) {
    assertThat(first(encoded)).contains(new Value.Whole(number));
  }

  @Test
  void shortFloats_areWidened() {
    assertThat(first("ca3dcccccd")).contains(new Value.Real(0.1f));
    assertThat(first("ca7fc00000")).contains(new Value.Real(Double.NaN));
  }

  @Test
  void collections_areReadWhole() {
    assertThat(first("9281a16101" + "8201a16202a163"))
        .contains(
            new Value.Sequence(
                List.of(
                    new Value.Mapping(Map.of(new Value.Text("a"), whole(1))),
                    new Value.Mapping(
                        Map.of(whole(1), new Value.Text("b"), whole(2), new Value.Text("c"))))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "c400", // bytes
        "d4ff00", // a timestamp or another extension
        "a1ff", // no UTF-8
        "91c400",
        "81a161c400",
        "81c40001"
      })
  void whatNoRuleCanName_makesAllUnreadable(String value) {
    assertThat(read("81" + ARGS + "92" + "01" + value)).isEmpty();
    assertThat(read("81" + KWARGS + "82" + "a16101" + "a162" + value)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"80", "01", "c0", "ddffffffff", "dfffffffff", "dbffffffff", "dd7fffffff"})
  void argumentsThatAreNoListOrCutShort_areUnreadable(String args) {
    assertThat(read("81" + ARGS + args)).isEmpty();
  }

  @Test
  void keywordsThatAreNoText_areUnreadable() {
    assertThat(read("81" + KWARGS + "810102")).isEmpty();
    assertThat(read("81" + KWARGS + "90")).isEmpty();
  }

  @Test
  void deepNesting_isUnreadable_ratherThanTheEndOfTheThread() {
    assertThat(first("91".repeat(255) + "01")).isPresent();
    assertThat(first("91".repeat(256) + "01")).isEmpty();
    assertThat(first("91".repeat(1_000_000) + "01")).isEmpty();
    assertThat(first("81".repeat(1_000_000) + "01")).isEmpty();
  }

  @Test
  void moreValuesThanFitIntoMemory_areUnreadable() throws IOException {
    assertThat(read(compressed(nothings(1_000_000)))).isPresent();
    assertThat(read(compressed(nothings(1_000_001)))).isEmpty();
  }

  @Test
  void whatNobodyWants_isLookedAtButNotBuilt() {
    var wanted = new Wanted(Set.of(1), Set.of("b"), 10, 100);
    byte[] sound =
        HexFormat.of().parseHex("82" + ARGS + "93010203" + KWARGS + "82" + "a16107" + "a16208");

    assertThat(reader.read(payload(sound, Map.of()), wanted))
        .contains(new Arguments(Map.of(1, whole(2)), Map.of("b", whole(8))));
    byte[] unsound = HexFormat.of().parseHex("81" + ARGS + "93" + "a1ff" + "02" + "03");
    assertThat(reader.read(payload(unsound, Map.of()), wanted)).isEmpty();
  }

  @Test
  void whatIsLargerThanAnyoneWants_isMissing_andTheLastOfANameCounts() {
    var wanted = new Wanted(Set.of(0, 1), Set.of("k"), 4, 100);
    byte[] some =
        HexFormat.of()
            .parseHex(
                "82"
                    + ARGS
                    + "92"
                    + "9401020304"
                    + "93010203"
                    + KWARGS
                    + "82"
                    + "a16b07"
                    + "a16b"
                    + "9401020304");

    assertThat(reader.read(payload(some, Map.of()), wanted))
        .contains(
            new Arguments(
                Map.of(1, new Value.Sequence(List.of(whole(1), whole(2), whole(3)))), Map.of()));
  }

  /** A record of 2 KB holds such a text; built, it would take three times its length. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "81" + ARGS + "92" + "01" + "dbTEXT", // an argument that nobody wants
        "81" + ARGS + "91" + "dbTEXT", // one that is wanted, and has another length
        "81" + KWARGS + "81" + "dbTEXT" + "01", // a name
        "81" + "dbTEXT" + "01" // beside the arguments
      })
  void aTextThatEqualsNone_isNotBuilt_howeverLongItIs(String pattern) {
    int length = 32 << 20;
    var wanted = new Wanted(Set.of(0), Set.of("k"), 1_000, 100);
    String[] around = pattern.split("TEXT", -1);
    byte[] before = HexFormat.of().parseHex(around[0] + "%08x".formatted(length));
    byte[] after = HexFormat.of().parseHex(around[1]);
    byte[] text = new byte[length];
    Arrays.fill(text, (byte) 'x');
    byte[] sound = compressed(joined(joined(before, text), after));
    text[length - 1] = (byte) 0xc3; // the beginning of a character
    byte[] unsound = compressed(joined(joined(before, text), after));
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    long allocated = threads.getCurrentThreadAllocatedBytes();
    Optional<Arguments> read = reader.read(sound, wanted);
    allocated = threads.getCurrentThreadAllocatedBytes() - allocated;

    assertThat(read).isPresent();
    assertThat(allocated).isLessThan(length / 4);
    assertThat(reader.read(unsound, wanted)).isEmpty();
  }

  @Test
  void charactersOnTheEdgeOfAPiece_areSound() throws IOException {
    var wanted = new Wanted(Set.of(), Set.of(), 1_000, 0);
    for (int before = 4_090; before < 4_100; before++) {
      String text = "x".repeat(before) + "€😀é" + "x".repeat(before);
      byte[] parameters =
          packed(
              packer ->
                  packer.packMapHeader(1).packString("args").packArrayHeader(1).packString(text));

      assertThat(reader.read(payload(parameters, Map.of()), wanted)).isPresent();
    }
  }

  @Test
  @Timeout(60)
  void namesWhoseHashesCollide_costNoMoreThanOthers() throws IOException {
    List<String> names = colliding(100_000);
    var wanted = new Wanted(Set.of(0), Set.of("k"), 1_000, 100);

    byte[] keywords =
        packed(packer -> packNames(packer.packMapHeader(1).packString("kwargs"), names));
    byte[] inAWantedOne =
        packed(
            packer ->
                packNames(packer.packMapHeader(1).packString("args").packArrayHeader(1), names));

    assertThat(reader.read(payload(keywords, Map.of()), wanted)).isPresent();
    assertThat(reader.read(payload(inAWantedOne, Map.of()), wanted))
        .contains(new Arguments(Map.of(), Map.of()));
  }

  /** Texts of the same hash: each of 17 places holds one of two pairs that hash alike. */
  private static List<String> colliding(int count) {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      StringBuilder text = new StringBuilder();
      for (int bit = 0; bit < 17; bit++) {
        text.append((i >> bit & 1) == 0 ? "Aa" : "BB");
      }
      texts.add(text.toString());
    }
    return texts;
  }

  private interface Packing {
    void pack(MessageBufferPacker packer) throws IOException;
  }

  private static byte[] packed(Packing packing) throws IOException {
    try (MessageBufferPacker packer = MessagePack.newDefaultBufferPacker()) {
      packing.pack(packer);
      return packer.toByteArray();
    }
  }

  private static void packNames(MessagePacker packer, List<String> names) throws IOException {
    packer.packMapHeader(names.size());
    for (String name : names) {
      packer.packString(name).packNil();
    }
  }

  @Test
  void compressedArguments_areRead() {
    byte[] parameters = HexFormat.of().parseHex("81" + ARGS + "9105");

    assertThat(read(compressed(parameters))).contains(given(List.of(whole(5)), Map.of()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ZSTD", "plaintext", "", "zstd "})
  void anyOtherCompression_isNone(String header) {
    byte[] parameters = HexFormat.of().parseHex("81" + ARGS + "9105");
    byte[] frame = Zstd.compress(parameters);

    assertThat(read(payload(parameters, Map.of("compression-type", header)))).isPresent();
    assertThat(read(payload(frame, Map.of("compression-type", header)))).isEmpty();
  }

  @Test
  void whatIsNotCompressedThoughItSaysSo_isUnreadable() {
    byte[] parameters = HexFormat.of().parseHex("81" + ARGS + "9105");

    assertThat(read(payload(parameters, Map.of("compression-type", "zstd")))).isEmpty();
  }

  @Test
  void aFrameCutShort_isUnreadable() {
    byte[] random = new byte[4_096];
    new Random(5).nextBytes(random);
    byte[] parameters =
        joined(HexFormat.of().parseHex("81" + ARGS + "9105"), random); // read long before the end
    byte[] frame = Zstd.compress(parameters);

    assertThat(read(payload(frame, ZSTD))).isPresent();
    assertThat(read(payload(Arrays.copyOf(frame, frame.length - 1), ZSTD))).isEmpty();
  }

  @Test
  void moreThan64MebibytesOfOutput_areUnreadable() {
    byte[] arguments = HexFormat.of().parseHex("81" + ARGS + "9105");
    int limit = 64 * 1024 * 1024;

    assertThat(read(compressed(Arrays.copyOf(arguments, limit)))).isPresent();
    assertThat(read(compressed(Arrays.copyOf(arguments, limit + 1)))).isEmpty();
  }

  @Test
  void jsonParameters_areNeverLookedAt() {
    TaskActivation activation =
        TaskActivation.newBuilder()
            .setId("a")
            .setField(
                TaskActivation.getDescriptor()
                    .findFieldByNumber(TaskActivation.PARAMETERS_JSON_FIELD_NUMBER),
                "{\"args\": [5], \"kwargs\": {}}")
            .build();

    assertThat(read(activation.toByteArray())).isEmpty();
  }

  @Test
  void whatIsNoActivation_isUnreadable() {
    assertThat(read("no message".getBytes(StandardCharsets.UTF_8))).isEmpty();
  }

  @Test
  void noBytesMakeItFail() {
    var random = new Random(11);
    for (int i = 0; i < 20_000; i++) {
      byte[] noise = new byte[random.nextInt(40)];
      random.nextBytes(noise);
      byte[] parameters = joined(HexFormat.of().parseHex("81" + ARGS + "94"), noise);

      read(payload(parameters, Map.of()));
      read(payload(noise, ZSTD));
    }
  }

  private static final Map<String, String> ZSTD = Map.of("compression-type", "zstd");

  private Optional<Value> first(String encoded) {
    return read("81" + ARGS + "91" + encoded).map(arguments -> arguments.positional().get(0));
  }

  private Optional<Arguments> read(String parameters) {
    return read(payload(HexFormat.of().parseHex(parameters), Map.of()));
  }

  private Optional<Arguments> read(byte[] payload) {
    return reader.read(payload, ALL);
  }

  private static Arguments given(List<Value> positional, Map<String, Value> named) {
    Map<Integer, Value> byIndex = new HashMap<>();
    for (Value value : positional) {
      byIndex.put(byIndex.size(), value);
    }
    return new Arguments(byIndex, named);
  }

  private static byte[] compressed(byte[] parameters) {
    return payload(Zstd.compress(parameters), ZSTD);
  }

  private static byte[] payload(byte[] parameters, Map<String, String> headers) {
    return TaskActivation.newBuilder()
        .setId("a")
        .putAllHeaders(headers)
        .setParametersBytes(ByteString.copyFrom(parameters))
        .build()
        .toByteArray();
  }

  private static byte[] nothings(int count) throws IOException {
    try (MessageBufferPacker packer = MessagePack.newDefaultBufferPacker()) {
      packer.packMapHeader(1).packString("args").packArrayHeader(count);
      for (int i = 0; i < count; i++) {
        packer.packNil();
      }
      return packer.toByteArray();
    }
  }

  private static byte[] joined(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  private static Value whole(long number) {
    return new Value.Whole(BigInteger.valueOf(number));
  }
}
