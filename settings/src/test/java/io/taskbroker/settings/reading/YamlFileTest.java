package io.taskbroker.settings.reading;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class YamlFileTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      textBlock =
          """
          yes        | Text
          no         | Text
          on         | Text
          y          | Text
          010        | Text
          -010       | Text
          1_000      | Text
          12:30:45   | Text
          2026-01-01 | Text
          "5"        | Text
          '5'        | Text
          !!str 5    | Text
          1.2.3      | Text
          true       | Flag
          True       | Flag
          TRUE       | Flag
          false      | Flag
          ~          | Null
          null       | Null
          Null       | Null
          NULL       | Null
          0          | Whole
          -5         | Whole
          +5         | Whole
          0x1F       | Whole
          0o17       | Whole
          0b101      | Whole
          1.5        | Fraction
          .5         | Fraction
          1e3        | Fraction
          .inf       | Fraction
          [a]        | Sequence
          {a: b}     | Mapping
          """)
  void plainScalarsFollowTheCoreSchema(String written, String kind) {
    Node node = requireNonNull(Nodes.ofYaml("key: " + written).find("key"));

    assertThat(node.getClass().getSimpleName()).isEqualTo(kind);
  }

  @Test
  void numbersWithPrefixesMeanWhatTheySay() {
    assertThat(Nodes.plain(Nodes.ofYaml("{a: 0x1F, b: 0o17, c: 0b101, d: -0x10}")))
        .isEqualTo(Map.of("a", 31L, "b", 15L, "c", 5L, "d", -16L));
  }

  @Test
  void emptyValuesAndEmptyFilesAreNothing() {
    assertThat(Nodes.ofYaml("key:\n").find("key")).isInstanceOf(Node.Null.class);
    assertThat(Nodes.ofYaml("").entries()).isEmpty();
    assertThat(Nodes.ofYaml("# only a comment\n").entries()).isEmpty();
    assertThat(Nodes.ofYaml("---\n").entries()).isEmpty();
  }

  @Test
  void anchorsAreResolved() {
    Node node = Nodes.ofYaml("a: &x {k: 1}\nb: *x\n").find("b.k");

    assertThat(node).isInstanceOf(Node.Whole.class);
  }

  @Test
  void aValueKnowsItsLine() throws IOException {
    Path file = Files.writeString(folder.resolve("c.yml"), "a: 1\nb:\n  c:\n    d: 2\n");
    Node node = requireNonNull(YamlFile.read(file).find("b.c"));

    assertThat(node.origin().describe()).isEqualTo("c.yml:3");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      textBlock =
          """
          a: [1              | is not YAML
          a: b: c            | is not YAML
          - a                | is a list where settings
          just text          | is a text where settings
          {a: 1, a: 2}       | the key 'a' is there twice
          {[a]: 1}           | a key must be a plain text
          a: &x {b: *x}      | contains itself
          a: *nowhere        | is not YAML
          a: !x%20 y         | is not YAML
          """)
  void whatCannotBeReadIsSaidWithItsPlace(String text, String reason) throws IOException {
    Path file = Files.writeString(folder.resolve("c.yml"), text);

    assertThatThrownBy(() -> YamlFile.read(file))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("c.yml")
        .hasMessageContaining(reason);
  }

  @Test
  void bytesThatAreNoTextAreRefused() throws IOException {
    Path file = Files.write(folder.resolve("c.yml"), new byte[] {'a', ':', ' ', (byte) 0xff});

    assertThatThrownBy(() -> YamlFile.read(file)).hasMessageContaining("is not UTF-8 text");
  }

  @Test
  void aliasesOfAliasesDoNotFillTheMemory() throws IOException {
    StringBuilder text = new StringBuilder("l0: &l0 [" + "x,".repeat(100_000 / 2) + "x]\n");
    for (int level = 1; level <= 8; level++) {
      text.append("l%1$d: &l%1$d [*l%2$d, *l%2$d, *l%2$d]\n".formatted(level, level - 1));
    }
    Path file = Files.writeString(folder.resolve("c.yml"), text);

    assertThatThrownBy(() -> YamlFile.read(file))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("c.yml:1: there are more than 100000 values");
  }

  @Test
  void aliasesBeyondAllUseAreRefused() throws IOException {
    String text = "a: &a [x]\nb: [" + "*a,".repeat(30) + "]\n";
    Path file = Files.writeString(folder.resolve("c.yml"), text);

    assertThatThrownBy(() -> YamlFile.read(file)).hasMessageContaining("c.yml: is not YAML");
  }

  @Test
  void nestingWithoutEndIsRefused() throws IOException {
    Path file = Files.writeString(folder.resolve("c.yml"), "a: " + "[".repeat(100_000));

    assertThatThrownBy(() -> YamlFile.read(file))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("c.yml");
  }

  @Test
  void aFileWithoutEndIsRefused() {
    assertThatThrownBy(() -> YamlFile.read(Path.of("/dev/zero")))
        .hasMessageContaining("/dev/zero: is larger than");
  }

  @Test
  void aFolderIsRefused() {
    assertThatThrownBy(() -> YamlFile.read(folder)).hasMessageContaining("cannot be read");
  }

  @Test
  void aRelativePathIsLookedForInTheFoldersAbove() throws IOException {
    Path file = Files.writeString(folder.resolve("c.yml"), "");
    Path below = Files.createDirectories(folder.resolve("x/y"));

    assertThat(YamlFile.find(Path.of("c.yml"), below)).isEqualTo(file);
  }

  @Test
  void theNearestOneIsUsed() throws IOException {
    Files.writeString(folder.resolve("c.yml"), "");
    Path below = Files.createDirectories(folder.resolve("x"));
    Path nearest = Files.writeString(below.resolve("c.yml"), "");

    assertThat(YamlFile.find(Path.of("c.yml"), below)).isEqualTo(nearest);
  }

  @Test
  void aMissingFileIsAnError() {
    assertThatThrownBy(() -> YamlFile.find(Path.of("missing.yml"), folder))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("missing.yml: no such file in " + folder);
  }
}
