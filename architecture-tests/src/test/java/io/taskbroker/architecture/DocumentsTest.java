package io.taskbroker.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the documents say of the code is true. */
class DocumentsTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern LINK = Pattern.compile("\\]\\((?!https?:|mailto:|#)([^)#\\s]+)");

  @Test
  void theModuleGraphIsTheOneInThePoms() throws Exception {
    assertThat(Files.readString(ROOT.resolve("ARCHITECTURE.md")))
        .as("ARCHITECTURE.md; ./taskbroker structure prints the graph to paste")
        .contains(Structure.mermaid(Structure.modules(ROOT)));
  }

  @Test
  void everyLinkLeadsToAFile() throws IOException {
    List<String> broken = new ArrayList<>();
    for (Path document : documents()) {
      Matcher links = LINK.matcher(Files.readString(document));
      while (links.find()) {
        if (Files.notExists(document.resolveSibling(links.group(1)))) {
          broken.add(ROOT.relativize(document) + " -> " + links.group(1));
        }
      }
    }

    assertThat(broken).isEmpty();
  }

  @Test
  void everyDecisionIsListed() throws IOException {
    String list = Files.readString(ROOT.resolve("docs/adr/README.md"));
    try (Stream<Path> records = Files.list(ROOT.resolve("docs/adr"))) {
      assertThat(records.map(record -> record.getFileName().toString()))
          .filteredOn(name -> Character.isDigit(name.charAt(0)))
          .allMatch(name -> list.contains("(" + name + ")"));
    }
  }

  /** Those beside the modules and in {@code docs}. */
  private static List<Path> documents() throws IOException {
    try (Stream<Path> top = Files.list(ROOT);
        Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
      return Stream.concat(top, docs).filter(file -> file.toString().endsWith(".md")).toList();
    }
  }
}
