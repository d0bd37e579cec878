package io.taskbroker.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.taskbroker.application.rules.RulesOrigin;
import io.taskbroker.domain.rules.Demotion;
import io.taskbroker.domain.rules.Rules;
import io.taskbroker.testkit.SettableTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class RulesFileTest {
  private static final String GOOD = "drop_task_killswitch: [%s]\ndemoted_namespaces: []\n";

  @TempDir private Path folder;
  private Path path;
  private final Logger logger = (Logger) LoggerFactory.getLogger("taskbroker::runtime_config");
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

  @BeforeEach
  void listen() {
    path = folder.resolve("rules.yml");
    lines.start();
    logger.addAppender(lines);
    logger.setLevel(Level.INFO);
  }

  @AfterEach
  void stopListening() {
    logger.detachAppender(lines);
  }

  @Test
  void theLineAboutDemotionNamesItsTarget() {
    Set<String> some = Set.of("slow");

    assertThat(RulesFile.target(new Demotion(some, null, null))).isEqualTo("kafka_long_topic");
    assertThat(RulesFile.target(new Demotion(some, "t", null))).isEqualTo("topic 't'");
    assertThat(RulesFile.target(new Demotion(some, "t", "k:1")))
        .isEqualTo("topic 't' of cluster k:1");
  }

  @Test
  void rules_areThereFromTheStart() throws IOException {
    write("a");

    assertThat(tasksDroppedBy(open())).containsExactly("a");
    assertThat(lines.list).extracting(ILoggingEvent::getLevel).containsExactly(Level.INFO);
  }

  @Test
  void change_countsOnceItIsSeenTwice() throws IOException {
    write("a");
    RulesFile rules = open();
    write("b");

    rules.turn();
    assertThat(tasksDroppedBy(rules)).containsExactly("a");
    rules.turn();
    assertThat(tasksDroppedBy(rules)).containsExactly("b");
  }

  @Test
  void origin_tellsSinceWhenTheRulesAreInForce_andWhyTheNewOnesAreNot() throws IOException {
    write("a");
    SettableTime time = new SettableTime();
    RulesFile rules = RulesFile.open(path, time);
    long first = time.now().wallMs();
    assertThat(rules.origin()).isEqualTo(new RulesOrigin(path.toString(), first, null));

    time.advance(Duration.ofMinutes(1));
    Files.writeString(path, "drop_task_killswitch: 7");
    rules.turn();
    rules.turn();
    assertThat(rules.origin().sinceMs()).isEqualTo(first);
    assertThat(rules.origin().trouble()).contains("drop_task_killswitch");

    write("a");
    rules.turn();
    rules.turn();
    assertThat(rules.origin()).isEqualTo(new RulesOrigin(path.toString(), first, null));
    write("b");
    rules.turn();
    rules.turn();
    assertThat(rules.origin().sinceMs()).isEqualTo(first + 60_000);
  }

  @Test
  void fileWithoutEnd_isRefusedBeforeItFillsTheMemory() {
    RulesFile rules = RulesFile.open(Path.of("/dev/zero"), new SettableTime());

    assertThat(rules.current()).isEqualTo(Rules.NONE);
    assertThat(lines.list)
        .singleElement()
        .extracting(ILoggingEvent::getFormattedMessage)
        .asString()
        .contains("/dev/zero: it is larger than");
  }

  @Test
  void halfAFile_isNeverSeen() throws IOException {
    write("a, b");
    RulesFile rules = open();
    Files.writeString(path, "drop_task_killswitch: [a]\ndemoted_namespaces:");
    rules.turn();
    write("a, b, c");
    rules.turn();
    rules.turn();

    assertThat(tasksDroppedBy(rules)).containsExactlyInAnyOrder("a", "b", "c");
    assertThat(lines.list).hasSize(2);
  }

  @Test
  void unchangedFile_keepsTheSameObject_andSaysNothing() throws IOException {
    write("a");
    RulesFile rules = open();
    Rules before = rules.current();

    Files.writeString(path, Files.readString(path) + "# nothing new\n");
    turns(rules);

    assertThat(rules.current()).isSameAs(before);
    assertThat(lines.list).hasSize(1);
  }

  @Test
  void invalidFile_leavesTheRules_andSaysSoOnce() throws IOException {
    write("a");
    RulesFile rules = open();
    Files.writeString(path, "drop_task_killswitch: [1]\ndemoted_namespaces: []\n");

    turns(rules);

    assertThat(tasksDroppedBy(rules)).containsExactly("a");
    assertThat(lines.list.stream().filter(line -> line.getLevel() == Level.ERROR))
        .singleElement()
        .extracting(ILoggingEvent::getFormattedMessage)
        .asString()
        .contains("rules.yml:1: drop_task_killswitch");

    write("a");
    turns(rules);
    assertThat(lines.list.getLast().getLevel()).isEqualTo(Level.INFO);
  }

  @Test
  void deletedFile_leavesTheRules() throws IOException {
    write("a");
    RulesFile rules = open();
    Files.delete(path);

    turns(rules);

    assertThat(tasksDroppedBy(rules)).containsExactly("a");
    assertThat(lines.list.getLast().getFormattedMessage()).contains("there is no such file");
  }

  @Test
  void fileThatComesLater_isTaken() throws IOException {
    RulesFile rules = open();
    assertThat(rules.current()).isEqualTo(Rules.NONE);
    write("a");

    turns(rules);

    assertThat(tasksDroppedBy(rules)).containsExactly("a");
  }

  @Test
  void folderThatIsSwappedByALink_isFollowed() throws IOException {
    Path first = Files.createDirectory(folder.resolve("first"));
    Path second = Files.createDirectory(folder.resolve("second"));
    Files.writeString(first.resolve("rules.yml"), GOOD.formatted("a"));
    Files.writeString(second.resolve("rules.yml"), GOOD.formatted("b"));
    Path data = Files.createSymbolicLink(folder.resolve("data"), first);
    Files.createSymbolicLink(path, Path.of("data/rules.yml"));
    RulesFile rules = open();

    Path next = Files.createSymbolicLink(folder.resolve("data_tmp"), second);
    Files.move(next, data, StandardCopyOption.ATOMIC_MOVE);
    turns(rules);

    assertThat(tasksDroppedBy(rules)).containsExactly("b");
  }

  private RulesFile open() {
    return RulesFile.open(path, new SettableTime());
  }

  private void write(String tasknames) throws IOException {
    Files.writeString(path, GOOD.formatted(tasknames));
  }

  private static void turns(RulesFile rules) {
    for (int i = 0; i < 4; i++) {
      rules.turn();
    }
  }

  private static Set<String> tasksDroppedBy(RulesFile rules) {
    return rules.current().killSwitch().tasknames();
  }
}
