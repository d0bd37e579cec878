package io.taskbroker.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The script at the top, and what the documents say of it. */
class LauncherTest {
  private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();
  private static final Pattern COMMAND = Pattern.compile("(?m)^(?:\\S*/)?taskbroker +([a-z]\\S*)");
  private static final Pattern BRANCH = Pattern.compile("(?m)^  ([a-z]+)\\)");

  /** Commands of the broker itself, which the script hands on. */
  private static final Set<String> OF_THE_BROKER =
      Set.of("check-config", "backup", "export", "parked", "salvage");

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"", "help", "--help", "-h"})
  void withoutACommandItPrintsAll_andStartsNothing(String word) throws Exception {
    String printed = run(word.isEmpty() ? List.of() : List.of(word));

    assertThat(printed).startsWith("Usage: ./taskbroker COMMAND");
    assertThat(commands())
        .isNotEmpty()
        .allSatisfy(name -> assertThat(printed).contains("\n  " + name + " "));
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void aWordThatIsNoCommand_isRefusedAtOnce_andStartsNothing() throws Exception {
    assertThat(runThatEndsWith(1, List.of("nonsense")))
        .isEqualTo("taskbroker: there is no command 'nonsense'; './taskbroker help' lists all.\n");
    assertThat(folder).isEmptyDirectory();
  }

  @ParameterizedTest
  @CsvSource({"statsu, status", "simluate, simulate", "quees, queues", "run-nwo, run-now"})
  void aWordThatIsNearlyACommand_isAnsweredWithIt(String typed, String meant) throws Exception {
    assertThat(runThatEndsWith(1, List.of(typed)))
        .contains("there is no command '" + typed + "'", "Did you mean '" + meant + "'?");
  }

  @Test
  void eachCommandOfTheDocumentsExists() throws IOException {
    Set<String> known = new TreeSet<>(commands());
    known.addAll(OF_THE_BROKER);
    known.add("help");
    for (String document :
        List.of("README.md", "CONTRIBUTING.md", "docs/embedding.md", "docs/deployment.md")) {
      for (String block : blocks(Files.readString(ROOT.resolve(document)))) {
        assertThat(COMMAND.matcher(block).results().map(found -> found.group(1)))
            .as(document)
            .isSubsetOf(known);
      }
    }
  }

  /** Where a command of CONTRIBUTING is played, if that is not a line of {@code .ci/run}. */
  private static final Map<String, String> PLAYED_ELSEWHERE =
      Map.of(
          "./taskbroker", "withoutACommandItPrintsAll_andStartsNothing",
          "./taskbroker dev", "DevTest, and with a number of tasks in .ci/run",
          "./taskbroker structure", "structurePrintsTheModulesAndTheLongestFiles",
          "./taskbroker bench store --quick", "StoreComparisonTest, with less patience",
          "./taskbroker prove fetch", "prove --short in .ci/run, which plays it, too");

  @Test
  void eachCommandForContributorsIsPlayed() throws IOException {
    List<String> played = Files.readAllLines(ROOT.resolve(".ci/run"));
    List<String> commands =
        blocks(Files.readString(ROOT.resolve("CONTRIBUTING.md"))).stream()
            .flatMap(String::lines)
            .map(line -> line.replaceFirst(" +#.*", ""))
            .toList();

    assertThat(commands).isNotEmpty().allMatch(command -> command.startsWith("./taskbroker"));
    assertThat(commands)
        .filteredOn(command -> !PLAYED_ELSEWHERE.containsKey(command))
        .as("commands that nothing plays")
        .isSubsetOf(played);
    assertThat(PLAYED_ELSEWHERE.keySet()).isSubsetOf(commands);
  }

  @Test
  void structurePrintsTheModulesAndTheLongestFiles() throws Exception {
    assertThat(run(List.of("structure")))
        .contains("inflight-store", "graph TD", "Longest files", "Longest methods");
  }

  /** Each loop of CONTRIBUTING names modules and tests that there are. */
  @Test
  void eachLoopForContributorsChoosesSomething() throws IOException {
    List<String> loops =
        blocks(Files.readString(ROOT.resolve("CONTRIBUTING.md"))).stream()
            .flatMap(String::lines)
            .filter(line -> line.startsWith("./taskbroker test -"))
            .map(line -> line.replaceFirst(" +#.*", ""))
            .toList();

    assertThat(loops).isNotEmpty().allSatisfy(LauncherTest::choosesSomething);
  }

  private static void choosesSomething(String loop) throws IOException {
    List<String> words = Arrays.asList(loop.split(" +", -1));
    List<Path> modules = new ArrayList<>();
    for (String module : words.get(words.indexOf("-pl") + 1).split(",", -1)) {
      modules.add(ROOT.resolve(module));
      assertThat(ROOT.resolve(module).resolve("pom.xml")).exists();
    }
    for (String word : words) {
      if (word.startsWith("-Dtest=")) {
        String test = word.substring("-Dtest=".length()) + ".java";
        assertThat(modules).as(test).anyMatch(module -> holds(module, test));
      }
    }
  }

  private static boolean holds(Path module, String test) {
    try (Stream<Path> files = Files.walk(module.resolve("src/test"))) {
      return files.anyMatch(file -> file.getFileName().toString().equals(test));
    } catch (IOException e) {
      throw new IllegalStateException("cannot look into " + module, e);
    }
  }

  /** The words that the script itself answers. */
  private static Set<String> commands() throws IOException {
    String script = Files.readString(ROOT.resolve("taskbroker"));
    return BRANCH
        .matcher(script.substring(script.lastIndexOf("case $1 in")))
        .results()
        .map(found -> found.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static List<String> blocks(String document) {
    return Pattern.compile("```[a-z]*\\n(.*?)```", Pattern.DOTALL)
        .matcher(document)
        .results()
        .map((MatchResult found) -> found.group(1))
        .toList();
  }

  /** Where there is neither Maven nor a folder to write to but the empty one. */
  private String run(List<String> words) throws Exception {
    return runThatEndsWith(0, words);
  }

  private String runThatEndsWith(int code, List<String> words) throws Exception {
    List<String> command = new ArrayList<>(List.of(ROOT.resolve("taskbroker").toString()));
    command.addAll(words);
    var builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().put("PATH", "/usr/bin:/bin");
    builder.environment().put("HOME", folder.toString());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    Process process = builder.start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(printed).isEqualTo(code);
    return printed;
  }
}
