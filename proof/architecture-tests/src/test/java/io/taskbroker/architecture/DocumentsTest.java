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
  private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();
  private static final Pattern LINK = Pattern.compile("\\]\\((?!https?:|mailto:|#)([^)#\\s]+)");

  /** A row of a table: number, step, classes, threads. */
  private static final Pattern STEP =
      Pattern.compile("(?m)^\\| \\d+ \\| [^|]+ \\| ([^|]+) \\| ([^|]+) \\|$");

  private static final Pattern CLASS_LINK = Pattern.compile("\\[(\\w+)\\]\\(([^)]+)\\)");
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");

  private static final Pattern COMMANDS = Pattern.compile("(?s)```\\n(.*?)```");
  private static final Pattern PROJECT_COMMAND =
      Pattern.compile("(?m)^cd (\\S+) && \\.\\./\\.\\./taskbroker mvn (\\S+)");

  @Test
  void theModuleGraphIsTheOneInThePoms() throws Exception {
    assertThat(Files.readString(ROOT.resolve("ARCHITECTURE.md")))
        .as("ARCHITECTURE.md; ./taskbroker structure prints the graph to paste")
        .contains(Structure.mermaid(Structure.modules(ROOT)));
  }

  /** Its links are checked with all others; here that each is called as its class is. */
  @Test
  void theWayOfATask_namesClassesAndThreadsThatThereAre() throws IOException {
    String architecture = Files.readString(ROOT.resolve("ARCHITECTURE.md"));
    String threads = section(architecture, "Threads and their owners");
    List<String> wrong = new ArrayList<>();
    int steps = 0;
    Matcher rows = STEP.matcher(section(architecture, "The way of one task"));
    while (rows.find()) {
      steps++;
      Matcher classes = CLASS_LINK.matcher(rows.group(1));
      while (classes.find()) {
        if (!classes.group(2).endsWith("/" + classes.group(1) + ".java")) {
          wrong.add(classes.group());
        }
      }
      for (String thread : all(CODE, rows.group(2))) {
        if (!threads.contains("`" + thread + "`")) {
          wrong.add("no thread " + thread);
        }
      }
    }

    assertThat(wrong).isEmpty();
    assertThat(steps).isGreaterThan(20);
  }

  private static String section(String document, String title) {
    int from = document.indexOf("\n## " + title + "\n");
    assertThat(from).as(title).isNotNegative();
    return document.substring(from + 1, document.indexOf("\n## ", from + 1));
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

  /**
   * The commands for newcomers are those that the build plays. It installs the artifacts into a
   * repository of its own, and runs each project with the goals that are found here.
   */
  @Test
  void theCommandsOfEmbedding_areThoseThatTheBuildPlays() throws IOException {
    String examples = Files.readString(ROOT.resolve("examples/pom.xml"));
    List<String> goals = all(Pattern.compile("<goals>\\s*<goal>(verify)</goal>"), examples);
    String commands = all(COMMANDS, Files.readString(ROOT.resolve("docs/embedding.md"))).getFirst();
    List<String> projects = new ArrayList<>();
    Path folder = ROOT;
    Matcher steps = PROJECT_COMMAND.matcher(commands);
    while (steps.find()) {
      folder = folder.resolve(steps.group(1)).normalize();
      projects.add(ROOT.relativize(folder).toString());
      assertThat(folder.resolve("pom.xml")).exists();
      assertThat(goals).contains(steps.group(2));
    }

    try (Stream<Path> folders = Files.list(ROOT.resolve("examples"))) {
      assertThat(projects)
          .containsExactlyInAnyOrderElementsOf(
              folders
                  .filter(project -> Files.exists(project.resolve("pom.xml")))
                  .map(project -> ROOT.relativize(project).toString())
                  .toList());
    }
    assertThat(examples).contains("<pomInclude>*/pom.xml</pomInclude>");
    assertThat(commands).startsWith("./taskbroker mvn -Dquick install ");
    assertThat(Files.readString(ROOT.resolve("pom.xml"))).contains("<name>quick</name>");
  }

  private static List<String> all(Pattern pattern, String text) {
    return pattern.matcher(text).results().map(found -> found.group(1)).toList();
  }

  /** Those beside the modules and in {@code docs}. */
  private static List<Path> documents() throws IOException {
    try (Stream<Path> top = Files.list(ROOT);
        Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
      return Stream.concat(top, docs).filter(file -> file.toString().endsWith(".md")).toList();
    }
  }
}
