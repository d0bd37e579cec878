package io.taskbroker.fuzzing;

import io.taskbroker.settings.RulesReader;
import io.taskbroker.settings.reading.InvalidConfigException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** A file of rules, which operators change while the broker runs. */
final class RulesTarget implements Target {
  static final String NAME = "rules";

  private static final Path FILE = Path.of("rules.yml");

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String about() {
    return "a file of kill switches and demotions: in force as a whole, or refused with a reason";
  }

  @Override
  public List<byte[]> seeds() {
    return List.of(
        bytes(
            """
            drop_task_killswitch:
              - shop.receipt
              - name: shop.mail
                select_arg: {0: 1, 1: "a"}
                select_kwarg: &k {b: [true, null, 1.5e3], c: {d: 0x1F}}
              - {name: "x", select_kwarg: *k}
            demoted_namespaces: [orders, 'bulk']
            demoted_topic: long
            demoted_topic_cluster: "kafka:9092,[::1]:9"
            """),
        bytes("drop_task_killswitch: []\ndemoted_namespaces:\n"),
        bytes("<<: {drop_task_killswitch: [~]}\ndemoted_namespaces: null\n"));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void give(byte[] input) {
    try {
      var rules = RulesReader.read(FILE, ByteBuffer.wrap(input));
      Finding.unless(
          rules.equals(RulesReader.read(FILE, ByteBuffer.wrap(input))),
          "the same file has other rules when it is read again");
    } catch (InvalidConfigException e) {
      Finding.unless(!e.problems().isEmpty(), "refused without a problem");
      e.problems().forEach(problem -> Finding.unlessWords(problem, "a problem"));
    }
  }
}
